// tee to Kafka and from there, with a real broker; and pmacct's nfacctd at either end.
import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import {
  freeUdpPort,
  listening,
  type Payload,
  payloadsOf,
  send,
  startProgram,
  without,
} from '../../../test/services/programs.ts'
import { isSkipped, type Server } from '../../../test/services/servers/server.ts'
import { assertSameSums } from '../../../test/services/sums.ts'
import { netally, REPOSITORY, records, scratch } from '../../../test/support/cli.ts'
import { startCounting, statsLines, until } from '../../../test/support/stats.ts'
import { down, messages, newTopic, sharedBroker, up } from './kafka-server.ts'

const broker = await sharedBroker()
const skip = isSkipped(broker) ? broker.skipped : false
const server = broker as Server

const DEMO = join(REPOSITORY, 'examples', 'demo', 'exporters.pcap')
const TUPLE = ['ip_src', 'ip_dst', 'port_src', 'port_dst', 'ip_proto']
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
    await send(payloadsOf(DEMO), port)
    assert.equal((await end()).counters.datagrams, payloadsOf(DEMO).length)
    const ours = await recv(topic)
    const expected = await flows('flow-recv', '--pcap', DEMO)
    assertSameSums(ours, expected, TUPLE)
    assert.ok(ours.every(({ peer_ip_src: exporter }) => String(exporter).startsWith('127.0.0.')))
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
      'plugin_pipe_size: 64000000',
      'plugin_buffer_size: 64000',
    ]
    const configuration = join(folder, 'nfacctd.conf')
    writeFileSync(configuration, lines.map(line => `${line}\n`).join(''))
    startProgram(context, ['nfacctd', '-f', configuration], folder)
    const sum = (rows: readonly { readonly [name: string]: unknown }[]) =>
      rows.reduce((total, { packets }) => total + Number(packets ?? 0), 0)
    const theirs = () => (existsSync(out) ? records(readFileSync(out, 'utf8').replace(/[^\n]*$/, '')) : [])
    await until(() => sum(theirs()) >= sum(expected))
    assertSameSums(expected, theirs(), TUPLE)
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
