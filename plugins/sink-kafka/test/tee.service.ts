// tee to Kafka and from there, with a real broker; and pmacct's nfacctd at either end.
import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { listening, type Payload, payloadsOf, send, startProgram, without } from '../../../test/services/programs.ts'
import { isSkipped, type Server } from '../../../test/services/servers/server.ts'
import { assertSameSums, type Row } from '../../../test/services/sums.ts'
import { netally, REPOSITORY, records, scratch } from '../../../test/support/cli.ts'
import { netflow5 } from '../../../test/support/flow-writer.ts'
import { freeUdpPort } from '../../../test/support/free-port.ts'
import { startCounting, statsLines, until } from '../../../test/support/stats.ts'
import { down, messages, newTopic, sharedBroker, up } from './kafka-server.ts'

const broker = await sharedBroker()
const skip = isSkipped(broker) ? broker.skipped : false
const server = broker as Server

const DEMO = join(REPOSITORY, 'examples', 'demo', 'exporters.pcap')
const TUPLE = ['ip_src', 'ip_dst', 'port_src', 'port_dst', 'ip_proto']
const MARKED = '203.0.113.99'
const MARKER = netflow5(
  {
    version: 5,
    count: 1,
    sysUptimeMs: 1000,
    exportTime: 1_764_000_000,
    exportNanoseconds: 0,
    sequence: 0,
    engineType: 0,
    engineId: 0,
    sampling: 0,
  },
  [
    {
      ...{ source: 0xcb007163, destination: 0xcb007164, nextHop: 0, inputInterface: 1, outputInterface: 2 },
      ...{ packets: 1, octets: 40, firstMs: 10, lastMs: 20, sourcePort: 1, destinationPort: 2, padding1: 0 },
      ...{ tcpFlags: 0, protocol: 17, tos: 0, sourceAs: 1, destinationAs: 2, sourceMask: 24, destinationMask: 24 },
      padding2: 0,
    },
  ],
)
const topicUrl = (topic: string) => `kafka://${server.url}/${topic}`

async function startTee(context: TestContext, port: number, ...words: string[]) {
  const { child, said } = await startCounting(context, ['tee', '--listen', `127.0.0.1:${port}`, '--stats', ...words])
  context.after(() => child.kill('SIGKILL'))
  await listening(port)
  return async () => {
    child.kill('SIGTERM')
    if (child.exitCode === null) await once(child, 'exit')
    const [stats] = statsLines(said())
    assert.ok(stats, said())
    return stats
  }
}

/** What a socket gets, by exporter address and port. */
async function collector(context: TestContext) {
  const socket = createSocket('udp4')
  context.after(() => socket.close())
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  socket.setRecvBufferSize(4 << 20)
  const got: string[] = []
  socket.on('message', octets => got.push(octets.toString('hex')))
  return { got, port: socket.address().port }
}

const hex = (payloads: readonly Payload[]) => payloads.map(({ octets }) => octets.toString('hex')).sort()
const flows = async (...words: string[]) => {
  const { stdout, stderr, status } = await netally(words)
  assert.equal(status, 0, stderr)
  return records(stdout)
}
const recv = (topic: string) =>
  flows('kafka-recv', server.url, '--topic', topic, '--group', topic, '--until-end', '--raw')

describe('tee and Kafka', { skip }, () => {
  it('to a topic and a socket: octets, exporter, order; read by kafka-recv --raw and by tee', async context => {
    const topic = newTopic()
    const sent = payloadsOf(DEMO)
    const [port, beside] = [await freeUdpPort(), await collector(context)]
    const end = await startTee(context, port, '--to', topicUrl(topic), '--to', `127.0.0.1:${beside.port}`)
    const beforeMs = Date.now()
    await send(sent, port)
    await until(() => beside.got.length === sent.length)
    const { readings, counters } = await end()
    const datagrams = readings.filter(({ name }) => name === 'receiver_datagrams').map(({ value }) => value)
    assert.deepEqual(datagrams, [sent.length, sent.length])
    assert.equal(counters.datagrams, sent.length)
    const kept = await messages(server, topic, '%k %h %T %S\\n')
    assert.equal(kept.length, sent.length)
    for (const line of kept) {
      const match = /^(127\.0\.0\.\d+) netally-exporter=\1:\d+ (\d+) \d+$/.exec(line)
      assert.ok(match, line)
      assert.ok(Number(match[2]) >= beforeMs - 1000 && Number(match[2]) <= Date.now() + 1000, line)
    }
    assertSameSums(await recv(topic), await flows('flow-recv', '--pcap', DEMO), [...TUPLE, 'export_proto_version'])
    const again = await collector(context)
    const from = ['tee', '--from', topicUrl(topic), '--group', `${topic}-tee`, '--until-end', '--stats']
    const { stderr, status } = await netally([...from, '--to', `127.0.0.1:${again.port}`])
    assert.equal(status, 0, stderr)
    await until(() => again.got.length === sent.length)
    assert.deepEqual([...again.got].sort(), hex(sent))
    const second = await netally([...from, '--to', `127.0.0.1:${again.port}`])
    assert.equal(statsLines(second.stderr)[0]?.counters.datagrams, undefined, 'the group has read it')
  })

  it('the broker is away for a while: nothing is lost, and the socket beside it does not wait', async context => {
    const topic = newTopic()
    const sent = payloadsOf(DEMO)
    const half = Math.floor(sent.length / 2)
    const [port, beside] = [await freeUdpPort(), await collector(context)]
    const end = await startTee(context, port, '--to', topicUrl(topic), '--to', `127.0.0.1:${beside.port}`)
    await send(sent.slice(0, half), port)
    await until(() => beside.got.length === half)
    await down(server, 'kill')
    await send(sent.slice(half), port)
    await until(() => beside.got.length === sent.length)
    await up(server)
    const { readings, counters } = await end()
    assert.ok((counters.reconnects ?? 0) > 0)
    assert.deepEqual(
      readings.filter(({ name }) => /^receiver_(datagrams|errors)$/.test(name)).map(({ value }) => value),
      [sent.length, 0, sent.length, 0],
    )
    const kept = new Set((await messages(server, topic, '%k %S %s\\n')).map(line => line.split(' ')[0]))
    assert.ok(kept.size > 1)
    assertSameSums(await recv(topic), await flows('flow-recv', '--pcap', DEMO), TUPLE)
  })
})

describe("tee, Kafka and pmacct's nfacctd", { skip: skip || without('nfacctd') }, () => {
  it('--compat pmacct: nfacctd reads it from the topic; so does kafka-recv', async context => {
    const [topic, port, folder] = [newTopic(), await freeUdpPort(), scratch(context)]
    const end = await startTee(context, port, '--to', topicUrl(topic), '--compat', 'pmacct')
    const expected = await flows('flow-recv', '--pcap', DEMO)
    const marker: Payload = { exporter: 99, octets: Buffer.from(MARKER) }
    await send([marker], port)
    const [out, settings] = [join(folder, 'sums.json'), join(folder, 'kafka.conf')]
    writeFileSync(settings, 'topic, auto.offset.reset, earliest\nglobal, group.id, nfacctd\n')
    const [host, brokerPort] = server.url.split(':') as [string, string]
    const lines = [
      'daemonize: false',
      `nfacctd_kafka_broker_host: ${host}`,
      `nfacctd_kafka_broker_port: ${brokerPort}`,
      `nfacctd_kafka_topic: ${topic}`,
      `nfacctd_kafka_config_file: ${settings}`,
      'aggregate: src_host, dst_host, src_port, dst_port, proto',
      'plugins: print',
      'print_output: json',
      `print_output_file: ${out}`,
      'print_output_file_append: true',
      'print_refresh_time: 2',
      'plugin_pipe_size: 32000000',
    ]
    const configuration = join(folder, 'nfacctd.conf')
    writeFileSync(configuration, lines.map(line => `${line}\n`).join(''))
    startProgram(context, ['nfacctd', '-f', configuration], folder)
    const theirs = () => (existsSync(out) ? records(readFileSync(out, 'utf8').replace(/[^\n]*$/, '')) : [])
    // nfacctd begins at the end of the topic: it reads when it has seen what is sent until then.
    const timer = setInterval(() => void send([marker], port), 500)
    await until(() => theirs().length > 0).finally(() => clearInterval(timer))
    await send(payloadsOf(DEMO), port)
    const withoutMarker = (rows: readonly Row[]) => rows.filter(row => row.ip_src !== MARKED)
    const sum = (rows: readonly Row[]) =>
      withoutMarker(rows).reduce((total, row) => total + Number(row.packets ?? 0), 0)
    await until(() => sum(theirs()) >= sum(expected))
    const withoutFlows = ({ flows: _, ...row }: Row): Row => row
    assertSameSums(expected.map(withoutFlows), withoutMarker(theirs()), TUPLE)
    await end()
    const ours = withoutMarker(await recv(topic))
    assertSameSums(ours, expected, TUPLE)
    assert.ok(ours.every(({ peer_ip_src: exporter }) => String(exporter).startsWith('127.0.0.')))
  })

  it("what pmacct's tee writes is read by kafka-recv --raw and sent on by tee", async context => {
    const [topic, port, folder] = [newTopic(), await freeUdpPort(), scratch(context)]
    const [list, configuration] = [join(folder, 'tee.lst'), join(folder, 'tee.conf')]
    writeFileSync(list, `id=1 kafka_broker=${server.url} kafka_topic=${topic}\n`)
    const lines = ['daemonize: false', 'nfacctd_ip: 127.0.0.1', `nfacctd_port: ${port}`, 'plugins: tee[a]']
    lines.push('tee_transparent: true', `tee_receivers[a]: ${list}`)
    writeFileSync(configuration, lines.map(line => `${line}\n`).join(''))
    startProgram(context, ['nfacctd', '-f', configuration], folder)
    await listening(port)
    const sent = payloadsOf(DEMO)
    await send(sent, port)
    const [there, words] = [await collector(context), ['--to']]
    const tee = await startCounting(context, ['tee', '--from', topicUrl(topic), ...words, `127.0.0.1:${there.port}`])
    context.after(() => tee.child.kill('SIGKILL'))
    await until(() => there.got.length === sent.length)
    assert.deepEqual([...there.got].sort(), hex(sent))
    tee.child.kill('SIGTERM')
    await once(tee.child, 'exit')
    const ours = await recv(topic)
    assertSameSums(ours, await flows('flow-recv', '--pcap', DEMO), TUPLE)
    assert.ok(ours.every(({ peer_ip_src: exporter }) => String(exporter).startsWith('127.0.0.')))
  })
})
