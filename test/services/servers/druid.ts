// Druid: one process for each of its services, ZooKeeper and Derby for what they must agree on, Kafka and batch ingestion.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ask, askJson } from './http.ts'
import { type JavaServer, javaServer, smallJvm } from './java.ts'
import { launch, serverFolder } from './launch.ts'
import { freePorts } from './programs.ts'
import { type Lifetime, LOOPBACK, type Server, type Skipped, serverOf } from './server.ts'

/** The newest of which all parts were served. */
const VERSION = '33.0.0'
/** Tells about the machine; not on Maven Central. */
const SIGAR = 'org.hyperic:sigar'
const DRUID = { name: `org.apache.druid:druid-services:${VERSION}`, without: [SIGAR] }
const KAFKA_INGESTION = {
  name: `org.apache.druid.extensions:druid-kafka-indexing-service:${VERSION}`,
  without: [SIGAR],
}
const SERVICES = ['coordinator', 'broker', 'historical', 'indexer', 'router'] as const
type Service = (typeof SERVICES)[number]
const HEAP_MEGABYTES = { coordinator: 256, broker: 256, historical: 256, indexer: 384, router: 128, zookeeper: 64 }

const OPENS = [
  'java.base/java.lang',
  'java.base/java.io',
  'java.base/java.nio',
  'java.base/jdk.internal.ref',
  'java.base/sun.nio.ch',
]

const LOGGING = `<Configuration status="WARN">
  <Appenders><Console name="out"><PatternLayout pattern="%d %p %c{1} %m%n"/></Console></Appenders>
  <Loggers><Root level="WARN"><AppenderRef ref="out"/></Root></Loggers>
</Configuration>
`

/** Ends the services first: they want to say goodbye to ZooKeeper. */
const RUN_ALL = `services=
for service in zookeeper ${SERVICES.join(' ')}; do
  sh "$service.sh" & eval "$service=$!"
  [ "$service" = zookeeper ] || services="$services $!"
done
trap 'trap "" TERM; kill -TERM $services; wait $services; kill -TERM $zookeeper; wait; exit 0' TERM
wait`

interface Ports {
  readonly services: { readonly [service in Service]: number }
  readonly zookeeper: number
  readonly derby: number
}

const MEBI = 2 ** 20

function commonSettings(folder: string, { zookeeper, derby }: Ports): { [name: string]: string | number } {
  return {
    host: LOOPBACK,
    'extensions.loadList': '[]',
    'zk.service.host': `${LOOPBACK}:${zookeeper}`,
    'metadata.storage.type': 'derby',
    'metadata.storage.connector.connectURI': `jdbc:derby://${LOOPBACK}:${derby}/${folder}/derby;create=true`,
    'metadata.storage.connector.host': LOOPBACK,
    'metadata.storage.connector.port': derby,
    'storage.type': 'local',
    'storage.storageDirectory': join(folder, 'segments'),
    'indexer.logs.type': 'file',
    'indexer.logs.directory': join(folder, 'tasks'),
    'processing.numThreads': 1,
    'processing.numMergeBuffers': 2,
    'processing.buffer.sizeBytes': 16 * MEBI,
    'server.http.numThreads': 12,
    emitter: 'noop',
  }
}

/** It shall see and load segments within seconds. */
const OWN_SETTINGS: {
  readonly [service in Service]: (folder: string) => { [name: string]: string | number | boolean }
} = {
  coordinator: () => ({
    'coordinator.asOverlord.enabled': true,
    'coordinator.asOverlord.overlordService': 'druid/overlord',
    'coordinator.startDelay': 'PT1S',
    'coordinator.period': 'PT2S',
    'manager.segments.pollDuration': 'PT1S',
    'indexer.queue.startDelay': 'PT0S',
    'indexer.runner.type': 'httpRemote',
    'indexer.storage.type': 'metadata',
  }),
  broker: () => ({ 'sql.enable': true, 'broker.http.numConnections': 5, 'sql.planner.metadataRefreshPeriod': 'PT1S' }),
  historical: folder => ({
    'segmentCache.locations': `[{"path":"${join(folder, 'cache')}","maxSize":${1024 * MEBI}}]`,
    'server.maxSize': 1024 * MEBI,
  }),
  indexer: folder => ({
    'worker.capacity': 3,
    'worker.baseTaskDirs': `["${join(folder, 'work')}"]`,
    'indexer.task.baseTaskDir': join(folder, 'work'),
  }),
  router: () => ({ 'router.http.numConnections': 5, 'router.managementProxy.enabled': true }),
}

function writeScripts(folder: string, { java, files }: JavaServer, ports: Ports): void {
  const logging = join(folder, 'log4j2.xml')
  writeFileSync(logging, LOGGING)
  const quoted = (words: readonly string[]) => `exec ${words.map(word => `'${word}'`).join(' ')}\n`
  const jvm = (megabytes: number) => [
    ...[java, ...smallJvm(megabytes), `-Dlog4j.configurationFile=${logging}`, '-Duser.timezone=UTC'],
    ...OPENS.flatMap(one => ['--add-opens', `${one}=ALL-UNNAMED`]),
    ...['-XX:MaxDirectMemorySize=256m', `-Djava.io.tmpdir=${join(folder, 'tmp')}`],
  ]
  const path = ['-cp', files.join(':')]
  for (const service of SERVICES) {
    const own = OWN_SETTINGS[service](folder)
    const settings = {
      ...commonSettings(folder, ports),
      ...own,
      service: `druid/${service}`,
      plaintextPort: ports.services[service],
    }
    const defined = Object.entries(settings).map(([name, value]) => `-Ddruid.${name}=${value}`)
    const main = ['org.apache.druid.cli.Main', 'server', service]
    writeFileSync(
      join(folder, `${service}.sh`),
      quoted([...jvm(HEAP_MEGABYTES[service]), ...defined, ...path, ...main]),
    )
  }
  const settings = join(folder, 'zookeeper.properties')
  writeFileSync(
    settings,
    `dataDir=${folder}/zookeeper\nclientPort=${ports.zookeeper}\nclientPortAddress=${LOOPBACK}\nadmin.enableServer=false\n`,
  )
  const main = ['org.apache.zookeeper.server.ZooKeeperServerMain', settings]
  writeFileSync(join(folder, 'zookeeper.sh'), quoted([...jvm(HEAP_MEGABYTES.zookeeper), ...path, ...main]))
}

/** `query` takes SQL and gives JSON; `url` is the router, which passes on to broker, coordinator and overlord. */
export async function startDruid(lifetime: Lifetime): Promise<Server | Skipped> {
  const found = await javaServer(DRUID, KAFKA_INGESTION)
  if ('skipped' in found) return found
  const folder = serverFolder(lifetime, 'druid')
  const [coordinator = 0, broker = 0, historical = 0, indexer = 0, router = 0, zookeeper = 0, derby = 0] =
    await freePorts(7)
  const services = { coordinator, broker, historical, indexer, router }
  writeScripts(folder.path, found, { services, zookeeper, derby })
  mkdirSync(join(folder.path, 'tmp'))
  const url = `http://${LOOPBACK}:${router}`
  const query = (statement: string) => askJson(`${url}/druid/v2/sql`, { query: statement })
  const running = await launch({
    folder,
    words: ['sh', '-c', RUN_ALL],
    isHeavy: true,
    asks: async () => {
      await ask(`${url}/status/health`)
      const workers = JSON.parse(await ask(`${url}/druid/indexer/v1/workers`)) as unknown[]
      const servers = JSON.parse(await ask(`${url}/druid/coordinator/v1/servers?simple`)) as unknown[]
      if (workers.length === 0 || servers.length === 0) throw new Error('no indexer or no historical yet')
      await query('SELECT 1')
    },
  })
  return serverOf(running, { version: VERSION, port: router, ports: services, url, query })
}
