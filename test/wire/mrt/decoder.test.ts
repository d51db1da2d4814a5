import assert from 'node:assert/strict'
import { describe, it, test } from 'node:test'
import type { NetRecord } from '../../../src/contract/record.ts'
import { writeKeepalive } from '../../../src/wire/bgp/message.ts'
import { MrtDecoder, type MrtDecoderOptions } from '../../../src/wire/mrt/decoder.ts'
import {
  address,
  asPath,
  attribute,
  label,
  labelled,
  mandatory,
  mpReach,
  mpUnreach,
  nextHop,
  origin,
  prefix,
  sequence,
  u16,
  u32,
  update,
} from '../../support/bgp-writer.ts'
import { random } from '../../support/random.ts'
import { TestHost } from '../../support/test-host.ts'
import { mrt, oldTable, peerIndex, rib, session, TIME } from './mrt-writer.ts'

interface Decoded {
  readonly records: NetRecord[]
  readonly host: TestHost
}

function decode(messages: readonly Uint8Array[], options: MrtDecoderOptions = {}): Decoded {
  const host = new TestHost()
  const decoder = new MrtDecoder(options, host)
  const records: NetRecord[] = []
  for (const octets of messages) {
    const view = new DataView(octets.buffer, octets.byteOffset, octets.length)
    for (const batch of decoder.decode(octets, view, 0, octets.length)) records.push(...batch.records)
  }
  records.push(...(decoder.flush()?.records ?? []))
  return { records, host }
}

function clean(messages: readonly Uint8Array[], options: MrtDecoderOptions = {}): NetRecord[] {
  const { records, host } = decode(messages, options)
  assert.deepEqual(host.problems, [])
  return records
}

const INDEX = peerIndex([
  { id: '192.0.2.9', ip: '192.0.2.9', as: 64500 },
  { ip: '2001:db8::9', as: 4_200_000_000 },
])
/** The MP_REACH_NLRI of a table: the next hop and nothing else. */
const hopOnly = (hop: string): number[] => attribute(14, [address(hop).length, ...address(hop)])
const PATH = [...origin(), ...asPath(64500, 64501)]

describe('TABLE_DUMP_V2', () => {
  it('one record an entry, with its peer', () => {
    const records = clean([
      INDEX,
      rib(2, prefix('10.1.0.0/16'), [{ attributes: mandatory() }, { peer: 1, attributes: mandatory('192.0.2.7') }]),
    ])
    assert.deepEqual(records[0], {
      seq: 0,
      timestamp: TIME,
      timestamp_event: TIME - 60,
      peer_ip_src: '192.0.2.9',
      event_type: 'dump',
      peer_id: '192.0.2.9',
      peer_as: 64500,
      afi: 1,
      safi: 1,
      bgp_nexthop: '192.0.2.1',
      as_path: [64500, 64501],
      origin: 'i',
      ip_prefix: '10.1.0.0/16',
    })
    assert.deepEqual(
      [records[1]?.peer_ip_src, records[1]?.peer_as, records[1]?.bgp_nexthop, records.length],
      ['2001:db8::9', 4_200_000_000, '192.0.2.7', 2],
    )
  })

  it('pmacct has no AS of a peer and no time of a route', () => {
    const [record] = clean([INDEX, rib(2, prefix('10.1.0.0/16'), [{ attributes: mandatory() }])], { compat: 'pmacct' })
    assert.deepEqual([record?.peer_as, record?.peer_id, record?.timestamp_event], [undefined, undefined, undefined])
  })

  const VPN_HOP = [...new Array<number>(8).fill(0), ...address('192.0.2.1')]
  const VPN = labelled('10.9.0.0/16', label(77), [...u16(0), ...u16(64496), ...u32(5)])
  const CASES: readonly (readonly [string, Uint8Array, NetRecord])[] = [
    [
      'IPv6, the next hop alone',
      rib(4, prefix('2001:db8::/32'), [{ attributes: [...PATH, ...hopOnly('2001:db8::1')] }]),
      { afi: 2, safi: 1, ip_prefix: '2001:db8::/32', bgp_nexthop: '2001:db8::1' },
    ],
    [
      'IPv6, a whole MP_REACH_NLRI',
      rib(4, prefix('2001:db8::/32'), [
        { attributes: [...PATH, ...mpReach(2, 1, '2001:db8::1', prefix('2001:db8::/32'))] },
      ]),
      { afi: 2, safi: 1, ip_prefix: '2001:db8::/32', bgp_nexthop: '2001:db8::1' },
    ],
    [
      'IPv4 with an IPv6 next hop',
      rib(2, prefix('10.1.0.0/16'), [{ attributes: [...PATH, ...hopOnly('2001:db8::1')] }]),
      { afi: 1, safi: 1, ip_prefix: '10.1.0.0/16', bgp_nexthop: '2001:db8::1' },
    ],
    [
      'IPv4 multicast with NEXT_HOP',
      rib(3, prefix('10.1.0.0/16'), [{ attributes: mandatory() }]),
      { afi: 1, safi: 2, ip_prefix: '10.1.0.0/16', bgp_nexthop: '192.0.2.1' },
    ],
    [
      'IPv6 multicast',
      rib(5, prefix('2001:db8::/32'), [{ attributes: [...PATH, ...hopOnly('2001:db8::1')] }]),
      { afi: 2, safi: 2, ip_prefix: '2001:db8::/32' },
    ],
    [
      'any family: a VPN route',
      rib(6, VPN, [{ attributes: [...PATH, ...attribute(14, [VPN_HOP.length, ...VPN_HOP])] }], [...u16(1), 128]),
      { afi: 1, safi: 128, ip_prefix: '10.9.0.0/16', rd: '0:64496:5', mpls_label: 77, bgp_nexthop: '192.0.2.1' },
    ],
    [
      'path identifiers',
      rib(8, prefix('10.1.0.0/16'), [{ pathId: 7, attributes: mandatory() }]),
      { ip_prefix: '10.1.0.0/16', as_path_id: 7 },
    ],
    [
      'path identifiers of IPv6',
      rib(10, prefix('2001:db8::/32'), [{ pathId: 8, attributes: [...PATH, ...hopOnly('2001:db8::1')] }]),
      { ip_prefix: '2001:db8::/32', as_path_id: 8 },
    ],
    [
      'path identifiers of any family',
      rib(12, prefix('10.1.0.0/16'), [{ pathId: 9, attributes: mandatory() }], [...u16(1), 1]),
      { ip_prefix: '10.1.0.0/16', as_path_id: 9, bgp_nexthop: '192.0.2.1' },
    ],
  ]
  for (const [name, message, wanted] of CASES) {
    it(name, () => {
      const [record] = clean([INDEX, message])
      for (const [key, value] of Object.entries(wanted)) assert.deepEqual(record?.[key], value, key)
    })
  }

  it('peers are those of the file', () => {
    const host = new TestHost()
    const decoder = new MrtDecoder({}, host)
    const put = (octets: Uint8Array) => [...decoder.decode(octets, new DataView(octets.buffer), 0, octets.length)]
    put(INDEX)
    decoder.begin()
    put(rib(2, prefix('10.1.0.0/16'), [{ attributes: mandatory() }]))
    assert.deepEqual(host.codes, ['mrt/no-peers'])
  })

  it('an entry of an unknown peer, or one that is cut, does not take the others along', () => {
    const good = { attributes: mandatory() }
    const unknown = decode([INDEX, rib(2, prefix('10.1.0.0/16'), [{ ...good, peer: 9 }, good])])
    assert.deepEqual([unknown.records.length, unknown.host.codes], [1, ['mrt/unknown-peer']])
    const whole = rib(2, prefix('10.1.0.0/16'), [good, good])
    const cut = decode([INDEX, mrt(13, 2, whole.subarray(12, whole.length - 3)), whole])
    assert.deepEqual([cut.records.length, cut.host.codes], [3, ['mrt/truncated']])
  })

  it('a NEXT_HOP without flags, as BIRD writes it', () => {
    const [hop, six] = [nextHop('192.0.2.1'), hopOnly('2001:db8::1')]
    hop[0] = 0
    const [first, second] = clean([
      INDEX,
      rib(2, prefix('10.1.0.0/16'), [{ attributes: [...PATH, ...hop] }]),
      rib(4, prefix('2001:db8::/32'), [{ attributes: [...PATH, ...hop, ...six] }]),
    ])
    assert.deepEqual([first?.bgp_nexthop, second?.bgp_nexthop], ['192.0.2.1', '2001:db8::1'])
  })

  it('malformed attributes are told and leave the entry out', () => {
    const bad = [...origin(9), ...asPath(64500), ...nextHop('192.0.2.1')]
    const { records, host } = decode([
      INDEX,
      rib(2, prefix('10.1.0.0/16'), [{ attributes: bad }, { attributes: mandatory() }]),
    ])
    assert.deepEqual([records.length, host.codes], [1, ['bgp/origin']])
  })
})

describe('TABLE_DUMP', () => {
  const narrow = [...origin(), ...attribute(2, sequence([64500, 23456], 2)), ...nextHop('192.0.2.1')]

  it('IPv4, AS numbers of two octets and their extension', () => {
    const wide = attribute(17, sequence([4_200_000_000]))
    const [record] = clean([oldTable('10.1.0.0', 16, '192.0.2.9', 64500, [...narrow, ...wide])])
    assert.deepEqual(
      [
        record?.event_type,
        record?.ip_prefix,
        record?.peer_ip_src,
        record?.peer_as,
        record?.as_path,
        record?.timestamp_event,
      ],
      ['dump', '10.1.0.0/16', '192.0.2.9', 64500, [64500, 4_200_000_000], TIME - 60],
    )
  })

  it('IPv6', () => {
    const attributes = [...narrow, ...mpReach(2, 1, '2001:db8::1', [])]
    const [record] = clean([oldTable('2001:db8::', 32, '2001:db8::9', 64500, attributes)])
    assert.deepEqual([record?.ip_prefix, record?.bgp_nexthop], ['2001:db8::/32', '2001:db8::1'])
  })
})

describe('BGP4MP', () => {
  const ROUTE = update({ attributes: mandatory(), nlri: prefix('10.1.0.0/16') })

  it('messages give what bgp-recv would have written', () => {
    const records = clean([
      mrt(16, 4, [...session(), ...ROUTE]),
      mrt(16, 4, [...session(), ...writeKeepalive()]),
      mrt(16, 4, [...session(), ...update({ withdrawn: prefix('10.1.0.0/16') })]),
      mrt(16, 4, [
        ...session({ peer: '2001:db8::9', local: '2001:db8::1' }),
        ...update({ attributes: mpUnreach(2, 1) }),
      ]),
    ])
    assert.deepEqual(
      records.map(({ event_type, log_type, peer_ip_src, peer_as, ip_prefix, afi }) => [
        event_type,
        log_type,
        peer_ip_src,
        peer_as,
        ip_prefix,
        afi,
      ]),
      [
        ['log', 'update', '192.0.2.9', 64500, '10.1.0.0/16', 1],
        ['log', 'withdraw', '192.0.2.9', 64500, '10.1.0.0/16', 1],
        ['log', 'end-of-rib', '2001:db8::9', 64500, undefined, 2],
      ],
    )
  })

  it('microseconds of extended times', () => {
    const [record] = clean([mrt(17, 4, [...u32(250_000), ...session(), ...ROUTE])])
    assert.equal(record?.timestamp, TIME + 0.25)
  })

  it('AS numbers of two octets', () => {
    const narrow = update({
      attributes: [...origin(), ...attribute(2, sequence([64500, 64501], 2)), ...nextHop('192.0.2.1')],
      nlri: prefix('10.1.0.0/16'),
    })
    assert.deepEqual(clean([mrt(16, 1, [...session({ wide: false }), ...narrow])])[0]?.as_path, [64500, 64501])
  })

  it('what the collector itself said', () => {
    const [record] = clean([mrt(16, 7, [...session(), ...ROUTE])])
    assert.deepEqual([record?.peer_ip_src, record?.peer_as], ['192.0.2.1', 64496])
  })

  it('path identifiers', () => {
    const withId = update({ attributes: mandatory(), nlri: prefix('10.1.0.0/16', 7) })
    for (const subtype of [9, 11]) assert.equal(clean([mrt(16, subtype, [...session(), ...withId])])[0]?.as_path_id, 7)
  })

  it('sessions that come up and go down', () => {
    const change = (from: number, to: number) => mrt(16, 5, [...session(), ...u16(from), ...u16(to)])
    const records = clean([change(1, 2), change(5, 6), change(6, 1), change(3, 1)])
    assert.deepEqual(
      records.map(({ seq, event_type, peer_ip_src, peer_as }) => [seq, event_type, peer_ip_src, peer_as]),
      [
        [0, 'log_init', '192.0.2.9', 64500],
        [1, 'log_close', '192.0.2.9', 64500],
      ],
    )
  })

  it('a cut message and an unknown type are told, the next record is read', () => {
    const { records, host } = decode([
      mrt(16, 4, [...session(), ...ROUTE.subarray(0, 30)]),
      mrt(16, 4, session().slice(0, 9)),
      mrt(99, 0, [1, 2]),
      mrt(17, 4, [0]),
      mrt(16, 4, [...session(), ...ROUTE]),
    ])
    assert.deepEqual(
      [records.length, host.codes],
      [1, ['mrt/truncated', 'mrt/truncated', 'mrt/unknown-type', 'mrt/truncated']],
    )
  })
})

/** Mutated records; `NETALLY_FUZZ=1000000` for the long run. */
const RECORDS = Number(process.env.NETALLY_FUZZ ?? 20_000)

test('no octets make the decoder fail, and what follows them is read', () => {
  const next = random(10)
  const host = new TestHost()
  const decoder = new MrtDecoder({}, host)
  const count = (octets: Uint8Array): number => {
    const view = new DataView(octets.buffer, octets.byteOffset, octets.length)
    let records = 0
    for (const batch of decoder.decode(octets, view, 0, octets.length)) records += batch.records.length
    return records + (decoder.flush()?.records.length ?? 0)
  }
  const good = rib(2, prefix('10.1.0.0/16'), [{ attributes: mandatory() }, { peer: 1, attributes: mandatory() }])
  const seeds = [
    INDEX,
    good,
    rib(4, prefix('2001:db8::/32'), [{ attributes: [...PATH, ...hopOnly('2001:db8::1')] }]),
    rib(12, prefix('10.1.0.0/16'), [{ pathId: 9, attributes: mandatory() }], [...u16(1), 1]),
    oldTable('10.1.0.0', 16, '192.0.2.9', 64500, mandatory()),
    mrt(16, 4, [...session(), ...update({ attributes: mandatory(), nlri: prefix('10.1.0.0/16') })]),
    mrt(17, 5, [...u32(5), ...session(), ...u16(5), ...u16(6)]),
  ]
  let records = 0
  for (let index = 0; index < RECORDS; index++) {
    const octets = Uint8Array.from(seeds[next.whole(seeds.length)] as Uint8Array)
    for (let changes = next.whole(4); changes >= 0; changes--)
      octets[4 + next.whole(octets.length - 4)] = next.whole(256)
    records += count(next.chance(0.3) ? octets.subarray(0, 12 + next.whole(octets.length - 12)) : octets)
    decoder.begin()
    count(INDEX)
    assert.equal(count(good), 2)
  }
  assert.ok(records > RECORDS / 4, `${records} records`)
  assert.ok(host.problems.length > RECORDS / 10, `${host.problems.length} problems`)
})
