// Of each server the smallest thing that can be written and read back.

import { createConnection } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { startSchemaRegistry } from './apicurio.ts'
import { startCassandra } from './cassandra.ts'
import { startClickhouse } from './clickhouse.ts'
import { startDruid } from './druid.ts'
import { startElasticsearch } from './elasticsearch.ts'
import { GO_PROGRAMS, goProgram } from './go.ts'
import { ask, askJson } from './http.ts'
import { startInfluxdb } from './influxdb.ts'
import { secureClient, startKafka } from './kafka.ts'
import { startMariadb } from './mariadb.ts'
import { startMosquitto } from './mosquitto.ts'
import { startNats } from './nats.ts'
import { startOpensearch } from './opensearch.ts'
import { startOpentsdb } from './opentsdb.ts'
import { startPostgres } from './postgres.ts'
import { run } from './programs.ts'
import { startPrometheus } from './prometheus.ts'
import { startRabbitmq } from './rabbitmq.ts'
import { startRedis } from './redis.ts'
import type { Lifetime, Server, Skipped } from './server.ts'
import { startVictoriaMetrics } from './victoria-metrics.ts'

export interface Row {
  readonly name: string
  start(lifetime: Lifetime): Promise<Server | Skipped>
  write(server: Server): Promise<unknown>
  /** What was written, as the server's own query gives it. */
  read(server: Server): Promise<string>
  readonly holds: RegExp
  readonly isHeavy?: boolean
}

const TABLE = 'create table flows (bytes bigint); insert into flows values (4711)'
const SELECT = 'select bytes from flows'

const sql = (name: string, start: Row['start']): Row => ({
  name,
  start,
  write: server => server.query(TABLE),
  read: server => server.query(SELECT),
  holds: /^4711$/m,
})

const redis = (name: string, tls: boolean): Row => ({
  name,
  start: lifetime => startRedis(lifetime, { tls }),
  write: server => server.query('XADD flows * bytes 4711'),
  read: server => server.query('XRANGE flows - +'),
  holds: /^4711$/m,
})

const publish = ({ address, port, credentials, certificates }: Server): Promise<string> => {
  const secure =
    certificates && credentials ? ['--cafile', certificates.ca, '-u', credentials.user, '-P', credentials.password] : []
  return run([
    'mosquitto_pub',
    '-h',
    address,
    '-p',
    String(port),
    ...secure,
    '-q',
    '1',
    '-r',
    '-t',
    'flows',
    '-m',
    '4711',
  ])
}

const mosquitto = (name: string, tls: boolean): Row => ({
  name,
  start: lifetime => startMosquitto(lifetime, { tls }),
  // Its own file is written each second at most: SIGKILL may take the last one.
  write: server => publish(server).then(() => new Promise(resolve => setTimeout(resolve, 1500))),
  read: server => server.query('flows'),
  holds: /^4711$/m,
})

const nats = (name: string, start: Row['start']): Row => ({
  name,
  start,
  write: async server => {
    await server.query('$JS.API.STREAM.CREATE.flows {"name":"flows","subjects":["flows"],"storage":"file"}')
    return server.query('flows 4711')
  },
  read: server => server.query('$JS.API.STREAM.MSG.GET.flows {"seq":1}'),
  holds: /"data":"NDcxMQ=="/,
})

const GET = '{"count":1,"ackmode":"ack_requeue_true","encoding":"auto"}'
const PUBLISH = '{"properties":{"delivery_mode":2},"routing_key":"flows","payload":"4711","payload_encoding":"string"}'

/** RabbitMQ confirms messages, not declarations: Erlang's log of them reaches the disk up to two seconds later. */
export const RABBITMQ_FLUSH_MS = 3000

const rabbitmq = (name: string, tls: boolean): Row => ({
  name,
  start: lifetime => startRabbitmq(lifetime, { tls }),
  write: async server => {
    await server.query('PUT queues/%2F/flows {"durable":true}')
    await server.query(`POST exchanges/%2F/amq.default/publish ${PUBLISH}`)
    await pause(RABBITMQ_FLUSH_MS)
  },
  read: server => server.query(`POST queues/%2F/flows/get ${GET}`),
  holds: /"payload":"4711"/,
  isHeavy: true,
})

const influxdb = (name: string, auth: boolean): Row => ({
  name,
  start: lifetime => startInfluxdb(lifetime, { auth }),
  write: ({ url, credentials }) =>
    ask(`${url}/write?db=netally`, { body: 'flows,as=64500 bytes=4711i 1000', credentials }),
  read: server => server.query('select bytes from flows'),
  holds: /4711/,
})

/** By the plain listener, or by the one with TLS and a password. */
const produce = ({ url, address, ports, certificates }: Server): Promise<string> => {
  const broker = certificates ? `${address}:${ports.secure}` : url
  const settings = certificates ? secureClient(certificates) : []
  return run(['kcat', '-P', '-b', broker, '-t', 'flows', '-X', 'acks=all', ...settings], {}, '4711\n')
}

const kafka = (name: string, tls: boolean): Row => ({
  name,
  start: lifetime => startKafka(lifetime, { tls }),
  write: produce,
  read: server => server.query('flows'),
  holds: /^4711$/m,
  isHeavy: true,
})

const search = (name: string, start: Row['start']): Row => ({
  name,
  start,
  write: server => server.query('PUT flows/_doc/1 {"bytes":4711}'),
  read: server => server.query('flows/_search?q=bytes:4711'),
  holds: /"_source":\{"bytes":4711\}/,
  isHeavy: true,
})

/** Batch ingestion of one row. */
const DRUID_TASK = {
  type: 'index_parallel',
  spec: {
    dataSchema: {
      dataSource: 'flows',
      timestampSpec: { column: 'time', format: 'iso' },
      dimensionsSpec: { dimensions: ['ip_src'] },
      metricsSpec: [{ type: 'longSum', name: 'bytes', fieldName: 'bytes' }],
      granularitySpec: { segmentGranularity: 'day', queryGranularity: 'minute', rollup: true },
    },
    ioConfig: {
      type: 'index_parallel',
      inputSource: { type: 'inline', data: '{"time":"2026-11-25T00:00:00Z","ip_src":"192.0.2.1","bytes":4711}' },
      inputFormat: { type: 'json' },
    },
    tuningConfig: { type: 'index_parallel', maxRowsInMemory: 1000 },
  },
}

/** One line to a port that takes lines. */
const sendLine = (port: number, line: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const socket = createConnection(port, '127.0.0.1')
    socket.on('error', reject)
    socket.on('close', () => resolve())
    socket.end(`${line}\n`)
    socket.resume()
  })

const seconds = (): number => Math.floor(Date.now() / 1000)

/**
 * It scrapes something that is not there, and stores that. Asked for one moment ever after, so that what it scrapes after a
 * restart does not count.
 */
function prometheus(): Row {
  let moment = 0
  const scraped = (server: Server) => server.query(`query?query=up&time=${moment}`)
  return {
    name: 'Prometheus',
    start: lifetime => startPrometheus(lifetime, { targets: ['127.0.0.1:1'] }),
    write: async server => {
      for (let tries = 0; tries < 100 && !/"value"/.test(await scraped(server)); tries++) {
        await new Promise(resolve => setTimeout(resolve, 200))
        moment = seconds()
      }
    },
    read: scraped,
    holds: /"127.0.0.1:1".*"0"/,
  }
}

/** By OpenTSDB's telnet lines. */
const victoriaMetrics = (name: string, start: Row['start']): Row => ({
  name,
  start,
  write: ({ ports }) => sendLine(ports.opentsdb as number, `put flows ${seconds()} 4711 as=64500`),
  read: server => server.query('flows{as="64500"}'),
  holds: /"4711"/,
})

type Launcher = (lifetime: Lifetime, options: { readonly program: string }) => Promise<Server | Skipped>

/** Starts a program that Go builds first. */
const built =
  (packageVersion: string, start: Launcher): Row['start'] =>
  async lifetime => {
    const program = await goProgram(packageVersion)
    return typeof program === 'string' ? start(lifetime, { program }) : program
  }

export const ROWS: readonly Row[] = [
  sql('PostgreSQL', startPostgres),
  sql('PostgreSQL with TLS', lifetime => startPostgres(lifetime, { tls: true })),
  sql('MariaDB', startMariadb),
  {
    ...sql('ClickHouse', startClickhouse),
    write: async server => {
      await server.query('create table flows (bytes UInt64) engine = MergeTree order by bytes')
      return server.query('insert into flows values (4711)')
    },
  },
  redis('Redis', false),
  redis('Redis with TLS and a password', true),
  nats('NATS with JetStream', startNats),
  nats('NATS with TLS and a password', lifetime => startNats(lifetime, { tls: true })),
  mosquitto('Mosquitto', false),
  mosquitto('Mosquitto with TLS and a password', true),
  rabbitmq('RabbitMQ', false),
  rabbitmq('RabbitMQ with TLS', true),
  influxdb('InfluxDB 1', false),
  influxdb('InfluxDB 1 with users', true),
  prometheus(),
  victoriaMetrics('VictoriaMetrics', startVictoriaMetrics),
  nats('NATS, built by Go', built(GO_PROGRAMS.nats, startNats)),
  victoriaMetrics('VictoriaMetrics, built by Go', built(GO_PROGRAMS.victoriaMetrics, startVictoriaMetrics)),
  kafka('Kafka', false),
  kafka('Kafka with TLS and a password', true),
  {
    name: 'Cassandra',
    start: startCassandra,
    write: async server => {
      const replication = "{'class': 'SimpleStrategy', 'replication_factor': 1}"
      await server.query(`create keyspace netally with replication = ${replication}`)
      await server.query('create table netally.flows (id int primary key, bytes bigint)')
      return server.query('insert into netally.flows (id, bytes) values (1, 4711)')
    },
    read: server => server.query('select json bytes from netally.flows'),
    holds: /\{"bytes": 4711\}/,
    isHeavy: true,
  },
  search('Elasticsearch', startElasticsearch),
  search('OpenSearch', startOpensearch),
  {
    name: 'Druid',
    start: startDruid,
    write: ({ url }) => askJson(`${url}/druid/indexer/v1/task`, DRUID_TASK),
    read: server => server.query('select sum(bytes) as bytes from flows'),
    holds: /"bytes":4711/,
    isHeavy: true,
  },
  {
    name: 'OpenTSDB',
    start: startOpentsdb,
    write: ({ url }) =>
      askJson(`${url}/api/put?sync`, { metric: 'flows', timestamp: seconds(), value: 4711, tags: { as: '64500' } }),
    read: server => server.query('query?start=1h-ago&m=sum:flows'),
    holds: /4711/,
    isHeavy: true,
  },
  {
    name: 'schema registry',
    start: startSchemaRegistry,
    write: server => {
      const schema = '{"type":"record","name":"flow","fields":[{"name":"bytes","type":"long"}]}'
      return server.query(`POST subjects/flows-value/versions ${JSON.stringify({ schema })}`)
    },
    read: server => server.query('subjects/flows-value/versions/1'),
    holds: /"subject":"flows-value"/,
    isHeavy: true,
  },
]
