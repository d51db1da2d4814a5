import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Capabilities, noCapabilities } from '../../../src/wire/bgp/capabilities.ts'
import {
  HEADER_OCTETS,
  KEEPALIVE,
  NOTIFICATION,
  OPEN,
  readHeader,
  writeKeepalive,
  writeMessage,
  writeNotification,
} from '../../../src/wire/bgp/message.ts'
import { bgpProblem, notificationText, readNotification, shutdownText } from '../../../src/wire/bgp/notification.ts'
import { readOpen, writeOpen } from '../../../src/wire/bgp/open.ts'
import { readRouteRefresh, writeRouteRefresh } from '../../../src/wire/bgp/route-refresh.ts'
import { negotiate } from '../../../src/wire/bgp/session-state.ts'
import { hex } from '../../support/bgp-writer.ts'

const viewOf = (octets: Uint8Array) => new DataView(octets.buffer, octets.byteOffset, octets.length)
const headerOf = (octets: Uint8Array, maxOctets = 4096) => readHeader(viewOf(octets), 0, octets.length, maxOctets)
const openOf = (message: Uint8Array) => readOpen(message, HEADER_OCTETS, message.length)
const subcodeOf = (result: object) =>
  'notification' in result ? Object.values(result.notification as object).slice(0, 2) : 'no problem'

const ALL: Capabilities = {
  families: [(1 << 8) | 1, (2 << 8) | 128, (16388 << 8) | 71],
  routeRefresh: true,
  enhancedRouteRefresh: true,
  extendedMessage: true,
  extendedNextHop: [{ family: 257, nextHopAfi: 2 }],
  multipleLabels: [{ family: (1 << 8) | 4, count: 3 }],
  role: 3,
  gracefulRestart: {
    restarted: true,
    notification: true,
    restartSeconds: 120,
    families: [{ family: 257, forwarding: true }],
  },
  as4: 4_200_000_001,
  addPath: [{ family: 257, mode: 3 }],
  longLivedGracefulRestart: [{ family: 257, forwarding: false, staleSeconds: 100_000 }],
  hostName: 'edge',
  domainName: 'example.net',
  unknown: [{ code: 200, hex: '0102' }],
}

test('an OPEN with every capability is read as it was written', () => {
  const open = { as: 4_200_000_001, holdSeconds: 180, routerId: '192.0.2.1', capabilities: ALL }
  const message = writeOpen(open)
  assert.deepEqual(headerOf(message), { type: OPEN, length: message.length })
  assert.deepEqual(openOf(message), open)
  // AS_TRANS where there are two octets.
  assert.equal(viewOf(message).getUint16(20), 23456)
})

test('capabilities of more than 255 octets take the extended form', () => {
  const capabilities = {
    ...noCapabilities(),
    unknown: Array.from({ length: 40 }, (_, at) => ({ code: 130 + at, hex: '00112233' })),
  }
  const open = { as: 64500, holdSeconds: 90, routerId: '10.0.0.1', capabilities }
  assert.deepEqual(openOf(writeOpen(open)), open)
})

test('an OPEN as a router sends it: several parameters of one capability each', () => {
  // Version 4, AS 65001, hold time 180, id 10.255.0.1; MP IPv4 unicast, route refresh, AS4, graceful restart.
  const body = hex('04 fde9 00b4 0aff0001 1a 0206 010400010001 0202 0200 0206 4104 0000fde9 0204 4002 4078')
  const open = readOpen(Uint8Array.from(body), 0, body.length)
  assert.ok(!('notification' in open))
  assert.equal(open.as, 65001)
  assert.equal(open.holdSeconds, 180)
  assert.equal(open.routerId, '10.255.0.1')
  assert.deepEqual(open.capabilities.families, [257])
  assert.equal(open.capabilities.routeRefresh, true)
  assert.deepEqual(open.capabilities.gracefulRestart, {
    restarted: false,
    notification: true,
    restartSeconds: 120,
    families: [],
  })
})

test('what is wrong with an OPEN asks for its NOTIFICATION', () => {
  const good = hex('04 fde9 00b4 0aff0001 00')
  const changed = (at: number, ...octets: number[]) =>
    Uint8Array.from(good.with(at, octets[0] as number).toSpliced(at + 1, octets.length - 1, ...octets.slice(1)))
  const read = (body: Uint8Array) => subcodeOf(readOpen(body, 0, body.length))
  assert.equal(read(Uint8Array.from(good)), 'no problem')
  assert.deepEqual(read(changed(0, 3)), [2, 1])
  assert.deepEqual(read(changed(1, 0, 0)), [2, 2])
  assert.deepEqual(read(changed(3, 0, 2)), [2, 6])
  assert.deepEqual(read(changed(5, 0, 0, 0, 0)), [2, 3])
  assert.deepEqual(read(changed(9, 4)), [2, 0])
  assert.deepEqual(read(Uint8Array.from([...good.slice(0, 9), 3, 1, 1, 9])), [2, 4])
  assert.deepEqual(read(Uint8Array.from([...good.slice(0, 9), 4, 2, 2, 1, 9])), [2, 0])
  assert.deepEqual(read(Uint8Array.from(good.slice(0, 8))), [2, 0])
})

test('a capability of a wrong length is kept as unknown', () => {
  const body = hex('04 fde9 00b4 0aff0001 06 0204 4102 fde9')
  const open = readOpen(Uint8Array.from(body), 0, body.length)
  assert.ok(!('notification' in open))
  assert.deepEqual(open.capabilities.unknown, [{ code: 65, hex: 'fde9' }])
  assert.equal(open.as, 65001)
})

test('framing: lengths, marker, types', () => {
  const keepalive = writeKeepalive()
  assert.deepEqual(headerOf(keepalive), { type: KEEPALIVE, length: 19 })
  assert.equal(headerOf(keepalive.subarray(0, 18)), undefined)
  assert.equal(
    headerOf(writeOpen({ as: 1, holdSeconds: 0, routerId: '1.1.1.1', capabilities: noCapabilities() }).subarray(0, 25)),
    undefined,
  )
  const damaged = (at: number, value: number) => subcodeOf(headerOf(keepalive.with(at, value)) ?? {})
  assert.deepEqual(damaged(3, 0), [1, 1])
  assert.deepEqual(damaged(17, 18), [1, 2])
  assert.deepEqual(damaged(17, 20), [1, 2])
  assert.deepEqual(damaged(18, 6), [1, 3])
  assert.deepEqual(damaged(18, 2), [1, 2])
  const long = writeMessage(2, new Uint8Array(5000))
  assert.deepEqual(subcodeOf(headerOf(long) ?? {}), [1, 2])
  assert.deepEqual(headerOf(long, 65535), { type: 2, length: 5019 })
  const longOpen = writeMessage(OPEN, new Uint8Array(5000))
  assert.deepEqual(subcodeOf(headerOf(longOpen, 65535) ?? {}), [1, 2])
})

test('NOTIFICATION and ROUTE-REFRESH', () => {
  const words = new TextEncoder().encode('maintenance')
  const message = writeNotification(6, 2, Uint8Array.of(words.length, ...words))
  assert.deepEqual(headerOf(message), { type: NOTIFICATION, length: message.length })
  const said = readNotification(message, HEADER_OCTETS, message.length)
  assert.ok(!('message' in said))
  assert.equal(notificationText(said.code, said.subcode), 'Cease / Administrative Shutdown')
  assert.equal(shutdownText(said), 'maintenance')
  assert.equal(notificationText(9, 9), 'error 9 / subcode 9')
  assert.equal(bgpProblem(4, 0, 'x').code, 'bgp/hold-timer-expired')
  const refresh = writeRouteRefresh(2, 1, 1)
  assert.deepEqual(readRouteRefresh(viewOf(refresh), 19, refresh.length), { afi: 2, safi: 1, subtype: 1 })
  assert.deepEqual(subcodeOf(readRouteRefresh(viewOf(refresh), 19, refresh.length - 1)), [7, 1])
})

test('negotiation: path identifiers go from who sends them to who takes them', () => {
  const ours = {
    ...noCapabilities(),
    as4: 1,
    addPath: [
      { family: 257, mode: 1 },
      { family: 513, mode: 2 },
    ],
  }
  const theirs = {
    ...noCapabilities(),
    as4: 2,
    addPath: [
      { family: 257, mode: 3 },
      { family: 513, mode: 3 },
      { family: 260, mode: 2 },
    ],
  }
  assert.deepEqual([...negotiate(ours, theirs).addPath], [257])
  assert.deepEqual([...negotiate(theirs, ours).addPath], [513])
  assert.equal(negotiate(ours, theirs).as4, true)
  assert.equal(negotiate(ours, noCapabilities()).as4, false)
  assert.equal(negotiate({ ...ours, extendedMessage: true }, theirs).extendedMessage, false)
})
