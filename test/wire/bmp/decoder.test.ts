import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { NetRecord } from '../../../src/contract/record.ts'
import { writeNotification } from '../../../src/wire/bgp/message.ts'
import { BmpDecoder } from '../../../src/wire/bmp/decoder.ts'
import type { BmpDecoderOptions } from '../../../src/wire/bmp/options.ts'
import {
  asPath,
  attribute,
  label,
  labelled,
  mandatory,
  mpReach,
  nextHop,
  origin,
  prefix,
  sequence,
  tlv,
  u16,
  u32,
  update,
} from '../../support/bgp-writer.ts'
import { TestHost } from '../../support/test-host.ts'
import { bmp, indexed, open, peerHeader, peerUp, routeMonitoring, text } from './bmp-writer.ts'

const ROUTER = { address: '203.0.113.1', port: 40_000 }
const ARRIVAL_US = 1_700_000_001_000_000

interface Decoded {
  readonly records: NetRecord[]
  readonly host: TestHost
}

/** Records of messages of one session. */
function decode(messages: readonly Uint8Array[], options: Partial<BmpDecoderOptions> = {}): Decoded {
  const host = new TestHost()
  const decoder = new BmpDecoder({ distinguisher: 'rd', ...options }, host)
  const state = decoder.open(ROUTER)
  const records: NetRecord[] = []
  for (const octets of messages) {
    const view = new DataView(octets.buffer, octets.byteOffset, octets.length)
    for (const batch of decoder.decode(octets, view, 0, octets.length, state, ARRIVAL_US))
      records.push(...batch.records)
  }
  records.push(...(decoder.flush()?.records ?? []))
  return { records, host }
}

const one = (message: Uint8Array, options: Partial<BmpDecoderOptions> = {}): NetRecord => {
  const { records, host } = decode([message], options)
  assert.deepEqual(host.problems, [])
  assert.equal(records.length, 1)
  return records[0] as NetRecord
}

const ENVELOPE = {
  event_type: 'log',
  timestamp: 1_700_000_000.000005,
  timestamp_arrival: 1_700_000_001,
  bmp_router: '203.0.113.1',
  bmp_router_port: 40_000,
}
const WHO = { peer_ip: '192.0.2.9', peer_asn: 64500, bgp_id: '198.51.100.9' }
const PRE = { bmp_rib_type: 'Adj-Rib-In Pre-Policy', is_filtered: 0, is_in: 1, is_post: 0 }
const ROUTE = update({ attributes: mandatory(), nlri: prefix('10.1.0.0/16') })

describe('route monitoring', () => {
  it('gives one record a route with what the per-peer header says', () => {
    assert.deepEqual(one(routeMonitoring(ROUTE)), {
      seq: 0,
      log_type: 'update',
      ...ENVELOPE,
      bmp_msg_type: 'route_monitor',
      ...WHO,
      ...PRE,
      afi: 1,
      safi: 1,
      bgp_nexthop: '192.0.2.1',
      as_path: [64500, 64501],
      origin: 'i',
      ip_prefix: '10.1.0.0/16',
    })
  })

  const RIBS: readonly (readonly [string, number, number, NetRecord])[] = [
    ['Adj-RIB-In after policy', 0, 0x40, { bmp_rib_type: 'Adj-Rib-In Post-Policy', is_in: 1, is_post: 1 }],
    ['Adj-RIB-Out before policy', 0, 0x10, { bmp_rib_type: 'Adj-Rib-Out Pre-Policy', is_out: 1, is_post: 0 }],
    ['Adj-RIB-Out after policy', 0, 0x50, { bmp_rib_type: 'Adj-Rib-Out Post-Policy', is_out: 1, is_post: 1 }],
    ['Loc-RIB', 3, 0, { bmp_rib_type: 'Loc-Rib', is_loc: 1, is_filtered: 0 }],
    ['a filtered Loc-RIB', 3, 0x80, { bmp_rib_type: 'Loc-Rib', is_loc: 1, is_filtered: 1 }],
  ]
  for (const [name, type, flags, wanted] of RIBS) {
    it(name, () => {
      const record = one(routeMonitoring(ROUTE, { type, flags, ...(type === 3 ? { address: '0.0.0.0' } : {}) }))
      for (const [key, value] of Object.entries(wanted)) assert.equal(record[key], value, key)
    })
  }

  it('IPv6 peers and peer distinguishers', () => {
    const distinguisher = [...u16(0), ...u16(64496), ...u32(7)]
    const message = routeMonitoring(ROUTE, { type: 1, address: '2001:db8::9', distinguisher })
    const { peer_ip, rd, rd_origin } = one(message)
    assert.deepEqual([peer_ip, rd, rd_origin], ['2001:db8::9', '0:64496:7', 'bmp'])
    const { pd, pd_origin, rd: none } = one(message, { distinguisher: 'pd' })
    assert.deepEqual([pd, pd_origin, none], ['0:64496:7', 'bmp', undefined])
  })

  it('a route distinguisher of the route goes before that of the peer', () => {
    const rd = [...u16(2), ...u32(4_200_000_000), ...u16(5)]
    const nlri = labelled('10.9.0.0/16', label(77), rd)
    const vpn = update({
      attributes: [
        ...origin(),
        ...asPath(64500),
        ...mpReach(1, 128, [...new Array<number>(8).fill(0), 192, 0, 2, 1], nlri),
      ],
    })
    const record = one(routeMonitoring(vpn, { type: 1, distinguisher: [...u16(1), 192, 0, 2, 7, ...u16(3)] }))
    assert.equal(record.rd, '2:4200000000:5')
    assert.equal(record.rd_origin, 'bgp')
    assert.equal(record.pd, '1:192.0.2.7:3')
    assert.equal(record.mpls_label, 77)
  })

  it('withdrawals and the end of a RIB', () => {
    const { records } = decode([
      routeMonitoring(update({ withdrawn: prefix('10.2.0.0/16') })),
      routeMonitoring(update({})),
    ])
    assert.deepEqual(
      records.map(({ log_type, ip_prefix, afi, safi }) => [log_type, ip_prefix, afi, safi]),
      [
        ['withdraw', '10.2.0.0/16', 1, 1],
        ['end-of-rib', undefined, 1, 1],
      ],
    )
  })

  it('AS numbers of two octets with the A flag', () => {
    const attributes = [...origin(), ...attribute(2, sequence([64500, 64501], 2)), ...nextHop('192.0.2.1')]
    const message = update({ attributes, nlri: prefix('10.1.0.0/16') })
    assert.deepEqual(one(routeMonitoring(message, { flags: 0x20 })).as_path, [64500, 64501])
    const { records, host } = decode([routeMonitoring(message)])
    assert.deepEqual(records[0]?.as_path, [64500, 64501], 'the flag is missing, the path says it')
    assert.equal(host.counters['bmp/encoding-guessed'], 1)
  })

  it('a route without a next hop is one: the router has it', () => {
    const bare = routeMonitoring(update({ attributes: [...origin(), ...asPath()], nlri: prefix('10.1.0.0/16') }), {
      type: 3,
    })
    const record = one(bare)
    assert.equal(record.log_type, 'update')
    assert.equal(record.bgp_nexthop, undefined)
    assert.equal(one(bare, { compat: 'pmacct' }).bgp_nexthop, '0.0.0.0')
  })

  it('an UPDATE that cannot be read is told, the next one is read', () => {
    const { records, host } = decode([routeMonitoring(ROUTE.subarray(0, 30)), routeMonitoring(ROUTE)])
    assert.equal(records.length, 1)
    assert.equal(host.counters['bmp/unreadable-update'], 1)
    assert.match(host.problems[0]?.message ?? '', /router 203.0.113.1 port 40000, peer 192.0.2.9: /)
  })
})

describe('path identifiers', () => {
  const family = (1 << 8) | 1
  const both = open(64496, { addPath: [{ family, mode: 3 }] })
  const receives = open(64496, { addPath: [{ family, mode: 1 }] })
  const sends = open(64500, { addPath: [{ family, mode: 2 }] })
  const withId = update({ attributes: mandatory(), nlri: prefix('10.1.0.0/16', 7) })

  const CASES = [
    ['of what the peer sends', { sent: receives, received: sends }, 0, 0, withId, 7],
    ['not when the router does not want them', { sent: open(64496), received: sends }, 0, 0, ROUTE, undefined],
    [
      'not of what the router sends, when only the peer does',
      { sent: receives, received: sends },
      0,
      0x50,
      ROUTE,
      undefined,
    ],
    ['of what the router sends', { sent: both, received: both }, 0, 0x50, withId, 7],
    ['of a Loc-RIB', { sent: sends, received: sends }, 3, 0, withId, 7],
  ] as const
  for (const [name, opens, type, flags, message, wanted] of CASES) {
    it(name, () => {
      const peer = { type, flags }
      const { records, host } = decode([peerUp(opens, { type }), routeMonitoring(message, peer)])
      assert.deepEqual(host.problems, [])
      assert.equal(records[1]?.ip_prefix, '10.1.0.0/16')
      assert.equal(records[1]?.as_path_id, wanted)
    })
  }

  it('are forgotten with the peer', () => {
    const down = bmp(2, [...peerHeader(), 4])
    const { records } = decode([
      peerUp({ sent: both, received: both }),
      routeMonitoring(withId),
      down,
      routeMonitoring(ROUTE),
    ])
    assert.deepEqual(
      records.map(record => record.as_path_id),
      [undefined, 7, undefined, undefined],
    )
  })

  it('are not there although the OPENs say so: GoBGP after policy', () => {
    const bare = update({ attributes: mandatory(), nlri: prefix('10.1.0.0/16') })
    const { records, host } = decode([peerUp({ sent: both, received: both }), routeMonitoring(bare, { flags: 0x40 })])
    assert.deepEqual(host.problems, [])
    assert.deepEqual([records[1]?.ip_prefix, records[1]?.as_path_id], ['10.1.0.0/16', undefined])
    assert.equal(host.counters['bmp/encoding-guessed'], 1)
  })

  it('are found where no peer up was seen', () => {
    const { records, host } = decode([
      routeMonitoring(update({ attributes: mandatory(), nlri: prefix('10.1.0.0/16', 4_000_000_000) })),
    ])
    assert.equal(records[0]?.as_path_id, 4_000_000_000)
    assert.equal(host.counters['bmp/encoding-guessed'], 1)
  })
})

describe('peer up', () => {
  it('both ends, the AS of the router, information', () => {
    const tlvs = [...text(0, 'hello'), ...text(3, 'red'), ...text(4, 'a'), ...text(4, 'b'), ...tlv(99, [1, 2])]
    assert.deepEqual(one(peerUp({ tlvs })), {
      seq: 0,
      ...ENVELOPE,
      bmp_msg_type: 'peer_up',
      ...WHO,
      peer_type: 0,
      peer_type_str: 'Global Instance Peer',
      ...PRE,
      local_ip: '192.0.2.1',
      local_port: 179,
      remote_port: 50_000,
      local_as: 64496,
      bmp_peer_up_info_string: 'hello',
      bmp_peer_up_info_vrf_table_name: 'red',
      bmp_peer_up_info_admin_label: ['a', 'b'],
      bmp_peer_up_info_99: '01-02',
    })
  })

  it('the port of the peer stands in its routes', () => {
    assert.equal(decode([peerUp(), routeMonitoring(ROUTE)]).records[1]?.peer_tcp_port, 50_000)
  })

  it('a cut OPEN is a problem', () => {
    const { records, host } = decode([
      bmp(3, [...peerHeader(), ...new Array<number>(20).fill(0), ...open().slice(0, 25)]),
    ])
    assert.deepEqual([records.length, host.codes], [0, ['bmp/open']])
  })
})

describe('peer down', () => {
  const down = (body: readonly number[], options: Partial<BmpDecoderOptions> = {}, version = 3): NetRecord =>
    one(bmp(2, [...peerHeader(), ...body], version), options)

  it('the NOTIFICATION that was sent', () => {
    const text = [...Buffer.from('maintenance')]
    const notification = writeNotification(6, 2, Uint8Array.from([text.length, ...text]))
    const record = down([1, ...notification])
    assert.equal(record.reason_type, 1)
    assert.equal(record.reason_str, 'The local system closed the session')
    assert.equal(record.notification_str, 'Cease / Administrative Shutdown')
    assert.equal(record.shutdown_message, 'maintenance')
    assert.equal('notification_str' in down([1, ...notification], { compat: 'pmacct' }), false)
  })

  it('the event of the state machine, a reason without data, an unknown reason', () => {
    assert.equal(down([2, 0, 17]).reason_loc_code, 17)
    assert.equal(down([5]).reason_str, 'Info for this peer will no longer be sent for configuration reasons')
    assert.equal(down([77]).reason_str, 'reason 77')
  })

  it('TLVs of reason 6, and of any reason in version 4', () => {
    assert.equal(down([6, ...text(3, 'red')]).bmp_peer_down_info_vrf_table_name, 'red')
    assert.equal(down([4, ...tlv(7, [255])], {}, 4).bmp_peer_down_info_7, 'ff')
    assert.equal(down([6, ...tlv(3, [1])], { compat: 'pmacct' }).bmp_peer_down_info_3, '01')
  })

  it('a NOTIFICATION that is cut is a problem, the peer is down all the same', () => {
    const { records, host } = decode([bmp(2, [...peerHeader(), 3, 255, 255])])
    assert.equal(records[0]?.reason_type, 3)
    assert.deepEqual(host.codes, ['bmp/notification'])
  })
})

describe('statistics', () => {
  const report = (...counters: readonly number[][]): Uint8Array =>
    bmp(1, [...peerHeader(), ...u32(counters.length), ...counters.flat()])

  it('one record a counter, AFI and SAFI of all types that have them', () => {
    const perFamily = [...u16(2), 128, ...u32(1), ...u32(2)]
    const { records, host } = decode([
      report(tlv(0, u32(5)), tlv(7, [...u32(0), ...u32(9)]), tlv(9, perFamily), tlv(16, perFamily), tlv(43, perFamily)),
    ])
    assert.deepEqual(host.problems, [])
    assert.deepEqual(
      records.map(({ counter_type, afi, safi, counter_value }) => [counter_type, afi, safi, counter_value]),
      [
        [0, undefined, undefined, 5],
        [7, undefined, undefined, 9],
        [9, 2, 128, 4_294_967_298],
        [16, 2, 128, 4_294_967_298],
        [43, 2, 128, 4_294_967_298],
      ],
    )
    assert.equal(records[0]?.counter_type_str, 'Number of prefixes rejected by inbound policy')
    assert.equal(records[0]?.peer_type, 0)
    assert.equal('peer_type_str' in (records[0] as NetRecord), false)
  })

  it('gauges are exact at any size, other lengths stay octets', () => {
    const { records } = decode([report(tlv(7, new Array<number>(8).fill(255)), tlv(65_000, [1, 2, 3]), tlv(8, []))])
    assert.deepEqual(
      records.map(record => record.counter_value),
      [2n ** 64n - 1n, '01-02-03', undefined],
    )
    assert.equal(records[1]?.counter_type_str, 'Unknown')
  })

  it('types of experiments, and of enterprises in version 4', () => {
    const experiment = one(report(tlv(65_531, u32(3))))
    assert.deepEqual(
      [experiment.counter_type, experiment.counter_pen, experiment.counter_value],
      [65_531, undefined, 3],
    )
    assert.equal(one(report(tlv(0x8005, u32(3)))).counter_type, 0x8005)
    const counters = [...u32(1), ...tlv(0x8005, [...u32(32_473), ...u32(3)])]
    const own = one(bmp(1, [...peerHeader(), ...counters], 4))
    assert.deepEqual([own.counter_type, own.counter_pen, own.counter_value], [5, 32_473, 3])
  })

  it("pmacct's spelling with --compat pmacct", () => {
    const family = tlv(17, [...u16(1), 1, ...u32(0), ...u32(3)])
    assert.match(String(one(report(family)).counter_type_str), /Adj-RIB-Out/)
    assert.match(String(one(report(family), { compat: 'pmacct' }).counter_type_str), /Abj-RIB-Out/)
  })

  it('the container of version 4', () => {
    const inner = [...u32(1), ...tlv(8, [...u32(0), ...u32(4)])]
    assert.equal(one(bmp(1, [...peerHeader(), ...tlv(1, inner)], 4)).counter_value, 4)
    assert.equal(one(bmp(1, [...peerHeader(), ...inner], 4)).counter_value, 4, 'of an older revision')
  })

  it('a count that is not that of the counters is told', () => {
    const { records, host } = decode([bmp(1, [...peerHeader(), ...u32(2), ...tlv(0, u32(5))])])
    assert.deepEqual([records.length, host.codes], [1, ['bmp/tlv']])
  })
})

describe('initiation and termination', () => {
  it('what the router says of itself', () => {
    const record = one(
      bmp(4, [
        ...text(1, 'a router'),
        ...text(2, 'r1\0'),
        ...text(0, 'x'),
        ...text(0, 'y'),
        ...tlv(0x8001, [0, 0, 127, 217, 7]),
      ]),
    )
    assert.equal(record.bmp_msg_type, 'init')
    assert.equal(record.timestamp, undefined)
    assert.equal(record.bmp_init_info_sysdescr, 'a router')
    assert.equal(record.bmp_init_info_sysname, 'r1')
    assert.deepEqual(record.bmp_init_info_string, ['x', 'y'])
    assert.equal(record.bmp_init_info_32729_1, '07')
  })

  it('why the session ends', () => {
    const record = one(bmp(5, [...tlv(1, u16(2)), ...text(0, 'bye')]))
    assert.equal(record.bmp_msg_type, 'term')
    assert.equal(record.bmp_term_info_reason, 'Out of resources')
    assert.equal(record.bmp_term_info_string, 'bye')
  })

  it('a zero time in place of none with --compat pmacct', () => {
    assert.equal(one(bmp(4, text(2, 'r1')), { compat: 'pmacct' }).timestamp, 0)
  })
})

describe('route mirroring', () => {
  it('an UPDATE as routes, another message as octets', () => {
    const { records, host } = decode([
      bmp(6, [...peerHeader(), ...tlv(0, ROUTE)]),
      bmp(6, [...peerHeader(), ...tlv(0, writeNotification(6, 4))]),
      bmp(6, [...peerHeader(), ...tlv(1, u16(0)), ...tlv(0, ROUTE)]),
      bmp(6, [...peerHeader(), ...tlv(1, u16(1))]),
    ])
    assert.deepEqual(host.problems, [])
    assert.equal(records[1]?.bgp_message_type, 'NOTIFICATION')
    assert.deepEqual(
      records.map(({ bmp_msg_type, ip_prefix, bmp_mirror_info, bgp_message }) => [
        bmp_msg_type,
        ip_prefix,
        bmp_mirror_info,
        bgp_message,
      ]),
      [
        ['route_mirror', '10.1.0.0/16', undefined, undefined],
        ['route_mirror', undefined, undefined, Buffer.from(writeNotification(6, 4)).toString('hex')],
        ['route_mirror', undefined, 'Errored PDU', Buffer.from(ROUTE).toString('hex')],
        ['route_mirror', undefined, 'Messages Lost', undefined],
      ],
    )
  })
})

describe('version 4', () => {
  const TWO = update({ attributes: mandatory(), nlri: [...prefix('10.1.0.0/16'), ...prefix('10.2.0.0/16')] })
  const monitored = (...tlvs: readonly number[][]): Uint8Array => bmp(0, [...peerHeader(), ...tlvs.flat()], 4)
  const BEST = u32(0x8a)

  it('path marking of one route, of a group, of all', () => {
    const { records, host } = decode([
      monitored(indexed(4, 0, TWO), indexed(5, 2, [...BEST, 0, 0x14])),
      monitored(indexed(2, 0x8001, [...u16(1), ...u16(2)]), indexed(4, 0, TWO), indexed(5, 0x8001, u32(0))),
      monitored(indexed(3, 0, [...Buffer.from('red')]), indexed(4, 0, TWO), indexed(5, 0, u32(0x80000001))),
    ])
    assert.deepEqual(host.problems, [])
    const states = ['Best', 'Primary', 'Add-Path']
    assert.deepEqual(
      records.map(({ path_status, reason_code }) => [path_status, reason_code]),
      [
        [undefined, undefined],
        [states, '0x0014'],
        [['Unknown'], undefined],
        [['Unknown'], undefined],
        [['Invalid', '0x80000000'], undefined],
        [['Invalid', '0x80000000'], undefined],
      ],
    )
    assert.equal(records[5]?.bmp_rm_info_vrf_table_name, 'red')
  })

  const addPath = [69, 4, ...u16(1), 1, 1]
  const withId = update({ attributes: mandatory(), nlri: prefix('10.1.0.0/16', 7) })
  const REVISIONS = [
    ['19', [indexed(1, 0, addPath), indexed(3, 0, [...Buffer.from('red')]), indexed(4, 0, withId)]],
    [
      '20',
      [indexed(1, 0, u32(9)), indexed(5, 0, [...Buffer.from('red')]), indexed(6, 0, addPath), indexed(7, 0, withId)],
    ],
    [
      '21',
      [indexed(2, 0, [...Buffer.from('red')]), indexed(3, 0, addPath), indexed(4, 0, withId), indexed(5, 0, u32(9))],
    ],
  ] as const
  for (const [revision, tlvs] of REVISIONS) {
    it(`stateless parsing and the VRF, code points of revision ${revision}`, () => {
      const { records, host } = decode([peerUp(), monitored(...tlvs.map(one => [...one]))])
      assert.deepEqual(host.problems, [])
      assert.equal(records[1]?.as_path_id, 7)
      assert.equal(records[1]?.bmp_rm_info_vrf_table_name, 'red')
      assert.equal(records[1]?.bmp_rm_info_sequence_number, revision === '19' ? undefined : 9)
    })
  }

  it('the VRF of withdrawals and of the end of a RIB', () => {
    const vrf = indexed(3, 0, [...Buffer.from('red')])
    const { records } = decode([
      monitored(vrf, indexed(4, 0, update({ withdrawn: prefix('10.1.0.0/16') }))),
      monitored(vrf, indexed(4, 0, update({}))),
    ])
    assert.deepEqual(
      records.map(({ log_type, bmp_rm_info_vrf_table_name }) => [log_type, bmp_rm_info_vrf_table_name]),
      [
        ['withdraw', 'red'],
        ['end-of-rib', 'red'],
      ],
    )
  })

  it('says what it does not know, by number', () => {
    const record = one(monitored(indexed(4, 0, ROUTE), indexed(77, 0, [1, 2]), indexed(0x8003, 1, [0, 0, 0, 9, 5])))
    assert.equal(record.bmp_rm_info_77, '01-02')
    assert.equal(record.bmp_rm_info_9_3, '05')
  })

  it('a message without its UPDATE is a problem', () => {
    assert.deepEqual(decode([monitored(indexed(3, 0, [65]))]).host.codes, ['bmp/route-monitoring'])
  })
})

describe('what is no message', () => {
  it('an unknown type, a header that is cut', () => {
    const { records, host } = decode([bmp(9, [1]), bmp(0, [1, 2, 3])])
    assert.deepEqual([records, host.codes], [[], ['bmp/unknown-type', 'bmp/truncated']])
  })

  it('peers beyond the limit are counted and said once', () => {
    const { host } = decode(
      Array.from({ length: 16_386 }, (_, index) => peerUp({}, { address: `10.0.${index >> 8}.${index & 255}` })),
    )
    assert.equal(host.counters['bmp/peers-over-limit'], 2)
    assert.deepEqual(host.codes, ['bmp/too-many-peers'])
  })
})
