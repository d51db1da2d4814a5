import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import type { NetRecord } from '../../../src/contract/record.ts'
import { openBgp } from '../../../src/sources/bgp/bgp.ts'
import { IPV4_UNICAST } from '../../../src/wire/bgp/families.ts'
import { writeKeepalive, writeNotification } from '../../../src/wire/bgp/message.ts'
import { attribute, mandatory, nextHop, origin, prefix, sequence, update } from '../../support/bgp-writer.ts'
import { scratch } from '../../support/cli.ts'
import { TestHost } from '../../support/test-host.ts'
import { simplePcap } from '../../wire/capture/captures.ts'
import { conversation } from '../../wire/capture/tcp-captures.ts'
import { type Changes, open, options } from './scripted-peer.ts'

const ROUTER = { address: '192.0.2.1', port: 40_000 }
const STATION = { address: '192.0.2.254', port: 179 }
const ALIVE = writeKeepalive()

async function read(context: TestContext, frames: readonly Uint8Array[], changes: Changes = {}) {
  const path = join(scratch(context), 'session.pcap')
  writeFileSync(path, simplePcap(frames))
  const host = new TestHost()
  const records: NetRecord[] = []
  for await (const batch of openBgp(options({ captures: [path], ...changes }), host)) records.push(...batch.records)
  return { host, records, routes: records.filter(({ ip_prefix }) => ip_prefix !== undefined) }
}

type Turn = readonly ['from' | 'to', Uint8Array]
const whole = (turns: readonly Turn[], size?: number): Buffer[] => conversation(ROUTER, STATION, turns, size)
const opened = (theirs: Uint8Array, ours: Uint8Array): Turn[] => [
  ['from', theirs],
  ['to', ours],
  ['from', ALIVE],
  ['to', ALIVE],
]
const ours = open({}, { routerId: '192.0.2.254' })
const routes = (...nlri: number[][]): Uint8Array => update({ attributes: mandatory(), nlri: nlri.flat() })
const TWO_OCTET = [...origin(), ...attribute(2, sequence([64500, 64501], 2)), ...nextHop('192.0.2.1')]

test('both directions of a session, by the time of the capture', async context => {
  const turns: Turn[] = [
    ...opened(open(), ours),
    ['from', routes(prefix('10.0.0.0/8'))],
    ['to', routes(prefix('192.0.2.0/24'))],
  ]
  const { records } = await read(context, whole(turns))
  assert.deepEqual(
    records.map(({ event_type, peer_ip_src, ip_prefix }) => [event_type, peer_ip_src, ip_prefix ?? '']),
    [
      ['log_init', '192.0.2.1', ''],
      ['log_init', '192.0.2.254', ''],
      ['log', '192.0.2.1', '10.0.0.0/8'],
      ['log', '192.0.2.254', '192.0.2.0/24'],
      ['log_close', '192.0.2.1', ''],
      ['log_close', '192.0.2.254', ''],
    ],
  )
  assert.equal(records[2]?.timestamp, 1000.006)
})

test('segments of any size give the same', async context => {
  const turns: Turn[] = [...opened(open(), ours), ['from', Buffer.concat(Array(50).fill(routes(prefix('10.0.0.0/8'))))]]
  const wanted = (await read(context, whole(turns))).routes.length
  assert.equal(wanted, 50)
  for (const size of [1, 7, 100]) assert.equal((await read(context, whole(turns, size))).routes.length, wanted)
})

test('path identifiers only where one side offers to send them and the other to receive', async context => {
  const sends = open({ addPath: [{ family: IPV4_UNICAST, mode: 2 }] })
  const receives = open({ addPath: [{ family: IPV4_UNICAST, mode: 1 }] }, { routerId: '192.0.2.254' })
  const withId = routes(prefix('10.0.0.0/8', 7))
  const both = await read(context, whole([...opened(sends, receives), ['from', withId]]))
  assert.deepEqual([both.routes[0]?.ip_prefix, both.routes[0]?.as_path_id], ['10.0.0.0/8', 7])
  const one = await read(context, whole([...opened(sends, ours), ['from', routes(prefix('10.0.0.0/8'))]]))
  assert.deepEqual([one.routes[0]?.ip_prefix, one.routes[0]?.as_path_id], ['10.0.0.0/8', undefined])
  const alone = await read(
    context,
    whole([
      ['from', sends],
      ['from', withId],
    ]),
  )
  assert.equal(alone.routes[0]?.as_path_id, 7, 'where only the sender was seen, it is taken at its word')
})

test('AS numbers have four octets only when both sides say so', async context => {
  const old = open({ as4: undefined as never }, { routerId: '192.0.2.254' })
  const turns: Turn[] = [
    ...opened(open(), old),
    ['from', update({ attributes: TWO_OCTET, nlri: prefix('10.0.0.0/8') })],
  ]
  assert.deepEqual((await read(context, whole(turns))).routes[0]?.as_path, [64500, 64501])
})

test('a session from its middle: the start of a message is looked for, the width of AS numbers found out', async context => {
  const two = update({ attributes: TWO_OCTET, nlri: prefix('10.0.0.0/8') })
  const four = routes(prefix('10.0.0.0/8'))
  const paths = routes(prefix('10.0.0.0/8', 1), prefix('10.0.0.0/8', 2), prefix('192.0.2.0/24', 1))
  for (const [message, count, pathId] of [
    [two, 1, undefined],
    [four, 1, undefined],
    [paths, 3, 1],
  ] as const) {
    // The first segments (SYNs) are missing, and the first octets of the first message.
    const frames = whole([['from', Buffer.concat([message.subarray(11), message, message])]]).slice(2)
    const { routes: read_, host } = await read(context, frames)
    assert.deepEqual(host.codes, [])
    assert.equal(read_.length, 2 * count)
    assert.deepEqual([read_[0]?.as_path, read_[0]?.as_path_id], [[64500, 64501], pathId])
  }
})

test('a gap in the capture is told, and costs only the messages it is in', async context => {
  const messages = Array.from({ length: 100 }, (_, index) => routes(prefix(`10.${index}.0.0/16`)))
  const frames = whole([...opened(open(), ours), ['from', Buffer.concat(messages)]], 100)
  frames.splice(20, 2)
  const { routes: read_, host } = await read(context, frames)
  assert.equal(host.counters['lost/capture-octets'], 200)
  assert.deepEqual(host.codes, ['bgp-capture/gap'])
  assert.ok(read_.length >= 93 && read_.length < 100, `${read_.length} routes`)
})

test('octets that are no message are told, and what follows is read', async context => {
  const turns: Turn[] = [
    ...opened(open(), ours),
    ['from', Buffer.concat([routes(prefix('10.0.0.0/8')), Buffer.alloc(30, 3), routes(prefix('192.0.2.0/24'))])],
  ]
  const { routes: read_, host } = await read(context, whole(turns))
  assert.deepEqual(host.codes, ['bgp/connection-not-synchronized'])
  assert.equal(read_.length, 2)
})

test('a NOTIFICATION closes both directions; ports and addresses choose', async context => {
  const turns: Turn[] = [...opened(open(), ours), ['to', writeNotification(6, 4)]]
  const { records } = await read(context, whole(turns))
  assert.deepEqual(
    records.map(({ event_type }) => event_type),
    ['log_init', 'log_init', 'log_close', 'log_close'],
  )
  assert.equal((await read(context, whole(turns), { tcpPorts: [1790] })).records.length, 0)
})

test('a capture without a session on the port says so', async context => {
  const turns: Turn[] = [...opened(open(), ours), ['from', routes(prefix('10.0.0.0/8'))]]
  const elsewhere = await read(context, whole(turns), { tcpPorts: [1179] })
  assert.deepEqual([elsewhere.records.length, elsewhere.host.codes], [0, ['capture/no-session']])
  assert.match(elsewhere.host.problems[0]?.message ?? '', /session\.pcap: no BGP session on TCP port 1179/)
  assert.deepEqual((await read(context, whole(turns), { tcpPorts: [1179, 179] })).host.codes, [])
})
