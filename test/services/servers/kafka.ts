// Kafka in KRaft mode: one process that is broker and controller.
import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeCertificates } from './authority.ts'
import { javaServer, smallJvm } from './java.ts'
import { launch, type ServerFolder, serverFolder } from './launch.ts'
import { freePorts, missingPrograms, run } from './programs.ts'
import { type Certificates, type Lifetime, LOOPBACK, type Server, type Skipped, serverOf } from './server.ts'

export interface KafkaOptions {
  /** A second listener, `ports.secure`: TLS with SASL PLAIN, SCRAM-SHA-256 and SCRAM-SHA-512. */
  readonly tls?: boolean
}

const KAFKA = { name: 'org.apache.kafka:kafka_2.13:4.4.0' }
const LOGGER = { name: 'org.apache.logging.log4j:log4j-slf4j-impl:2.25.5' }
const CREDENTIALS = { user: 'netally', password: 'netally-test' }
const { user, password } = CREDENTIALS
const HEAP_MEGABYTES = 384
const CLUSTER_ID_OCTETS = 16

const LOGGING = `status=error
appender.console.type=Console
appender.console.name=console
appender.console.layout.type=PatternLayout
appender.console.layout.pattern=%d %p %c{1} %m%n
rootLogger.level=warn
rootLogger.appenderRef.console.ref=console
`

interface Ports {
  readonly plain: number
  readonly controller: number
  readonly secure: number
}

function secureSettings({ path }: ServerFolder, { certificate, key, ca }: Certificates): string[] {
  const chain = join(path, 'chain.pem')
  writeFileSync(chain, readFileSync(key, 'utf8') + readFileSync(certificate, 'utf8'))
  const login = 'org.apache.kafka.common.security'
  return [
    ...['ssl.keystore.type=PEM', `ssl.keystore.location=${chain}`],
    ...['ssl.truststore.type=PEM', `ssl.truststore.location=${ca}`, 'ssl.client.auth=none'],
    'sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
    `listener.name.secure.plain.sasl.jaas.config=${login}.plain.PlainLoginModule required user_${user}="${password}";`,
    ...['256', '512'].map(
      bits => `listener.name.secure.scram-sha-${bits}.sasl.jaas.config=${login}.scram.ScramLoginModule required;`,
    ),
  ]
}

function settings(folder: ServerFolder, ports: Ports, certificates: Certificates | undefined): string[] {
  const listeners = [
    `PLAIN://${LOOPBACK}:${ports.plain}`,
    ...(certificates ? [`SECURE://${LOOPBACK}:${ports.secure}`] : []),
  ]
  const controller = `CONTROLLER://${LOOPBACK}:${ports.controller}`
  return [
    ...['process.roles=broker,controller', 'node.id=1', `log.dirs=${join(folder.path, 'data')}`],
    `listeners=${[...listeners, controller].join(',')}`,
    `advertised.listeners=${listeners.join(',')}`,
    'listener.security.protocol.map=PLAIN:PLAINTEXT,SECURE:SASL_SSL,CONTROLLER:PLAINTEXT',
    ...['controller.listener.names=CONTROLLER', 'inter.broker.listener.name=PLAIN'],
    `controller.quorum.bootstrap.servers=${LOOPBACK}:${ports.controller}`,
    ...['offsets.topic.replication.factor=1', 'offsets.topic.num.partitions=3'],
    ...['transaction.state.log.replication.factor=1', 'transaction.state.log.min.isr=1'],
    ...['transaction.state.log.num.partitions=3', 'share.coordinator.state.topic.replication.factor=1'],
    ...['share.coordinator.state.topic.min.isr=1', 'group.initial.rebalance.delay.ms=0', 'num.partitions=1'],
    ...['auto.create.topics.enable=true', 'log.cleaner.dedupe.buffer.size=16777216', 'log.cleaner.threads=1'],
    ...(certificates ? secureSettings(folder, certificates) : []),
  ]
}

/**
 * Words that make kcat a client of the secure listener. Not by SCRAM: the librdkafka 2.0.2 of Debian is refused, where
 * Kafka's own client is taken.
 */
export function secureClient({ ca }: Certificates): string[] {
  const login = ['sasl.mechanism=PLAIN', `sasl.username=${user}`, `sasl.password=${password}`]
  return ['security.protocol=sasl_ssl', `ssl.ca.location=${ca}`, ...login].flatMap(setting => ['-X', setting])
}

/** `query` takes `TOPIC [FORMAT]`, FORMAT as kcat has it (`%p %o %k %s\n`), and gives all messages, read by kcat. */
export async function startKafka(lifetime: Lifetime, { tls = false }: KafkaOptions = {}): Promise<Server | Skipped> {
  const found = missingPrograms('kcat', 'kcat') ?? (await javaServer(KAFKA, LOGGER))
  if ('skipped' in found) return found
  const folder = serverFolder(lifetime, 'kafka')
  const certificates = tls ? makeCertificates(folder) : undefined
  const [plain = 0, controller = 0, secure = 0] = await freePorts(3)
  const file = join(folder.path, 'server.properties')
  writeFileSync(file, settings(folder, { plain, controller, secure }, certificates).join('\n') + '\n')
  const logging = join(folder.path, 'log4j2.properties')
  writeFileSync(logging, LOGGING)
  const log = `-Dlog4j2.configurationFile=${logging}`
  const java = [found.java, ...smallJvm(HEAP_MEGABYTES), log, '-cp', found.files.join(':')]
  const cluster = randomBytes(CLUSTER_ID_OCTETS).toString('base64url').replaceAll('-', 'A')
  const users = ['256', '512'].flatMap(bits => [
    '--add-scram',
    `SCRAM-SHA-${bits}=[name="${user}",password="${password}"]`,
  ])
  await run([...java, 'kafka.tools.StorageTool', 'format', '-t', cluster, '-c', file, '--standalone', ...users])
  const url = `${LOOPBACK}:${plain}`
  const query = (statement: string) => {
    const [topic = '', ...format] = statement.split(' ')
    return run(['kcat', '-C', '-b', url, '-t', topic, '-e', '-q', '-o', 'beginning', '-f', format.join(' ') || '%s\n'])
  }
  const running = await launch({
    folder,
    words: [...java, 'kafka.Kafka', file],
    asks: async () => {
      await run(['kcat', '-L', '-b', url, '-m', '5'])
      if (certificates)
        await run(['kcat', '-L', '-b', `${LOOPBACK}:${secure}`, '-m', '5', ...secureClient(certificates)])
    },
  })
  const ports = certificates ? { controller, secure } : { controller }
  const known = { version: found.version, port: plain, ports, url, query }
  return serverOf(running, { ...known, ...(certificates && { certificates, credentials: CREDENTIALS }) })
}
