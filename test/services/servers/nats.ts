// NATS with JetStream: Debian's, or the newer one that Go's module proxy has.

import { makeCertificates } from './authority.ts'
import { ask } from './http.ts'
import { launch, serverFolder } from './launch.ts'
import { natsRequest } from './nats-request.ts'
import { freePorts, missingPrograms } from './programs.ts'
import { type Lifetime, LOOPBACK, type Server, type Skipped, serverOf } from './server.ts'

export interface NatsOptions {
  /** TLS, and a user with a password. */
  readonly tls?: boolean
  /** Another nats-server than Debian's. */
  readonly program?: string
}

const CREDENTIALS = { user: 'netally', password: 'netally-test' }

/** `query` takes `SUBJECT BODY`, sends it as a request and gives the answer: `$JS.API.STREAM.INFO.flows`. */
export async function startNats(
  lifetime: Lifetime,
  { tls = false, program = 'nats-server' }: NatsOptions = {},
): Promise<Server | Skipped> {
  const missing = missingPrograms('nats-server', program)
  if (missing) return missing
  const folder = serverFolder(lifetime, 'nats')
  const certificates = tls ? makeCertificates(folder) : undefined
  const credentials = tls ? CREDENTIALS : undefined
  const [port = 0, monitor = 0] = await freePorts(2)
  const secure = certificates ? ['--tls', '--tlscert', certificates.certificate, '--tlskey', certificates.key] : []
  const users = credentials ? ['--user', credentials.user, '--pass', credentials.password] : []
  const target = { port, address: LOOPBACK, credentials, certificates }
  const query = (statement: string) => {
    const [subject = '', ...body] = statement.split(' ')
    return natsRequest(target, subject, body.join(' '))
  }
  const running = await launch({
    folder,
    words: [
      ...[program, '--addr', LOOPBACK, '--port', String(port), '--http_port', String(monitor)],
      ...['--jetstream', '--store_dir', folder.path, ...secure, ...users],
    ],
    asks: () => query('$JS.API.INFO'),
  })
  const { version } = JSON.parse(await ask(`http://${LOOPBACK}:${monitor}/varz`)) as { version: string }
  return serverOf(running, {
    ...{ version, port, ports: { monitor }, url: `${tls ? 'tls' : 'nats'}://${LOOPBACK}:${port}`, certificates, query },
    ...(credentials && { credentials }),
  })
}
