// Damaged messages, with fixed seeds: nothing throws, nothing loops, what RFC 7606 keeps is kept.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { NetRecord } from '../../../src/contract/record.ts'
import { ColumnBatch } from '../../../src/fields/batch.ts'
import { OctetBuffer, writeBatch } from '../../../src/fields/json-write.ts'
import { ATTRIBUTES } from '../../../src/wire/bgp/attributes/table.ts'
import { afiOf, familyOf, safiOf } from '../../../src/wire/bgp/families.ts'
import { HEADER_OCTETS, readHeader } from '../../../src/wire/bgp/message.ts'
import { NLRI_READERS } from '../../../src/wire/bgp/nlri/families.ts'
import { readNotification } from '../../../src/wire/bgp/notification.ts'
import { readOpen } from '../../../src/wire/bgp/open.ts'
import { RouteRecords } from '../../../src/wire/bgp/records.ts'
import { readRouteRefresh } from '../../../src/wire/bgp/route-refresh.ts'
import { PLAIN_SESSION, type SessionState } from '../../../src/wire/bgp/session-state.ts'
import {
  attribute,
  hex,
  label,
  labelled,
  mandatory,
  mpReach,
  mpUnreach,
  prefix,
  tlv,
  u16,
  u32,
  updateBody,
} from '../../support/bgp-writer.ts'
import { type Random, random } from '../../support/random.ts'
import { readResult, recordsOf } from './read.ts'

/** Of each test; `NETALLY_FUZZ=1000000` for the long run. */
const ROUNDS = Number(process.env.NETALLY_FUZZ ?? 3000)
const SESSIONS: readonly SessionState[] = [
  PLAIN_SESSION,
  { ...PLAIN_SESSION, as4: false },
  { ...PLAIN_SESSION, addPath: new Set(NLRI_READERS.keys()) },
]

const octets = (source: Random, count: number): number[] => Array.from({ length: count }, () => source.whole(256))

/** Some octets changed, cut off or put in. */
function damaged(source: Random, whole: readonly number[]): number[] {
  const result = [...whole]
  for (let times = 1 + source.whole(4); times > 0 && result.length > 0; times--) {
    const at = source.whole(result.length)
    const kind = source.whole(4)
    if (kind === 0) result.splice(at, 1 + source.whole(3))
    else if (kind === 1) result.splice(at, 0, ...octets(source, 1 + source.whole(3)))
    else result[at] = source.pick([0, 1, 255, 128, source.whole(256)])
  }
  return result
}

const RD = [...u16(0), ...u16(64499), ...u32(1)]
const node = tlv(256, [...tlv(512, u32(64500)), ...tlv(515, hex('000000000001'))])
/** Right NLRI to damage, by family. */
const SAMPLES: { readonly [family: number]: readonly number[] } = {
  [familyOf(1, 1)]: [...prefix('10.0.0.0/8'), ...prefix('192.0.2.0/24')],
  [familyOf(2, 1)]: [...prefix('2001:db8::/32'), ...prefix('::/0')],
  [familyOf(1, 4)]: labelled('10.0.0.0/8', label(16)),
  [familyOf(1, 128)]: labelled('10.0.0.0/8', label(16), RD),
  [familyOf(25, 70)]: [
    3,
    17,
    ...RD,
    ...u32(7),
    32,
    10,
    0,
    0,
    1,
    5,
    34,
    ...RD,
    ...octets(random(1), 10),
    ...u32(0),
    24,
    ...octets(random(2), 11),
  ],
  [familyOf(1, 133)]: hex('0b0118c0000203810604811903810604810605'),
  [familyOf(1, 132)]: [96, ...u32(64500), ...hex('0002fbf10000000b')],
  [familyOf(16388, 71)]: tlv(1, [2, ...new Array<number>(8).fill(0), ...node]),
}

/** JSON of all records, by the writer and by the records themselves: the same. */
function checkRecords(update: Parameters<typeof recordsOf>[0]): void {
  const records = new RouteRecords(['timestamp', 'peer_ip_src'], { next: 1 })
  const out = new OctetBuffer(4096)
  const batches = [...records.update(update, { values: [1, '2001:db8::1'] }, 0)]
  for (let batch = records.flush(); batch; batch = records.flush()) batches.push(batch)
  const last = batches.at(-1)
  if (!last) return
  writeBatch(last, out)
  const lines = new TextDecoder().decode(out.written()).trimEnd().split('\n')
  assert.equal(lines.length, last.count)
  if (last instanceof ColumnBatch)
    assert.deepEqual(
      lines.map(line => JSON.parse(line) as NetRecord),
      JSON.parse(JSON.stringify(last.records)),
    )
}

test('UPDATEs of any octets, and damaged ones, end in an update or a problem', () => {
  const source = random(7)
  const families = [...NLRI_READERS.keys()]
  for (let round = 0; round < ROUNDS; round++) {
    const family = source.pick(families)
    const nlri = source.chance(0.7)
      ? damaged(source, SAMPLES[family] ?? prefix('10.0.0.0/8'))
      : octets(source, source.whole(60))
    const row = source.pick(ATTRIBUTES)
    const extra = attribute(row.code, octets(source, source.whole(40)))
    const mp = source.chance(0.5)
      ? mpReach(afiOf(family), safiOf(family), '192.0.2.1', nlri)
      : mpUnreach(afiOf(family), safiOf(family), nlri)
    const parts = {
      withdrawn: source.chance(0.2) ? nlri : [],
      attributes: [...mandatory(), ...extra, ...mp],
      nlri: source.chance(0.3) ? nlri : [],
    }
    const whole = updateBody(parts)
    const body = source.chance(0.3) ? Uint8Array.from(damaged(source, [...whole])) : whole
    const result = readResult(body, source.pick(SESSIONS))
    if ('notification' in result) assert.equal(result.notification.code, 3)
    else checkRecords(result)
  }
})

test('no attribute but the multiprotocol ones, however malformed, ends a session or loses a route', () => {
  const source = random(11)
  const nlri = [...prefix('10.0.0.0/8'), ...prefix('192.0.2.0/24')]
  const v6 = mpReach(2, 1, '2001:db8::1', prefix('2001:db8::/32'))
  for (let round = 0; round < ROUNDS; round++) {
    const row = source.pick(ATTRIBUTES)
    const value = octets(source, source.whole(source.chance(0.1) ? 300 : 24))
    const flags = source.chance(0.9) ? row.flags : row.flags ^ source.pick([0x80, 0x40, 0xc0])
    const odd = attribute(row.code, value, flags)
    const attributes = source.chance(0.5) ? [...odd, ...mandatory(), ...v6] : [...mandatory(), ...v6, ...odd]
    const result = readResult(updateBody({ attributes, nlri }), source.pick(SESSIONS.slice(0, 2)))
    assert.ok(!('notification' in result), `attribute ${row.code} ${value}`)
    const prefixes = recordsOf(result).map(record => record.ip_prefix)
    assert.deepEqual(prefixes.sort(), ['10.0.0.0/8', '192.0.2.0/24', '2001:db8::/32'], `attribute ${row.code}`)
    if (result.announced.length > 0) assert.ok(result.problems.every(problem => problem.action === 'attribute-discard'))
  }
})

test('an attribute list cut anywhere withdraws the routes behind it', () => {
  const attributes = [
    ...mandatory(),
    ...attribute(8, [...u32(1), ...u32(2)]),
    ...attribute(16, hex('0002fbf10000000b')),
  ]
  const whole = new Set([0])
  for (let at = 0; at < attributes.length; at += 3 + (attributes[at + 2] as number)) whole.add(at)
  for (let cut = 1; cut < attributes.length; cut++) {
    const result = readResult(updateBody({ attributes: attributes.slice(0, cut), nlri: prefix('10.0.0.0/8') }))
    assert.ok(!('notification' in result))
    const [record] = recordsOf(result)
    const complete = whole.has(cut) && cut >= mandatory().length
    assert.equal(record?.log_type, complete ? 'update' : 'withdraw', `cut at ${cut}`)
  }
})

test('OPENs, NOTIFICATIONs, ROUTE-REFRESHes and headers of any octets', () => {
  const source = random(13)
  const open = hex('04 fde9 00b4 0aff0001 1a 0206 010400010001 0202 0200 0206 4104 0000fde9 0204 4002 4078')
  for (let round = 0; round < ROUNDS; round++) {
    const body = Uint8Array.from(source.chance(0.8) ? damaged(source, open) : octets(source, source.whole(80)))
    const view = new DataView(body.buffer)
    const result = readOpen(body, 0, body.length)
    if ('notification' in result) assert.equal(result.notification.code, 2)
    else assert.ok(result.as > 0)
    readNotification(body, 0, body.length)
    readRouteRefresh(view, 0, body.length)
    const message = Uint8Array.from([...new Array<number>(16).fill(255), 0, source.whole(40), source.whole(8), ...body])
    const header = readHeader(new DataView(message.buffer), 0, message.length, 4096)
    if (header && !('notification' in header))
      assert.ok(header.length >= HEADER_OCTETS && header.length <= message.length)
  }
})
