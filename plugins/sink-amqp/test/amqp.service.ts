// sink-amqp and amqp-recv with a real broker: what goes in comes out, whoever is killed in the middle.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { connect } from 'amqplib'
import { jsonText, parsedRecord } from '../../../src/stream/json.ts'
import { isSkipped, type Server } from '../../../test/services/servers/server.ts'
import { ended, netally, scratch, start } from '../../../test/support/cli.ts'
import { testRecord } from '../../../test/support/sink-compliance.ts'
import { startCounting, statsOf, until } from '../../../test/support/stats.ts'
import { down, environment, newName, sharedBroker, takeAll, up } from './rabbit.ts'

const broker = await sharedBroker()
const skip = isSkipped(broker) ? broker.skipped : false
const server = broker as Server
const address = isSkipped(broker) ? '' : `127.0.0.1:${broker.port}`
const env = isSkipped(broker) ? {} : environment(broker)

const lines = (count: number, from = 0) => Array.from({ length: count }, (_, n) => jsonText(testRecord(from + n)))
const text = (all: readonly string[]) => all.map(line => `${line}\n`).join('')

async function sink(input: string, ...words: readonly string[]): Promise<void> {
  const { status, stderr } = await netally(['sink-amqp', address, ...words], input, { env })
  assert.equal(status, 0, stderr)
}

async function recv(...words: readonly string[]): Promise<string> {
  const { status, stderr, stdout } = await netally(['amqp-recv', address, '--until-end', ...words], '', { env })
  assert.equal(status, 0, stderr)
  return stdout
}

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

describe('sink-amqp and amqp-recv', { skip }, () => {
  it('what goes in comes out, to the last octet; once', async () => {
    const queue = newName()
    const sent = lines(5000)
    await sink(text(sent), '--queue', queue, '--declare')
    assert.equal(await recv('--queue', queue), text(sent))
    assert.equal((await recv('--queue', queue)).length, 0, 'it was acknowledged')
    await sink(text(sent), '--queue', queue, '--multi-values', '300')
    const got = await takeAll(server, queue)
    assert.equal(got.length, Math.ceil(2000 / 300) * 2 + Math.ceil(1000 / 300), 'batches of 2000')
    assert.deepEqual(
      got.flatMap(message => message.text.split('\n')),
      sent,
    )
    await sink(text(sent), '--queue', queue, '--multi-values', '300')
    assert.equal(await recv('--queue', queue), text(sent))
  })

  it('each type of exchange; routing keys of fields; round robin', async () => {
    const [topic, fanout, headers, direct] = [newName(), newName(), newName(), newName()]
    const made = ['--declare', '--queue']
    await sink(text(lines(4)), '--exchange', topic, '--type', 'topic', '--routing-key', 'flows.$ip_src', ...made, topic)
    const keys = (await takeAll(server, topic)).map(({ routingKey }) => routingKey)
    assert.deepEqual(
      keys,
      [0, 1, 2, 3].map(n => `flows.192_0_2_${n}`),
    )
    await sink(text(lines(4)), '--exchange', fanout, '--type', 'fanout', ...made, fanout)
    assert.equal(await recv('--queue', fanout), text(lines(4)))
    await sink(text(lines(4)), '--exchange', headers, '--type', 'headers', '--headers', 'tag,label', ...made, headers)
    const [first] = await takeAll(server, headers)
    assert.deepEqual(first?.properties.headers, { tag: 0, label: testRecord(0).label })
    assert.match(first?.properties.messageId ?? '', /^[\w.-]+\.0$/)
    const round = ['--exchange', direct, '--routing-key', 'k', '--routing-key-rr', '2']
    await sink(text(lines(6)), ...round, ...made, direct)
    const turns = (await takeAll(server, direct)).map(({ routingKey }) => routingKey)
    assert.deepEqual(turns.toSorted(), ['k_0', 'k_0', 'k_0', 'k_1', 'k_1', 'k_1'])
    assert.notEqual(turns[0], turns[1])
  })

  it('messages that no queue takes are set aside, unless that is wanted', async () => {
    const exchange = newName()
    const words = ['sink-amqp', address, '--exchange', exchange, '--declare', '--routing-key', 'nobody']
    const { status, stderr } = await netally(words, text(lines(3)), { env })
    assert.equal(status, 1)
    assert.match(stderr, /3 dropped \(rejected\)/)
    await sink(text(lines(3)), '--exchange', exchange, '--routing-key', 'nobody', '--allow-unroutable')
  })

  it('Avro with its schema in a file', async context => {
    const queue = newName()
    const file = join(scratch(context), 'rows.avsc')
    const sent = lines(50)
    await sink(text(sent), '--queue', queue, '--declare', '--format', 'avro', '--avro-schema-file', file)
    await sink(text(sent), '--queue', queue, '--format', 'avro', '--avro-schema-file', file, '--multi-values', '20')
    const back = wholeLines(await recv('--queue', queue, '--avro-schema-file', file)).map(line => parsedRecord(line))
    assert.deepEqual(
      back,
      [...sent, ...sent].map(line => parsedRecord(line)),
    )
  })

  it("Avro's JSON encoding", async () => {
    const input = '{"ip_src":"192.0.2.1","bytes":9007199254740993}\n{"bytes":5}\n'
    const expected =
      '{"ip_src":{"string":"192.0.2.1"},"bytes":{"long":9007199254740993}}\n{"ip_src":null,"bytes":{"long":5}}'
    const queue = newName()
    await sink(input, '--queue', queue, '--declare', '--format', 'avro_json', '--multi-values', '2')
    const [message] = await takeAll(server, queue)
    assert.equal(message?.text, expected)
    assert.equal(message?.properties.contentType, 'application/json')
  })

  it('a wrong password, a virtual host and an exchange that are not there', async () => {
    const wrong = { env: { ...env, NETALLY_AMQP_PASSWORD: 'wrong' } }
    const refused = await netally(['sink-amqp', address], text(lines(3)), wrong)
    assert.equal(refused.status, 1)
    assert.match(refused.stderr, /amqp\/refused/)
    const unknown = await netally(['amqp-recv', `amqp://${address}/nowhere`, '--queue', 'x'], '', { env })
    assert.match(unknown.stderr, /amqp\/refused/)
    const words = ['sink-amqp', address, '--exchange', newName(), '--give-up-after', '300ms', '--retry-first', '50ms']
    const missing = await netally(words, text(lines(3)), { env })
    assert.match(missing.stderr, /NOT_FOUND|no exchange/)
  })

  it('messages without records go where the dead letters go', async () => {
    const queue = newName()
    const connection = await connect(server.url)
    const channel = await connection.createChannel()
    await channel.assertQueue(`${queue}-dead`, { durable: true })
    const deadLetters = { deadLetterExchange: '', deadLetterRoutingKey: `${queue}-dead` }
    await channel.assertQueue(queue, { durable: true, ...deadLetters })
    for (const message of ['{"a":1}', 'nonsense', '[{"a":2}]', 'more']) channel.sendToQueue(queue, Buffer.from(message))
    await channel.close()
    await connection.close()
    const { stdout, stderr } = await netally(['amqp-recv', address, '--queue', queue, '--until-end'], '', { env })
    assert.equal(stdout, '{"a":1}\n{"a":2}\n')
    assert.match(stderr, /2 dropped \(bad-message\)/)
    assert.deepEqual(
      (await takeAll(server, `${queue}-dead`)).map(message => message.text),
      ['nonsense', 'more'],
    )
    assert.deepEqual(await takeAll(server, queue), [])
  })

  it('a queue of our own, bound to a topic exchange', async context => {
    const exchange = newName()
    const words = ['--exchange', exchange, '--type', 'topic', '--declare']
    const child = start(['amqp-recv', address, ...words, '--bind', 'a.*', '--bind', 'b.#'], { env })
    context.after(() => void child.kill('SIGKILL'))
    let out = ''
    child.stdout?.on('data', chunk => {
      out += chunk
    })
    await bound(exchange)
    for (const key of ['a.x', 'b.x.y', 'c.x']) {
      await sink(`{"label":"${key}"}\n`, ...words, '--routing-key', key, '--allow-unroutable')
    }
    await until(() => wholeLines(out).length === 2)
    assert.deepEqual(wholeLines(out), ['{"label":"a.x"}', '{"label":"b.x.y"}'])
    child.kill('SIGTERM')
    assert.equal((await ended(child)).status, 0)
  })

  it('kill -9 while nobody reads the output: nothing is acknowledged ahead of it', async context => {
    const queue = newName()
    const sent = lines(10_000)
    await sink(text(sent), '--queue', queue, '--declare')
    const counting = await startCounting(context, ['amqp-recv', address, '--queue', queue], { env })
    let created = 0
    await statsOf(counting, stats => {
      const isStill = stats.created > 0 && stats.created === created
      created = stats.created
      return isStill
    })
    await pause(1500)
    counting.child.kill('SIGKILL')
    const first = wholeLines((await ended(counting.child)).stdout)
    assert.ok(first.length < created, 'there was more in the process than in the pipe')
    assertAll([...first, ...wholeLines(await recv('--queue', queue))], sent)
  })

  it('the broker is killed and comes back: all of it comes', async context => {
    const queue = newName()
    const sent = lines(4000)
    await sink(text(sent.slice(0, 2000)), '--queue', queue, '--declare')
    let out = ''
    const child = start(['amqp-recv', address, '--queue', queue], { env })
    context.after(() => void child.kill('SIGKILL'))
    child.stdout?.on('data', chunk => {
      out += chunk
    })
    await until(() => wholeLines(out).length >= 2000)
    // The declaration of the queue reaches the disk up to two seconds after the answer to it.
    await pause(3000)
    await down(server, 'kill')
    await pause(500)
    await up(server)
    await sink(text(sent.slice(2000)), '--queue', queue)
    await until(() => new Set(wholeLines(out)).size === 4000)
    assertAll(wholeLines(out), sent)
    child.kill('SIGTERM')
    assert.equal((await ended(child)).status, 0)
  })
})

/** Until a queue is bound to an exchange. */
async function bound(exchange: string): Promise<void> {
  for (let poll = 0; poll < 300; poll++) {
    const bindings = await server.query(`exchanges/%2F/${exchange}/bindings/source`).catch(() => '[]')
    if (bindings !== '[]' && !bindings.includes('Not Found')) return
    await pause(100)
  }
  assert.fail(`nobody was bound to ${exchange}`)
}
