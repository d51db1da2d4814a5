// sink-kafka and kafka-recv with a real broker: what goes in comes out, whoever is killed in the middle.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { Producer } from '@platformatic/kafka'
import { jsonText } from '../../../src/stream/json.ts'
import { isSkipped, type Server } from '../../../test/services/servers/server.ts'
import { ended, netally, scratch, start } from '../../../test/support/cli.ts'
import { netflow5 } from '../../../test/support/flow-writer.ts'
import { testRecord } from '../../../test/support/sink-compliance.ts'
import { startCounting, statsOf, until } from '../../../test/support/stats.ts'
import { down, messages, newTopic, sharedBroker, up } from './kafka-server.ts'

const broker = await sharedBroker({ tls: true })
const skip = isSkipped(broker) ? broker.skipped : false
const server = broker as Server

const lines = (count: number, from = 0) => Array.from({ length: count }, (_, n) => jsonText(testRecord(from + n)))
const text = (all: readonly string[]) => all.map(line => `${line}\n`).join('')

async function sink(input: string, topic: string, ...more: readonly string[]): Promise<void> {
  const { status, stderr } = await netally(['sink-kafka', server.url, '--topic', topic, ...more], input)
  assert.equal(status, 0, stderr)
}

/** Everything there is, as text. */
async function recv(topic: string, group: string, ...more: readonly string[]): Promise<string> {
  const words = ['kafka-recv', server.url, '--topic', topic, '--group', group, '--until-end', ...more]
  const { status, stderr, stdout } = await netally(words)
  assert.equal(status, 0, stderr)
  return stdout
}

/** Whole lines that a process gave before it was ended. */
const wholeLines = (out: string) =>
  out
    .slice(0, out.lastIndexOf('\n') + 1)
    .split('\n')
    .slice(0, -1)

/** None is missing, none is other than it was. */
function assertAll(seen: readonly string[], sent: readonly string[]): void {
  const missing = new Set(sent)
  for (const line of seen) missing.delete(line)
  assert.equal(missing.size, 0, `${missing.size} of ${sent.length} are missing`)
  const known = new Set(sent)
  assert.deepEqual(seen.filter(line => !known.has(line)).slice(0, 3), [], 'lines that were not sent')
}

describe('sink-kafka and kafka-recv', { skip }, () => {
  it('what goes in comes out, to the last octet, compressed or not; once', async () => {
    const sent = lines(3000)
    for (const compression of ['none', 'gzip', 'snappy', 'lz4', 'zstd']) {
      const topic = newTopic()
      await sink(text(sent), topic, '--compression', compression)
      assert.deepEqual(await messages(server, topic), sent, `${compression}, read by kcat`)
      assert.equal(await recv(topic, topic), text(sent), compression)
      assert.equal(await recv(topic, topic), '', 'the group has read it')
    }
  })

  it('topics, keys and headers made of fields; round robin', async () => {
    const prefix = newTopic()
    await sink(text(lines(6)), `${prefix}.$ip_src.%Y%m%d`, '--key', '$ip_dst/$port_dst')
    assert.deepEqual(await messages(server, `${prefix}.192.0.2.3.20251124`, '%k\\n'), ['2001:db8::1/443'])
    const [id] = await messages(server, `${prefix}.192.0.2.3.20251124`, '%h\\n')
    assert.match(id ?? '', /^netally-id=[\w.-]+\.3$/)
    const round = newTopic()
    await sink(text(lines(9)), round, '--topic-rr', '3', '--no-headers')
    const each = await Promise.all([0, 1, 2].map(n => messages(server, `${round}_${n}`)))
    assert.deepEqual(
      each.map(({ length }) => length),
      [3, 3, 3],
    )
    assert.deepEqual(each.flat().sort(), lines(9).sort())
  })

  it('several records in a message', async () => {
    const topic = newTopic()
    const sent = lines(1000)
    await sink(text(sent), topic, '--multi-values', '300')
    assert.equal((await messages(server, topic, '%o\\n')).length, 4)
    assert.deepEqual(await messages(server, topic), sent, 'with line feeds between them')
    assert.equal(await recv(topic, topic), text(sent))
  })

  it("pmacct's exact JSON", async () => {
    const topic = newTopic()
    await sink(text([jsonText({ as_path: [64_500, 64_501], bytes: 5 })]), topic, '--compat', 'pmacct')
    assert.deepEqual(await messages(server, topic), ['{"event_type":"purge","as_path":"64500_64501","bytes":5}'])
  })

  it("Avro's JSON encoding", async () => {
    const input = '{"ip_src":"192.0.2.1","bytes":9007199254740993}\n{"bytes":5}\n'
    const expected =
      '{"ip_src":{"string":"192.0.2.1"},"bytes":{"long":9007199254740993}}\n{"ip_src":null,"bytes":{"long":5}}'
    const topic = newTopic()
    await sink(input, topic, '--format', 'avro_json')
    assert.deepEqual(await messages(server, topic), expected.split('\n'))
  })

  it('keys go where the clients of Kafka put them; --partition', async context => {
    const topic = newTopic()
    await partitioned(context, topic, 4)
    await sink(text(lines(40)), topic, '--key', '$ip_src')
    const ours = await messages(server, topic, '%k %p\\n')
    assert.ok(new Set(ours.map(line => line.split(' ')[1])).size > 1)
    const theirs = newTopic()
    await partitioned(context, theirs, 4)
    const kcat = ['kcat', '-P', '-b', server.url, '-t', theirs, '-K', '\t', '-X', 'topic.partitioner=murmur2_random']
    const { run } = await import('../../../test/services/servers/programs.ts')
    await run(kcat, {}, ours.map(line => `${line.split(' ')[0]}\tx\n`).join(''))
    assert.deepEqual((await messages(server, theirs, '%k %p\\n')).sort(), ours.sort(), 'as librdkafka has it')
    await sink(text(lines(5)), topic, '--partition', '3')
    assert.equal(
      (await messages(server, topic, '%p\\n', ['-p', '3'])).length,
      ours.filter(line => line.endsWith(' 3')).length + 5,
    )
    const refused = await netally(['sink-kafka', server.url, '--topic', topic, '--partition', '4'], text(lines(2)))
    assert.equal(refused.status, 1)
    assert.match(refused.stderr, /2 dropped \(rejected\)/)
  })

  it('TLS with SASL: PLAIN and SCRAM, by flags and by a file in the manner of librdkafka', async context => {
    const { ca } = server.certificates as { ca: string }
    const secure = `ssl://127.0.0.1:${server.ports.secure}`
    const env = { ...process.env, NETALLY_KAFKA_USER: 'netally', NETALLY_KAFKA_PASSWORD: 'netally-test' }
    for (const mechanism of ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512']) {
      const topic = newTopic()
      const words = [secure, '--tls-ca', ca, '--sasl', mechanism, '--topic', topic]
      const written = await netally(['sink-kafka', ...words], text(lines(10)), { env })
      assert.equal(written.status, 0, written.stderr)
      const read = await netally(['kafka-recv', ...words, '--group', topic, '--until-end'], '', { env })
      assert.equal(read.stdout, text(lines(10)), read.stderr)
    }
    const file = join(scratch(context), 'kafka.conf')
    const settings = ['security.protocol, sasl_ssl', `ssl.ca.location, ${ca}`, 'sasl.mechanisms, SCRAM-SHA-512']
      .concat(['sasl.username, netally', 'sasl.password, netally-test'])
      .concat([`bootstrap.servers, 127.0.0.1:${server.ports.secure}`])
    writeFileSync(file, settings.map(line => `global, ${line}\n`).join(''))
    const topic = newTopic()
    assert.equal((await netally(['sink-kafka', '--config', file, '--topic', topic], text(lines(10)))).status, 0)
    assert.deepEqual(await messages(server, topic), lines(10))
    const wrong = { env: { ...env, NETALLY_KAFKA_PASSWORD: 'wrong' } }
    const refused = await netally(['sink-kafka', secure, '--tls-ca', ca, '--sasl', 'PLAIN'], text(lines(10)), wrong)
    assert.equal(refused.status, 1)
    assert.match(refused.stderr, /kafka\/refused/)
    assert.match(refused.stderr, /10 dropped \(not-sent\)/)
    const unknown = await netally(['kafka-recv', secure, '--tls-ca', ca, '--sasl', 'PLAIN', '--topic', 'x'], '', wrong)
    assert.match(unknown.stderr, /kafka\/refused/)
  })

  it('where a group begins', async () => {
    const topic = newTopic()
    await sink(text(lines(10)), topic)
    await pause(50)
    const between = new Date().toISOString()
    await pause(50)
    await sink(text(lines(10, 10)), topic)
    assert.equal(await recv(topic, `${topic}-a`, '--from', 'latest'), '')
    assert.equal(await recv(topic, `${topic}-b`, '--from', between), text(lines(10, 10)))
    assert.equal(await recv(topic, `${topic}-c`, '--from', 'earliest'), text(lines(20)))
    assert.equal(await recv(topic, `${topic}-d`, '--from', String(Date.now() / 1000 + 60)), '')
  })

  it('messages without records are counted, and left out', async () => {
    const topic = newTopic()
    const { run } = await import('../../../test/services/servers/programs.ts')
    await run(['kcat', '-P', '-b', server.url, '-t', topic], {}, '{"a":1}\nnonsense\n[{"a":2},{"a":3}]\n')
    const words = ['kafka-recv', server.url, '--topic', topic, '--group', topic, '--until-end']
    const { status, stdout, stderr } = await netally(words)
    assert.equal(stdout, '{"a":1}\n{"a":2}\n{"a":3}\n')
    assert.equal(status, 0, 'as for other bad input')
    assert.match(stderr, new RegExp(`topic ${topic} partition 0 offset 1: it is no JSON object`))
    assert.match(stderr, /1 dropped \(bad-message\)/)
    assert.equal((await netally(words)).stdout, '', 'it does not come again')
  })

  it('datagrams of exporters', async () => {
    const topic = newTopic()
    const header = { version: 5, count: 1, sysUptimeMs: 1000, exportTime: 1_764_000_000, exportNanoseconds: 0 }
    const more = { sequence: 0, engineType: 0, engineId: 0, sampling: 0 }
    const ports = { inputInterface: 1, outputInterface: 2, packets: 3, octets: 400, firstMs: 10, lastMs: 20 }
    const rest = { sourcePort: 53, destinationPort: 4000, padding1: 0, tcpFlags: 0, protocol: 17, tos: 0, sourceAs: 1 }
    const masks = { destinationAs: 2, sourceMask: 24, destinationMask: 24, padding2: 0 }
    const record = { source: 0xc0000201, destination: 0xc0000202, nextHop: 0, ...ports, ...rest, ...masks }
    const value = netflow5({ ...header, ...more }, [record])
    const producer = new Producer({ clientId: 'tee', bootstrapBrokers: [server.url] })
    await recvReady(topic)
    const headers = new Map([[Buffer.from('netally-exporter'), Buffer.from('198.51.100.7:2055')]])
    await producer.send({
      messages: [
        { topic, value, headers },
        { topic, value, key: Buffer.from('[2001:db8::7]:9995') },
      ],
    })
    await producer.close()
    const flows = (await recv(topic, topic, '--raw')).split('\n').filter(Boolean)
    const seen = flows.map(line => JSON.parse(line) as { peer_ip_src: string; bytes: number; port_src: number })
    assert.deepEqual(
      seen.map(({ peer_ip_src: exporter, bytes, port_src: port }) => [exporter, bytes, port]),
      [
        ['198.51.100.7', 400, 53],
        ['2001:db8::7', 400, 53],
      ],
    )
  })

  it('kill -9 while nobody reads the output: offsets are not ahead of it', async context => {
    const topic = newTopic()
    const sent = lines(20_000)
    await sink(text(sent), topic)
    const words = ['kafka-recv', server.url, '--topic', topic, '--group', topic]
    const counting = await startCounting(context, words)
    const { child } = counting
    let created = 0
    await statsOf(counting, stats => {
      const isStill = stats.created > 0 && stats.created === created
      created = stats.created
      return isStill
    })
    await pause(1500)
    child.kill('SIGKILL')
    const first = wholeLines((await ended(child)).stdout)
    assert.ok(first.length < created, 'there was more in the process than in the pipe')
    assertAll([...first, ...wholeLines(await recv(topic, topic))], sent)
  })

  it('two members share the partitions; one is killed, the other takes its part', async context => {
    const topic = newTopic()
    await partitioned(context, topic, 4)
    const sent = lines(20_000)
    const config = join(scratch(context), 'kafka.conf')
    writeFileSync(config, 'session.timeout.ms=6000\n')
    const words = ['kafka-recv', server.url, '--topic', topic, '--group', topic, '--config', config]
    const outs = ['', '']
    const members = [0, 1].map(n => {
      const child = start(words)
      context.after(() => void child.kill('SIGKILL'))
      child.stdout?.on('data', chunk => (outs[n] += chunk))
      return child
    })
    // A little at a time: the one that joins first must not take all of it before the other is there.
    let sentCount = 0
    while (outs.some(out => out.length === 0)) {
      assert.ok(sentCount < 10_000, 'one of the members gets nothing')
      await sink(text(sent.slice(sentCount, sentCount + 250)), topic, '--key', '$ip_src')
      sentCount += 250
      await pause(1000)
    }
    members[0]?.kill('SIGKILL')
    await sink(text(sent.slice(sentCount)), topic, '--key', '$ip_src')
    await until(() => new Set(outs.flatMap(wholeLines)).size === sent.length)
    assertAll(outs.flatMap(wholeLines), sent)
    members[1]?.kill('SIGTERM')
    await new Promise(resolve => members[1]?.once('exit', resolve))
    assert.equal(await recv(topic, topic), '', 'what was taken is committed')
  })

  it('the broker is killed and comes back: all of it comes', async context => {
    const topic = newTopic()
    const sent = lines(4000)
    await sink(text(sent.slice(0, 2000)), topic)
    let out = ''
    const child = start(['kafka-recv', server.url, '--topic', topic, '--group', topic])
    context.after(() => void child.kill('SIGKILL'))
    child.stdout?.on('data', chunk => (out += chunk))
    await until(() => wholeLines(out).length >= 2000)
    await down(server, 'kill')
    await pause(500)
    await up(server)
    await sink(text(sent.slice(2000)), topic)
    await until(() => new Set(wholeLines(out)).size === 4000)
    assertAll(wholeLines(out), sent)
    child.kill('SIGTERM')
    assert.equal((await ended(child)).status, 0)
  })
})

/** Makes a topic of several partitions. */
async function partitioned(context: TestContext, topic: string, partitions: number): Promise<void> {
  const { Admin } = await import('@platformatic/kafka')
  const admin = new Admin({ clientId: 'test', bootstrapBrokers: [server.url] })
  context.after(() => admin.close())
  await admin.createTopics({ topics: [topic], partitions, replicas: 1 })
}

/** The topic is there. */
async function recvReady(topic: string): Promise<void> {
  await sink('{"a":1}\n', topic)
  assert.equal(await recv(topic, topic), '{"a":1}\n')
}
