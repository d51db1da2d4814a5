import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { type TestContext, test } from 'node:test'
import { isProblem } from '../../../src/contract/problem.ts'
import { parseAllowList } from '../../../src/maps/allow-list.ts'
import { IPV4_UNICAST } from '../../../src/wire/bgp/families.ts'
import { writeKeepalive, writeMessage, writeNotification } from '../../../src/wire/bgp/message.ts'
import { NLRI_READERS } from '../../../src/wire/bgp/nlri/families.ts'
import { readOpen } from '../../../src/wire/bgp/open.ts'
import { writeRouteRefresh } from '../../../src/wire/bgp/route-refresh.ts'
import { asPath, attribute, mandatory, nextHop, prefix, update } from '../../support/bgp-writer.ts'
import { type Changes, Collector, open, Peer, until } from './scripted-peer.ts'

const routes = (...prefixes: string[]): Uint8Array =>
  update({ attributes: mandatory(), nlri: prefixes.flatMap(text => prefix(text)) })
const END_OF_RIB = update({})

async function session(context: TestContext, changes: Changes = {}, opening = open()) {
  const collector = new Collector(context, changes)
  const peer = await Peer.to(context, await collector.port())
  await peer.establish(opening)
  await until(() => collector.count('sessions-established') === 1)
  return { collector, peer }
}

test('a session from OPEN to the end of the connection, as records', async context => {
  const { collector, peer } = await session(context)
  const withdrawal = update({ withdrawn: prefix('10.0.0.0/8') })
  peer.say(routes('10.0.0.0/8', '192.0.2.0/24'), withdrawal, END_OF_RIB, writeRouteRefresh(1, 1), writeKeepalive())
  await until(() => collector.records.length === 5)
  const port = peer.socket.localPort
  peer.socket.end()
  await until(() => collector.records.length === 6)
  assert.deepEqual(collector.events, [
    ...['log_init', 'update 10.0.0.0/8', 'update 192.0.2.0/24', 'withdraw 10.0.0.0/8', 'end-of-rib', 'log_close'],
  ])
  const [init, first] = collector.records
  const { timestamp, ...rest } = init ?? {}
  const common = { peer_ip_src: '127.0.0.1', peer_tcp_port: port }
  assert.ok(Math.abs(Number(timestamp) - Date.now() / 1000) < 60)
  assert.deepEqual(rest, { seq: 0, ...common, event_type: 'log_init', peer_id: '192.0.2.1', peer_as: 64500 })
  assert.deepEqual(first?.as_path, [64500, 64501])
  assert.deepEqual(
    collector.records.map(({ seq }) => seq),
    [0, 1, 2, 3, 4, 5],
  )
  assert.deepEqual(collector.host.codes, ['bgp-session/closed'])
})

test('our OPEN: the AS of the peer, or the one given; families, ADD-PATH, hold time', async context => {
  const { peer } = await session(context, { speaker: { holdSeconds: 30 } })
  const { body } = await peer.hears(1)
  const said = readOpen(body, 0, body.length)
  assert.ok(!isProblem(said))
  assert.deepEqual([said.as, said.holdSeconds, said.routerId], [64500, 30, '192.0.2.254'])
  const { families, as4, addPath, extendedMessage, routeRefresh } = said.capabilities
  assert.equal(as4, 64500)
  assert.deepEqual([...families].sort(), [...NLRI_READERS.keys()].sort())
  assert.deepEqual(
    addPath,
    families.map(family => ({ family, mode: 1 })),
  )
  assert.ok(extendedMessage && routeRefresh)
  assert.ok(body.length < 255 + 10, 'the parameters need the extended form')

  const other = new Collector(context, { speaker: { as: 4_200_000_000, addPath: false } })
  const listener = await Peer.to(context, await other.port())
  const first = await listener.hears(1)
  const ours = readOpen(first.body, 0, first.body.length)
  assert.ok(!isProblem(ours))
  assert.equal(ours.as, 4_200_000_000)
  assert.deepEqual(ours.capabilities.addPath, [])
  assert.deepEqual([...first.body.subarray(1, 3)], [0x5b, 0xa0], 'AS_TRANS')
})

test('what was agreed on decides how UPDATEs are read: two-octet AS, path identifiers', async context => {
  const opening = open({ as4: undefined as never, addPath: [{ family: IPV4_UNICAST, mode: 2 }] })
  const { collector, peer } = await session(context, {}, opening)
  const path = attribute(2, [2, 2, 0xfb, 0xf4, 0xfb, 0xf5])
  const attributes = [...attribute(1, [0]), ...path, ...nextHop('192.0.2.1')]
  peer.say(update({ attributes, nlri: [...prefix('10.0.0.0/8', 7), ...prefix('10.0.0.0/8', 8)] }))
  await until(() => collector.records.length === 3)
  assert.deepEqual(
    collector.records.slice(1).map(({ as_path, as_path_id }) => [as_path, as_path_id]),
    [
      [[64500, 64501], 7],
      [[64500, 64501], 8],
    ],
  )
})

test('RFC 7606: a malformed attribute ends no session, its routes are withdrawn, and what follows is read', async context => {
  const { collector, peer } = await session(context)
  const attributes = [...attribute(1, [9]), ...asPath(64500), ...nextHop('192.0.2.1')]
  peer.say(update({ attributes, nlri: prefix('10.0.0.0/8') }), routes('192.0.2.0/24'))
  await until(() => collector.records.length === 3)
  assert.deepEqual(collector.events, ['log_init', 'withdraw 10.0.0.0/8', 'update 192.0.2.0/24'])
  assert.equal(peer.socket.closed, false)
})

const OPENING: readonly (readonly [string, Uint8Array, string, string, Changes])[] = [
  ['a marker that is not all ones', Buffer.concat([Buffer.alloc(16, 1), open().subarray(16)]), '1/1', '', {}],
  ['a length that no OPEN has', Uint8Array.from([...Array(16).fill(255), 0, 20, 1, 4]), '1/2', '0014', {}],
  ['an unknown type', Uint8Array.from([...Array(16).fill(255), 0, 19, 9]), '1/3', '09', {}],
  ['another version', writeMessage(1, Uint8Array.from([3, 0, 1, 0, 90, 192, 0, 2, 1, 0])), '2/1', '0004', {}],
  ['an AS that is not wanted', open(), '2/2', '', { speaker: { peerAs: new Set([64501]) } }],
  ['our own identifier', open({}, { routerId: '192.0.2.254' }), '2/3', '', {}],
  ['an identifier of zero', open({}, { routerId: '0.0.0.0' }), '2/3', '', {}],
  ['a hold time of 2', open({}, { holdSeconds: 2 }), '2/6', '', {}],
  ['the same role at both ends', open({ role: 3 }), '2/11', '', { speaker: { role: 3 } }],
  ['a KEEPALIVE before the OPEN', writeKeepalive(), '5/1', '04', {}],
  ['a second OPEN before the KEEPALIVE', Buffer.concat([open(), open()]), '5/2', '01', {}],
]
for (const [what, octets, notification, data, changes] of OPENING) {
  test(`NOTIFICATION ${notification} for ${what}`, async context => {
    const collector = new Collector(context, changes)
    const peer = await Peer.to(context, await collector.port())
    peer.say(octets)
    assert.deepEqual(await peer.notification(), [notification, data])
    await until(() => collector.count('sessions-closed') === 1)
    assert.deepEqual(collector.events, [])
    assert.equal(collector.host.codes.length, 1)
  })
}

const ESTABLISHED: readonly (readonly [string, Uint8Array, string])[] = [
  ['an OPEN', open(), '5/3'],
  ['attributes longer than the UPDATE', writeMessage(2, Uint8Array.of(0, 0, 0, 9)), '3/1'],
  ['routes that cannot be read', update({ attributes: mandatory(), nlri: [33, 1, 2, 3, 4, 5] }), '3/10'],
  ['a ROUTE-REFRESH that is too long', writeMessage(5, Uint8Array.of(0, 1, 1, 1, 0)), '7/1'],
]
for (const [what, octets, notification] of ESTABLISHED) {
  test(`NOTIFICATION ${notification} for ${what} in a session that is up`, async context => {
    const { collector, peer } = await session(context)
    peer.say(routes('10.0.0.0/8'), octets, routes('192.0.2.0/24'))
    assert.equal((await peer.notification())[0], notification)
    await until(() => collector.count('sessions-closed') === 1)
    assert.deepEqual(collector.events, ['log_init', 'update 10.0.0.0/8', 'log_close'])
  })
}

test('a NOTIFICATION of the peer ends the session, with its words', async context => {
  const { collector, peer } = await session(context)
  peer.say(routes('10.0.0.0/8'), writeNotification(6, 2, Buffer.from('\x05night')))
  await until(() => collector.count('sessions-closed') === 1)
  assert.deepEqual(collector.events, ['log_init', 'update 10.0.0.0/8', 'log_close'])
  assert.match(collector.host.problems[0]?.message ?? '', /Cease \/ Administrative Shutdown: night/)
  assert.equal(collector.count('notifications-received'), 1)
})

test('the signal to stop: peers are told (RFC 9003), what they said is read', async context => {
  const { collector, peer } = await session(context)
  collector.hold()
  peer.say(routes('10.0.0.0/8'))
  await until(() => collector.records.length === 2)
  await new Promise<void>(resolve => peer.socket.write(routes('192.0.2.0/24'), () => resolve()))
  await new Promise(resolve => setTimeout(resolve, 50))
  collector.host.stop.abort()
  collector.release()
  const [code, data] = await peer.notification()
  const words = Buffer.from(data, 'hex')
  assert.equal(code, '6/2')
  assert.deepEqual([words[0], words.toString('utf8', 1)], [words.length - 1, 'netally bgp-recv ends'])
  await collector.done
  assert.deepEqual(collector.events, ['log_init', 'update 10.0.0.0/8', 'update 192.0.2.0/24', 'log_close'])
  assert.deepEqual(collector.host.codes, [])
})

test('more peers than allowed, and peers that are not allowed, are refused', async context => {
  const { collector } = await session(context, { maxPeers: 1 })
  const second = await Peer.to(context, await collector.port())
  assert.deepEqual(await second.notification(), ['6/8', ''])
  assert.equal(collector.count('sessions-refused'), 1)
  const allow = parseAllowList('203.0.113.0/24', 'allow')
  assert.ok(!isProblem(allow))
  const closed = new Collector(context, { allow })
  const stranger = await Peer.to(context, await closed.port())
  assert.deepEqual(await stranger.notification(), ['6/5', ''])
  assert.equal(closed.count('denied'), 1)
})

test('a second session of the same speaker is refused while the first is up; another address is another speaker', async context => {
  const { collector, peer } = await session(context)
  const again = await Peer.to(context, await collector.port())
  again.say(open())
  assert.deepEqual(await again.notification(), ['6/7', ''])
  const other = await Peer.to(context, await collector.port(), '127.0.0.2')
  await other.establish()
  await until(() => collector.count('sessions-established') === 2)
  peer.say(routes('10.0.0.0/8'))
  await until(() => collector.events.includes('update 10.0.0.0/8'))
})

test('--connect: the session is opened from here, and again when it ended', async context => {
  const peers: Peer[] = []
  const server = createServer(socket => peers.push(new Peer(context, socket)))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  context.after(() => server.close())
  const { port } = server.address() as AddressInfo
  const collector = new Collector(context, { listen: [], connect: [{ address: '127.0.0.1', port }] })
  await until(() => peers.length === 1)
  await peers[0]?.establish()
  peers[0]?.say(routes('10.0.0.0/8'))
  await until(() => collector.records.length === 2)
  assert.deepEqual([collector.records[1]?.peer_ip_src, collector.records[1]?.peer_tcp_port], ['127.0.0.1', port])
  peers[0]?.socket.end()
  await until(() => peers.length === 2)
})

test('a peer waits while the reader does, and nothing is lost', async context => {
  const { collector, peer } = await session(context)
  collector.hold()
  peer.say(routes('10.0.0.0/8'))
  await until(() => collector.records.length === 2)
  const message = routes(...Array.from({ length: 500 }, (_, index) => `10.${index >> 8}.${index & 255}.0/24`))
  let written = 0
  while (written < 20_000 && peer.socket.writableLength < 4 * 1024 * 1024) {
    peer.say(message)
    if (++written % 100 === 0) await new Promise(resolve => setTimeout(resolve, 1))
  }
  assert.ok(written < 20_000, 'the peer was never held up')
  collector.release()
  peer.socket.end(END_OF_RIB)
  await until(() => collector.count('sessions-closed') === 1)
  assert.equal(collector.records.length, 4 + written * 500)
})

test('extended messages, once both sides said so', async context => {
  const long = update({
    attributes: [...mandatory(), ...attribute(99, new Uint8Array(5000))],
    nlri: prefix('10.0.0.0/8'),
  })
  const { collector, peer } = await session(context, {}, open({ extendedMessage: true }))
  peer.say(long)
  await until(() => collector.records.length === 2)
  const plain = await session(context)
  plain.peer.say(long)
  assert.deepEqual(await plain.peer.notification(), ['1/2', Buffer.from(long.subarray(16, 18)).toString('hex')])
})

test('IPv6 transport', async context => {
  const collector = new Collector(context, { listen: [{ address: '::1', port: 0 }] })
  const port = await collector.port()
  const socket = connect({ port, host: '::1' })
  const peer = new Peer(context, socket)
  await once(socket, 'connect')
  await peer.establish()
  peer.say(routes('10.0.0.0/8'))
  await until(() => collector.records.length === 2)
  assert.equal(collector.records[1]?.peer_ip_src, '::1')
})
