// Records a second, and CPU of the client, to and from Kafka and RabbitMQ, beside a naive loop with the same client, kcat, and
// pmacct's plugins; real servers.
//
//   node bench/sinks/brokers.ts [RECORDS]
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startKafka } from '../../test/services/servers/kafka.ts'
import { startRabbitmq } from '../../test/services/servers/rabbitmq.ts'
import { isSkipped, type Server, type Skipped } from '../../test/services/servers/server.ts'
import { start } from '../measure.ts'
import { sumsFile } from './input.ts'

const records = Number(process.argv[2] ?? 200_000)
const BENCH = join(import.meta.dirname, '..')
const RUN = `${process.execPath} ${join(BENCH, '..', 'bin', 'run.js')}`
const NAIVE = `${process.execPath} ${join(import.meta.dirname, 'naive-brokers.ts')}`
const UNTIL_IDLE = join(BENCH, 'peers', 'nfacctd-until-idle.sh')
const CAPTURE = join(BENCH, 'data', 'nf9-200k.pcap')
const BY_TUPLE = 'aggregate --by src_host,dst_host,src_port,dst_port,proto'
const folder = mkdtempSync(join(tmpdir(), 'netally-bench-'))
const ends: (() => void | Promise<void>)[] = [() => rmSync(folder, { recursive: true })]
const lifetime = { after: (end: () => void | Promise<void>) => void ends.unshift(end) }
const input = sumsFile(records)

const CAPTURE_FLOWS = 200_000

async function measure(name: string, line: string, variables: Readonly<Record<string, string>> = {}): Promise<void> {
  const { cpuSeconds, wallSeconds, rssMebibytes, exitCode } = await start(line, variables).done
  const count = line.includes(CAPTURE) || line.includes(UNTIL_IDLE) ? CAPTURE_FLOWS : records
  const rate = Math.round(count / wallSeconds / 100) / 10
  const failed = exitCode === 0 ? '' : ` FAILED ${exitCode}`
  console.log(
    `${name.padEnd(48)} ${rate} k/s, ${cpuSeconds.toFixed(2)} s CPU, ${Math.round(rssMebibytes)} MiB${failed}`,
  )
}

/** pmacct's daemon reads a capture, sums by 5-tuple and purges once, to its plugin. */
function pmacct(plugin: string, settings: readonly string[]): string {
  const path = join(folder, `${plugin}.conf`)
  const common = ['daemonize: false', 'aggregate: src_host, dst_host, src_port, dst_port, proto', `plugins: ${plugin}`]
  const memory = ['plugin_pipe_size: 512000000', 'plugin_buffer_size: 512000']
  const cache = [`${plugin}_cache_entries: 131071`, `${plugin}_refresh_time: 3600`, `${plugin}_output: json`]
  writeFileSync(path, `${[...common, ...memory, ...cache, ...settings].join('\n')}\n`)
  return `${UNTIL_IDLE} ${path} ${CAPTURE}`
}

async function against(started: Promise<Server | Skipped>, work: (server: Server) => Promise<void>): Promise<void> {
  const server = await started
  if (isSkipped(server)) return console.log(server.skipped)
  await work(server)
  await server.kill()
}

async function kafka({ url, port }: Server): Promise<void> {
  const [host] = url.split(':')
  const sink = `${RUN} sink-kafka ${url} --topic`
  // The client makes no topic by itself in time.
  execFileSync('kcat', ['-P', '-b', url, '-t', 'naive'], { input: '{}' })
  await measure('Kafka: naive loop', `${NAIVE} kafka ${url} naive < ${input}`)
  await measure('Kafka: kcat (librdkafka), acks=all', `kcat -P -b ${url} -t kcat -X acks=all -l ${input}`)
  await measure('Kafka: sink-kafka', `${sink} plain < ${input}`)
  await measure('Kafka: sink-kafka --no-headers', `${sink} bare --no-headers < ${input}`)
  await measure('Kafka: sink-kafka --compression lz4', `${sink} lz4 --compression lz4 < ${input}`)
  await measure('Kafka: sink-kafka --key of a field', `${sink} keyed --key '$ip_src' < ${input}`)
  await measure('Kafka: sink-kafka --multi-values 100', `${sink} multi --multi-values 100 < ${input}`)
  await measure(
    'Kafka: sink-kafka --format avro',
    `${sink} avro --format avro --avro-schema-file ${folder}/a < ${input}`,
  )
  await measure('Kafka: kcat reads them', `kcat -C -b ${url} -t plain -o beginning -e -q > /dev/null`)
  await measure('Kafka: kafka-recv', `${RUN} kafka-recv ${url} --topic plain --until-end > /dev/null`)
  await measure(
    'Kafka: kafka-recv of multi-values',
    `${RUN} kafka-recv ${url} --topic multi --group m --until-end > /dev/null`,
  )
  if (!existsSync(CAPTURE)) return
  const settings = [`kafka_broker_host: ${host}`, `kafka_broker_port: ${port}`, 'kafka_topic: pmacct']
  await measure('capture to 5-tuple sums to Kafka: nfacctd', pmacct('kafka', settings))
  await measure(
    '  run flow-recv | aggregate | sink-kafka',
    `${RUN} run "flow-recv --pcap ${CAPTURE} | ${BY_TUPLE} | sink-kafka ${url} --topic run"`,
  )
}

async function rabbitmq({ port, credentials, url, query }: Server): Promise<void> {
  const { user = '', password = '' } = credentials ?? {}
  const login = { NETALLY_AMQP_USER: user, NETALLY_AMQP_PASSWORD: password }
  const at = `127.0.0.1:${port}`
  /** Of a queue that goes away again: a full broker takes messages slowly. */
  const alone = async (name: string, queue: string, line: string, keep = false) => {
    await query(`PUT queues/%2F/${queue} {"durable":true}`)
    await measure(name, line, login)
    if (!keep) await query(`DELETE queues/%2F/${queue}`)
  }
  const sink = (queue: string, flags = '') => `${RUN} sink-amqp ${at} --queue ${queue} ${flags} < ${input}`
  await alone('RabbitMQ: naive loop', 'naive', `${NAIVE} amqp ${url} naive < ${input}`)
  await alone('RabbitMQ: sink-amqp', 'plain', sink('plain'), true)
  await alone('RabbitMQ: amqp-recv', 'plain', `${RUN} amqp-recv ${at} --queue plain --until-end > /dev/null`)
  await alone('RabbitMQ: sink-amqp --in-flight 4', 'four', sink('four', '--in-flight 4'))
  await alone('RabbitMQ: sink-amqp --multi-values 100', 'multi', sink('multi', '--multi-values 100'))
  if (!existsSync(CAPTURE)) return
  await query('PUT exchanges/%2F/pmacct {"type":"direct","durable":false}')
  await query('PUT queues/%2F/acct {"durable":true}')
  await query('POST bindings/%2F/e/pmacct/q/acct {"routing_key":"acct"}')
  const access = [`amqp_host: ${at}`, `amqp_user: ${user}`, `amqp_passwd: ${password}`, 'amqp_persistent_msg: true']
  const where = ['amqp_exchange: pmacct', 'amqp_exchange_type: direct', 'amqp_routing_key: acct']
  await alone('capture to 5-tuple sums to RabbitMQ: nfacctd', 'acct', pmacct('amqp', [...access, ...where]))
  const line = `flow-recv --pcap ${CAPTURE} | ${BY_TUPLE} | sink-amqp ${at} --queue run`
  await alone('  run flow-recv | aggregate | sink-amqp', 'run', `${RUN} run "${line}"`)
}

try {
  const what = existsSync(CAPTURE) ? '' : ' (node bench/generate.ts makes the capture for pmacct)'
  console.log(`${records} records, load ${execFileSync('cat', ['/proc/loadavg'], { encoding: 'utf8' }).trim()}${what}`)
  await against(startKafka(lifetime), kafka)
  await against(startRabbitmq(lifetime), rabbitmq)
} finally {
  for (const end of ends) await end()
}
