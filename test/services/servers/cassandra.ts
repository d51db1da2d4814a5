// Cassandra, one node without password, keyspaces with replication factor 1.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cassandraRequest } from './cassandra-request.ts'
import { javaServer, smallJvm } from './java.ts'
import { launch, serverFolder } from './launch.ts'
import { freePorts } from './programs.ts'
import { type Lifetime, LOOPBACK, type Server, type Skipped, serverOf } from './server.ts'

const CASSANDRA = { name: 'org.apache.cassandra:cassandra-all:5.0.9' }
const HEAP_MEGABYTES = 512

/** What Cassandra uses of Java's own parts. */
const EXPORTS = [
  ...['java.base/jdk.internal.misc', 'java.base/jdk.internal.ref', 'java.base/sun.nio.ch'],
  ...['java.management.rmi/com.sun.jmx.remote.internal.rmi', 'java.rmi/sun.rmi.registry'],
  ...['java.rmi/sun.rmi.server', 'java.rmi/sun.rmi.transport.tcp', 'java.sql/java.sql'],
]
const OPENS = [
  ...['jdk.internal.loader', 'jdk.internal.math', 'jdk.internal.module', 'jdk.internal.ref', 'jdk.internal.reflect'],
  ...['jdk.internal.util.jar', 'sun.nio.ch', 'java.io', 'java.lang', 'java.lang.module', 'java.lang.reflect'],
  ...['java.net', 'java.nio', 'java.util', 'java.util.concurrent', 'java.util.concurrent.atomic'],
]

const configuration = (folder: string, native: number, storage: number) => `
cluster_name: netally
num_tokens: 1
partitioner: org.apache.cassandra.dht.Murmur3Partitioner
seed_provider:
  - class_name: org.apache.cassandra.locator.SimpleSeedProvider
    parameters: [ { seeds: "${LOOPBACK}:${storage}" } ]
listen_address: ${LOOPBACK}
rpc_address: ${LOOPBACK}
native_transport_port: ${native}
storage_port: ${storage}
endpoint_snitch: SimpleSnitch
commitlog_sync: batch
commitlog_segment_size: 8MiB
commitlog_total_space: 256MiB
memtable_heap_space: 64MiB
memtable_offheap_space: 64MiB
file_cache_size: 32MiB
concurrent_reads: 8
concurrent_writes: 8
auto_snapshot: false
data_file_directories: [ ${folder}/data ]
commitlog_directory: ${folder}/commitlog
saved_caches_directory: ${folder}/saved_caches
hints_directory: ${folder}/hints
cdc_raw_directory: ${folder}/cdc_raw
`

const LOGGING = `<configuration>
  <appender name="out" class="ch.qos.logback.core.ConsoleAppender"><encoder><pattern>%d %p %c{0} %m%n</pattern></encoder></appender>
  <root level="WARN"><appender-ref ref="out"/></root>
</configuration>
`

/** `query` takes CQL; rows come as tab-separated text, so `SELECT JSON` or text columns. Port as `port`, keyspace in names. */
export async function startCassandra(lifetime: Lifetime): Promise<Server | Skipped> {
  const found = await javaServer(CASSANDRA)
  if ('skipped' in found) return found
  const folder = serverFolder(lifetime, 'cassandra')
  const [port = 0, storage = 0] = await freePorts(2)
  const { path } = folder
  const [file, logging] = [join(path, 'cassandra.yaml'), join(path, 'logback.xml')]
  writeFileSync(file, configuration(path, port, storage))
  writeFileSync(logging, LOGGING)
  mkdirSync(join(path, 'tmp'))
  const agent = found.files.find(one => one.includes('jamm'))
  const query = (statement: string) => cassandraRequest(LOOPBACK, port, statement)
  const running = await launch({
    folder,
    words: [
      ...[found.java, ...smallJvm(HEAP_MEGABYTES), `-javaagent:${agent}`, '-Djdk.attach.allowAttachSelf=true'],
      ...EXPORTS.flatMap(one => ['--add-exports', `${one}=ALL-UNNAMED`]),
      ...OPENS.flatMap(one => ['--add-opens', `java.base/${one}=ALL-UNNAMED`]),
      ...['--add-opens', 'jdk.management/com.sun.management.internal=ALL-UNNAMED', '-Djava.security.manager=allow'],
      ...[
        `-Dcassandra.config=file://${file}`,
        `-Dlogback.configurationFile=${logging}`,
        `-Dcassandra.storagedir=${path}`,
      ],
      ...[
        '-Dcassandra-foreground=yes',
        '-Dcassandra.ring_delay_ms=100',
        '-Dcassandra.skip_wait_for_gossip_to_settle=0',
      ],
      // The largest direct memory that its caches and frames may take.
      ...[`-Djava.io.tmpdir=${join(path, 'tmp')}`, '-XX:MaxDirectMemorySize=256m'],
      ...['-cp', found.files.join(':'), 'org.apache.cassandra.service.CassandraDaemon'],
    ],
    asks: () => query('select cluster_name from system.local'),
  })
  const version = (await query('select release_version from system.local')).trim()
  return serverOf(running, { version, port, url: `${LOOPBACK}:${port}`, query })
}
