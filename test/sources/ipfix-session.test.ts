import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import { isProblem } from '../../src/contract/problem.ts'
import { parseAllowList } from '../../src/maps/allow-list.ts'
import { IpfixSession } from '../../src/sources/ipfix-session.ts'
import { data, ipfix, template, withdrawal } from '../support/flow-writer.ts'
import { Collector, FLOW, ipfixData, ipfixMessage, LOOPBACK, octetsOf, rows } from './flow-collector.ts'

/** What a session needs of its socket. */
const socket = {
  remoteAddress: '127.0.0.1',
  remotePort: 40_000,
  pause() {},
  resume() {},
  destroy() {},
} as unknown as Socket

function messagesOf(stream: Uint8Array, cuts: readonly number[]): { messages: string[]; session: IpfixSession } {
  const session = new IpfixSession(socket)
  const messages: string[] = []
  let from = 0
  for (const to of [...cuts, stream.length]) {
    session.receive(stream.subarray(from, to), 1)
    while (session.next()) {
      messages.push(Buffer.from(session.octets.subarray(session.start, session.end)).toString('hex'))
    }
    from = to
  }
  return { messages, session }
}

test('messages are framed by their own length, wherever the stream is cut', () => {
  const sent = [ipfixMessage(1), ipfixData(3), ipfix({}, []), ipfixData(40)]
  const stream = Buffer.concat(sent)
  const wanted = sent.map(message => message.toString('hex'))
  for (let cut = 0; cut <= stream.length; cut++) {
    const { messages, session } = messagesOf(stream, [cut])
    assert.deepEqual(messages, wanted, `cut at ${cut}`)
    assert.equal(session.rest, 0)
  }
  const everywhere = Array.from({ length: stream.length }, (_, index) => index)
  assert.deepEqual(messagesOf(stream, everywhere).messages, wanted)
})

test('messages of the largest size, and chunks of any', () => {
  const wide = template(300, [[210, 65_000]])
  const sent = Array.from({ length: 4 }, (_, index) =>
    ipfix({ sequence: index }, [data(wide, [[Buffer.alloc(65_000, index)]])]),
  )
  const stream = Buffer.concat(sent)
  const wanted = sent.map(message => message.toString('hex'))
  assert.deepEqual(messagesOf(stream, []).messages, wanted)
  assert.deepEqual(messagesOf(stream, [65_536, 131_072, 200_000]).messages, wanted)
})

test('a length that no message has, or another version, ends the session', () => {
  const short = Buffer.from('000a000f', 'hex')
  assert.equal(messagesOf(Buffer.concat([ipfixData(1), short]), []).session.problem?.code, 'ipfix-session/length')
  const netflow9 = Buffer.from('00090001', 'hex')
  const { messages, session } = messagesOf(Buffer.concat([ipfixData(1), netflow9, ipfixData(1)]), [])
  assert.equal(messages.length, 1)
  assert.equal(session.problem?.code, 'ipfix-session/version')
})

async function client(context: TestContext, port: number, address = '127.0.0.1'): Promise<Socket> {
  const opened = connect(port, address)
  opened.on('error', () => {}) // the far end may well reset it
  await once(opened, 'connect')
  context.after(() => opened.destroy())
  return opened
}

const closed = (opened: Socket): Promise<void> =>
  new Promise(resolve => {
    opened.resume().on('close', () => resolve())
    if (opened.destroyed) resolve()
  })

test('TCP: templates live and die with their session, and can be withdrawn there', async context => {
  const collector = new Collector(context, { sessions: { tcp: LOOPBACK } })
  const port = await collector.port('tcp')
  const [one, two] = [await client(context, port), await client(context, port)]
  one.write(ipfixMessage(2))
  await collector.until(() => collector.records.length === 2)
  two.write(ipfixData(1))
  await collector.until(() => collector.count('sets-held') === 1)
  one.write(Buffer.concat([ipfix({ observationDomain: 1 }, [withdrawal(256)]), ipfixData(1)]))
  await collector.until(() => collector.count('sets-held') === 2)
  assert.equal(collector.count('templates-withdrawn'), 1)
  two.write(ipfixMessage(1, 10))
  await collector.until(() => collector.records.length === 4)
  assert.deepEqual(octetsOf(collector.records).sort(), [1000, 1000, 1001, 1010])
  one.end()
  await collector.until(() => collector.count('sessions-closed') === 1)
  two.end()
  await collector.until(() => collector.count('sessions-closed') === 2)
  assert.equal(collector.count('sessions-opened'), 2)
})

test('TCP: octets that come one by one', async context => {
  const collector = new Collector(context, { sessions: { tcp: LOOPBACK } })
  const exporter = await client(context, await collector.port('tcp'))
  exporter.setNoDelay(true)
  for (const octet of ipfixMessage(1)) {
    exporter.write(Uint8Array.of(octet))
    await new Promise(resolve => setImmediate(resolve))
  }
  await collector.until(() => collector.records.length === 1)
})

test('TCP: a message that breaks the framing closes its session, no other', async context => {
  const collector = new Collector(context, { sessions: { tcp: LOOPBACK } })
  const port = await collector.port('tcp')
  const [good, bad] = [await client(context, port), await client(context, port)]
  bad.write(Buffer.concat([ipfixMessage(1), Buffer.from('000a0003', 'hex'), ipfixData(1)]))
  await closed(bad)
  good.write(ipfixMessage(1))
  await collector.until(() => collector.records.length === 2)
  assert.deepEqual(collector.host.codes, ['ipfix-session/length'])
})

test('TCP: a session that ends in a message is told', async context => {
  const collector = new Collector(context, { sessions: { tcp: LOOPBACK } })
  const exporter = await client(context, await collector.port('tcp'))
  exporter.end(Buffer.concat([ipfixMessage(1), ipfixData(1).subarray(0, 20)]))
  await collector.until(() => collector.count('sessions-closed') === 1)
  assert.deepEqual(collector.host.codes, ['ipfix-session/truncated'])
  assert.equal(collector.records.length, 1)
})

test('TCP: sessions beyond the limit are refused', async context => {
  const collector = new Collector(context, { sessions: { tcp: LOOPBACK, maxSessions: 1 } })
  const port = await collector.port('tcp')
  const first = await client(context, port)
  first.write(ipfixMessage(1))
  await collector.until(() => collector.records.length === 1)
  await closed(await client(context, port))
  assert.equal(collector.count('sessions-refused'), 1)
  first.destroy()
  await collector.until(() => collector.count('sessions-closed') === 1)
  const next = await client(context, port)
  next.write(ipfixMessage(1))
  await collector.until(() => collector.records.length === 2)
})

test('TCP: a silent session is closed', async context => {
  const collector = new Collector(context, { sessions: { tcp: LOOPBACK, idleMs: 100 } })
  await closed(await client(context, await collector.port('tcp')))
  assert.equal(collector.count('sessions-idle'), 1)
})

test('TCP: who is not on the allow list is refused', async context => {
  const allow = parseAllowList('203.0.113.0/24', 'allow')
  assert.ok(!isProblem(allow))
  const collector = new Collector(context, { sessions: { tcp: LOOPBACK }, flow: { allow } })
  await closed(await client(context, await collector.port('tcp')))
  assert.equal(collector.count('denied'), 1)
  assert.equal(collector.count('sessions-opened'), 0)
})

test('TCP: an exporter waits while the reader does, and nothing is lost', async context => {
  const collector = new Collector(context, { sessions: { tcp: LOOPBACK } })
  const exporter = await client(context, await collector.port('tcp'))
  collector.hold()
  exporter.write(ipfixMessage(1))
  await collector.until(() => collector.records.length === 1)
  const [messages, perMessage] = [20_000, 50]
  const message = ipfix({ observationDomain: 1 }, [data(FLOW, rows(perMessage))])
  let written = 0
  while (written < messages && exporter.writableLength < 4 * 1024 * 1024) {
    exporter.write(message)
    if (++written % 100 === 0) await new Promise(resolve => setTimeout(resolve, 1))
  }
  assert.ok(written < messages, 'the exporter was never held up')
  collector.release()
  exporter.end()
  await collector.until(() => collector.count('sessions-closed') === 1)
  assert.equal(collector.records.length, 1 + written * perMessage)
})

test('TCP: what a session still has when the signal comes is read', async context => {
  const collector = new Collector(context, { sessions: { tcp: LOOPBACK } })
  const exporter = await client(context, await collector.port('tcp'))
  collector.hold()
  exporter.write(ipfixMessage(1))
  await collector.until(() => collector.records.length === 1)
  await new Promise<void>(resolve => exporter.write(Buffer.concat([ipfixData(5), ipfixData(5)]), () => resolve()))
  collector.host.stop.abort()
  collector.release()
  await collector.done
  assert.equal(collector.records.length, 11)
})
