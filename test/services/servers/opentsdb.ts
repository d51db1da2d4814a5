// OpenTSDB on HBase in local mode: two JVMs.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ask } from './http.ts'
import { javaServer, smallJvm } from './java.ts'
import { launch, serverFolder } from './launch.ts'
import { freePorts } from './programs.ts'
import { type Lifetime, LOOPBACK, type Server, type Skipped, serverOf } from './server.ts'

const OPENTSDB = { name: 'net.opentsdb:opentsdb:2.4.1' }
/** Of the newer 2.5 some parts were not served. */
const HBASE = { name: 'org.apache.hbase:hbase-server:2.4.17' }
/** Compiled by Java as it starts: of a JDK. */
const NODE = join(import.meta.dirname, 'HbaseNode.java')
const HEAP_MEGABYTES = { hbase: 384, opentsdb: 256 }

const OPENS = [
  ...['java.lang', 'java.lang.reflect', 'java.io', 'java.net', 'java.nio', 'java.util', 'java.util.concurrent'],
  ...['sun.nio.ch', 'sun.security.x509', 'sun.security.pkcs', 'jdk.internal.ref', 'jdk.internal.misc'],
]

const LOGGING = `log4j.rootLogger=WARN,out
log4j.appender.out=org.apache.log4j.ConsoleAppender
log4j.appender.out.layout=org.apache.log4j.PatternLayout
log4j.appender.out.layout.ConversionPattern=%d %p %c{1} %m%n
`

const LOGBACK = `<configuration>
  <appender name="out" class="ch.qos.logback.core.ConsoleAppender"><encoder><pattern>%d %p %c{0} %m%n</pattern></encoder></appender>
  <root level="WARN"><appender-ref ref="out"/></root>
</configuration>
`

interface Settings {
  readonly [name: string]: string | number | boolean
}

const hbaseSettings = (folder: string, zookeeper: number): Settings => ({
  'hbase.rootdir': `file://${folder}/hbase`,
  'hbase.cluster.distributed': false,
  'hbase.tmp.dir': join(folder, 'tmp'),
  // The log is a plain file here, which cannot promise more than the file system does.
  'hbase.unsafe.stream.capability.enforce': false,
  'hbase.wal.provider': 'filesystem',
  'hbase.zookeeper.quorum': LOOPBACK,
  'hbase.zookeeper.property.clientPort': zookeeper,
  'hbase.zookeeper.property.dataDir': join(folder, 'zookeeper'),
  'hbase.master.hostname': 'localhost',
  'hbase.regionserver.hostname': 'localhost',
  'hbase.master.info.port': -1,
  'hbase.regionserver.info.port': -1,
  'hbase.regionserver.handler.count': 8,
})

const xml = (settings: Settings): string =>
  `<configuration>${Object.entries(settings)
    .map(([name, value]) => `<property><name>${name}</name><value>${value}</value></property>`)
    .join('\n')}</configuration>\n`

const opentsdbSettings = (folder: string, port: number, zookeeper: number): Settings => ({
  'tsd.network.bind': LOOPBACK,
  'tsd.network.port': port,
  'tsd.http.staticroot': join(folder, 'static'),
  'tsd.http.cachedir': join(folder, 'cache'),
  'tsd.core.auto_create_metrics': true,
  'tsd.storage.hbase.zk_quorum': `${LOOPBACK}:${zookeeper}`,
  'tsd.storage.flush_interval': 100,
  // Bodies of more than 4 KiB.
  'tsd.http.request.enable_chunked': true,
  'tsd.http.request.max_chunk': 4 * 2 ** 20,
})

/** OpenTSDB begins when HBase has its tables, and ends before it. */
const RUN_BOTH = `rm -f ready
sh hbase.sh & hbase=$!
opentsdb=
trap 'trap "" TERM; [ -z "$opentsdb" ] || { kill -TERM $opentsdb; wait $opentsdb; }; kill -TERM $hbase; wait; exit 0' TERM
while [ ! -e ready ]; do kill -0 $hbase || exit 1; sleep 0.2; done
sh opentsdb.sh & opentsdb=$!
wait`

const quoted = (words: readonly string[]): string => `exec ${words.map(word => `'${word}'`).join(' ')}\n`

/** `query` takes `PATH?PARAMETERS` of /api/ and gives JSON; `port` takes HTTP and telnet lines. */
export async function startOpentsdb(lifetime: Lifetime): Promise<Server | Skipped> {
  const [opentsdb, hbase] = [await javaServer(OPENTSDB), await javaServer(HBASE)]
  if ('skipped' in opentsdb) return opentsdb
  if ('skipped' in hbase) return hbase
  const folder = serverFolder(lifetime, 'opentsdb')
  const [port = 0, zookeeper = 0] = await freePorts(2)
  const file = (name: string) => join(folder.path, name)
  for (const inner of ['tmp', 'static', 'cache', 'configuration']) mkdirSync(file(inner))
  writeFileSync(file('configuration/hbase-site.xml'), xml(hbaseSettings(folder.path, zookeeper)))
  writeFileSync(file('configuration/log4j.properties'), LOGGING)
  writeFileSync(file('logback.xml'), LOGBACK)
  const settings = Object.entries(opentsdbSettings(folder.path, port, zookeeper))
  writeFileSync(file('opentsdb.conf'), settings.map(([name, value]) => `${name} = ${value}\n`).join(''))
  const hbaseWords = [
    ...[hbase.java, ...smallJvm(HEAP_MEGABYTES.hbase), `-Djava.io.tmpdir=${file('tmp')}`],
    ...OPENS.flatMap(one => ['--add-opens', `java.base/${one}=ALL-UNNAMED`]),
    ...['-cp', [file('configuration'), ...hbase.files].join(':'), NODE, file('ready')],
  ]
  const opentsdbWords = [
    ...[opentsdb.java, ...smallJvm(HEAP_MEGABYTES.opentsdb), `-Dlogback.configurationFile=${file('logback.xml')}`],
    ...['-cp', opentsdb.files.join(':'), 'net.opentsdb.tools.TSDMain', `--config=${file('opentsdb.conf')}`],
  ]
  writeFileSync(file('hbase.sh'), quoted(hbaseWords))
  writeFileSync(file('opentsdb.sh'), quoted(opentsdbWords))
  const url = `http://${LOOPBACK}:${port}`
  const running = await launch({
    folder,
    words: ['sh', '-c', RUN_BOTH],
    isHeavy: true,
    asks: () => ask(`${url}/api/version`),
  })
  const { version } = opentsdb
  return serverOf(running, { version, port, url, query: statement => ask(`${url}/api/${statement}`) })
}
