// RabbitMQ of Debian with its management interface and stream plugin, and an Erlang port mapper of its own.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeCertificates } from './authority.ts'
import { ask, askJson } from './http.ts'
import { launch, serverFolder, userNamed } from './launch.ts'
import { freePorts, missingPrograms } from './programs.ts'
import { type Certificates, type Lifetime, LOOPBACK, type Server, type Skipped, serverOf } from './server.ts'

export interface RabbitmqOptions {
  /** A listener with TLS instead of the plain one. */
  readonly tls?: boolean
}

const PROGRAM = '/usr/lib/rabbitmq/bin/rabbitmq-server'
const CREDENTIALS = { user: 'netally', password: 'netally-test' }

interface Ports {
  readonly amqp: number
  readonly management: number
  readonly stream: number
  readonly distribution: number
  readonly mapper: number
}

const configuration = ({ amqp, management, stream }: Ports, certificates: Certificates | undefined) => `
${
  certificates
    ? `listeners.tcp = none
listeners.ssl.1 = ${LOOPBACK}:${amqp}
ssl_options.cacertfile = ${certificates.ca}
ssl_options.certfile = ${certificates.certificate}
ssl_options.keyfile = ${certificates.key}
ssl_options.verify = verify_none
ssl_options.fail_if_no_peer_cert = false`
    : `listeners.tcp.1 = ${LOOPBACK}:${amqp}`
}
management.tcp.ip = ${LOOPBACK}
management.tcp.port = ${management}
stream.listeners.tcp.1 = ${LOOPBACK}:${stream}
default_user = ${CREDENTIALS.user}
default_pass = ${CREDENTIALS.password}
vm_memory_high_watermark.absolute = 512MB
disk_free_limit.absolute = 50MB
log.console = true
log.console.level = info
log.file = false
`

function environment(folder: string, ports: Ports): { [name: string]: string } {
  return {
    RABBITMQ_NODENAME: `netally${ports.amqp}@localhost`,
    RABBITMQ_MNESIA_BASE: join(folder, 'mnesia'),
    RABBITMQ_LOG_BASE: join(folder, 'log'),
    RABBITMQ_CONFIG_FILE: join(folder, 'rabbitmq.conf'),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, 'enabled_plugins'),
    RABBITMQ_CONF_ENV_FILE: join(folder, 'environment'),
    RABBITMQ_PID_FILE: join(folder, 'pid'),
    RABBITMQ_DIST_PORT: String(ports.distribution),
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: `-kernel inet_dist_use_interface {127,0,0,1} +S 2:2`,
    ERL_EPMD_PORT: String(ports.mapper),
    ERL_EPMD_ADDRESS: LOOPBACK,
  }
}

/** `query` takes `[METHOD] PATH [JSON]` of the management interface's /api/: `queues`, `POST queues/%2F/flows/get {...}`. */
export async function startRabbitmq(
  lifetime: Lifetime,
  { tls = false }: RabbitmqOptions = {},
): Promise<Server | Skipped> {
  const missing = missingPrograms('rabbitmq-server', PROGRAM, 'epmd')
  if (missing) return missing
  const folder = serverFolder(lifetime, 'rabbitmq', userNamed('rabbitmq'))
  const certificates = tls ? makeCertificates(folder) : undefined
  const [amqp = 0, management = 0, stream = 0, distribution = 0, mapper = 0] = await freePorts(5)
  const ports = { amqp, management, stream, distribution, mapper }
  writeFileSync(join(folder.path, 'rabbitmq.conf'), configuration(ports, certificates))
  writeFileSync(join(folder.path, 'enabled_plugins'), '[rabbitmq_management,rabbitmq_stream].\n')
  writeFileSync(join(folder.path, 'environment'), '')
  const api = `http://${LOOPBACK}:${management}/api`
  const query = (statement: string) => {
    const [, method = 'GET', path = '', body] = /^(?:([A-Z]+) )?(\S+)(?: (.*))?$/s.exec(statement) ?? []
    const asked = { method, credentials: CREDENTIALS }
    return body ? askJson(`${api}/${path}`, JSON.parse(body), asked) : ask(`${api}/${path}`, asked)
  }
  const running = await launch({
    folder,
    // The port mapper is started here: one that the server starts leaves the process group.
    words: ['sh', '-c', `epmd -address ${LOOPBACK} -port ${mapper} & exec ${PROGRAM}`],
    environment: environment(folder.path, ports),
    asks: () => query('health/checks/port-listener/' + amqp),
  })
  const { rabbitmq_version: version } = JSON.parse(await query('overview')) as { rabbitmq_version: string }
  const { user, password } = CREDENTIALS
  const url = `${tls ? 'amqps' : 'amqp'}://${user}:${password}@${LOOPBACK}:${amqp}`
  return serverOf(running, { version, port: amqp, ports, url, credentials: CREDENTIALS, certificates, query })
}
