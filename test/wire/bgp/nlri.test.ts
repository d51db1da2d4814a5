import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { NetRecord } from '../../../src/contract/record.ts'
import { familyOf } from '../../../src/wire/bgp/families.ts'
import { PLAIN_SESSION, type SessionState } from '../../../src/wire/bgp/session-state.ts'
import {
  address,
  asPath,
  attribute,
  hex,
  label,
  labelled,
  mpReach,
  mpUnreach,
  type Octets,
  origin,
  prefix,
  tlv,
  u16,
  u24,
  u32,
} from '../../support/bgp-writer.ts'
import { readParts, recordsOfParts, withAddPath } from './read.ts'

const COMMON = ['log_type', 'afi', 'safi', 'bgp_nexthop', 'as_path', 'origin', 'ecomms']
const RD = [...u16(0), ...u16(64499), ...u32(1)]

/** The keys of the announced routes of a family that are not common to all. */
function announced(
  afi: number,
  safi: number,
  nlri: Octets,
  state: SessionState = PLAIN_SESSION,
  more: number[] = [],
): NetRecord[] {
  const attributes = [...origin(), ...asPath(), ...mpReach(afi, safi, '192.0.2.1', nlri), ...more]
  return recordsOfParts({ attributes }, state).map(record =>
    Object.fromEntries(Object.entries(record).filter(([key]) => !COMMON.includes(key))),
  )
}

function withdrawn(afi: number, safi: number, nlri: Octets, state: SessionState = PLAIN_SESSION): NetRecord[] {
  return recordsOfParts({ attributes: mpUnreach(afi, safi, nlri) }, state).map(
    ({ log_type, afi: _afi, safi: _safi, ...rest }) => {
      assert.equal(log_type, 'withdraw')
      return rest
    },
  )
}

test('labelled unicast: one label, several, and path identifiers', () => {
  assert.deepEqual(announced(1, 4, labelled('198.51.100.100/32', label(800_001))), [
    { ip_prefix: '198.51.100.100/32', mpls_label: 800_001 },
  ])
  const stack = [...label(16, false), ...label(17, false), ...label(18)]
  assert.deepEqual(announced(1, 4, labelled('10.1.0.0/16', stack)), [
    { ip_prefix: '10.1.0.0/16', mpls_label: 16, mpls_label_stack: [16, 17, 18] },
  ])
  assert.deepEqual(announced(2, 4, labelled('2001:db8::/32', label(3), [], 9), withAddPath(familyOf(2, 4))), [
    { ip_prefix: '2001:db8::/32', as_path_id: 9, mpls_label: 3 },
  ])
  // A speaker of one label that does not mark the bottom of the stack.
  assert.deepEqual(announced(1, 4, labelled('10.0.0.0/8', label(100, false))), [
    { ip_prefix: '10.0.0.0/8', mpls_label: 100 },
  ])
})

test('withdrawn labelled routes, with the value of RFC 8277 or labels as before', () => {
  for (const labels of [u24(0x800000), u24(0), label(55), [...label(1, false), ...label(2)]]) {
    assert.deepEqual(withdrawn(1, 4, labelled('30.1.1.1/32', labels)), [{ ip_prefix: '30.1.1.1/32' }])
  }
})

test('VPN routes, route distinguishers of each type, next hops behind one', () => {
  const rd = (octets: string) => announced(1, 128, labelled('10.0.0.0/25', label(1000), hex(octets)))[0]?.rd
  assert.equal(rd('0000 fbf3 00000001'), '0:64499:1')
  assert.equal(rd('0001 c0a80101 0001'), '1:192.168.1.1:1')
  assert.equal(rd('0002 fa56ea00 0001'), '2:4200000000:1')
  const attributes = [
    ...origin(),
    ...asPath(),
    ...mpReach(2, 128, [...new Array(8).fill(0), ...address('2001:db8::9')], labelled('2001:db8::/64', label(5), RD)),
  ]
  assert.deepEqual(recordsOfParts({ attributes }), [
    {
      log_type: 'update',
      afi: 2,
      safi: 128,
      bgp_nexthop: '2001:db8::9',
      as_path: [],
      origin: 'i',
      ip_prefix: '2001:db8::/64',
      rd: '0:64499:1',
      rd_origin: 'bgp',
      mpls_label: 5,
    },
  ])
  assert.deepEqual(withdrawn(1, 128, labelled('10.0.0.0/8', u24(0x800000), RD, 3), withAddPath(familyOf(1, 128))), [
    { ip_prefix: '10.0.0.0/8', as_path_id: 3, rd: '0:64499:1', rd_origin: 'bgp' },
  ])
})

test('multicast', () => {
  assert.deepEqual(announced(1, 2, prefix('224.0.0.0/4')), [{ ip_prefix: '224.0.0.0/4' }])
  assert.deepEqual(announced(2, 2, prefix('ff00::/8')), [{ ip_prefix: 'ff00::/8' }])
})

const ESI = hex('00112233445566778899')
const evpn = (type: number, value: Octets) => [type, RD.length + value.length, ...RD, ...value]
const common = { rd: '0:64499:1', rd_origin: 'bgp' }

test('EVPN route types 1 to 5', () => {
  const segment = '00:11:22:33:44:55:66:77:88:99'
  assert.deepEqual(announced(25, 70, evpn(1, [...ESI, ...u32(0xffffffff), ...label(100)])), [
    { ...common, evpn_route_type: 1, evpn_esi: segment, evpn_ethernet_tag: 0xffffffff, mpls_label: 100 },
  ])
  const macIp = [
    ...new Array(10).fill(0),
    ...u32(0),
    48,
    ...hex('001122334455'),
    32,
    10,
    0,
    0,
    1,
    ...label(100),
    ...label(200),
  ]
  assert.deepEqual(announced(25, 70, evpn(2, macIp)), [
    {
      ...common,
      evpn_route_type: 2,
      evpn_ethernet_tag: 0,
      evpn_mac: '00:11:22:33:44:55',
      evpn_ip: '10.0.0.1',
      mpls_label: 100,
      evpn_label2: 200,
    },
  ])
  assert.deepEqual(announced(25, 70, evpn(3, [...u32(7), 128, ...address('2001:db8::1')])), [
    { ...common, evpn_route_type: 3, evpn_ethernet_tag: 7, evpn_originator: '2001:db8::1' },
  ])
  assert.deepEqual(announced(25, 70, evpn(4, [...ESI, 32, 10, 0, 0, 9])), [
    { ...common, evpn_route_type: 4, evpn_esi: segment, evpn_originator: '10.0.0.9' },
  ])
  assert.deepEqual(
    announced(25, 70, evpn(5, [...new Array(10).fill(0), ...u32(0), 24, 10, 1, 2, 0, 10, 0, 0, 3, ...label(50)])),
    [
      {
        ip_prefix: '10.1.2.0/24',
        ...common,
        evpn_route_type: 5,
        evpn_ethernet_tag: 0,
        evpn_gateway: '10.0.0.3',
        mpls_label: 50,
      },
    ],
  )
  const v6 = [...new Array(10).fill(0), ...u32(0), 64, ...address('2001:db8::'), ...address('::'), ...label(50)]
  assert.equal(announced(25, 70, evpn(5, v6))[0]?.ip_prefix, '2001:db8::/64')
})

test('EVPN labels are VNIs where the encapsulation community says so', () => {
  const vxlan = attribute(16, hex('030c000000000008'))
  const route = evpn(2, [
    ...new Array(10).fill(0),
    ...u32(0),
    48,
    ...hex('001122334455'),
    0,
    ...u24(10_100),
    ...u24(10_200),
  ])
  assert.deepEqual(announced(25, 70, route, PLAIN_SESSION, vxlan), [
    {
      ...common,
      evpn_route_type: 2,
      evpn_ethernet_tag: 0,
      evpn_mac: '00:11:22:33:44:55',
      evpn_vni: 10_100,
      evpn_vni2: 10_200,
    },
  ])
})

test('EVPN: an unknown type is kept, a malformed route left out and told, the next ones are read', () => {
  const nlri = [...[11, 2, 1, 2], ...evpn(3, [1, 2]), ...evpn(3, [...u32(1), 32, 10, 0, 0, 1])]
  const update = readParts({ attributes: [...origin(), ...asPath(), ...mpReach(25, 70, '192.0.2.1', nlri)] })
  assert.deepEqual(
    update.announced[0]?.routes.map(route => route.fields),
    [
      { evpn_route_type: 11, nlri_unknown: '0102' },
      { evpn_route_type: 3, evpn_ethernet_tag: 1, evpn_originator: '10.0.0.1' },
    ],
  )
  assert.deepEqual(
    update.problems.map(problem => problem.code),
    ['bgp/nlri-skipped'],
  )
  assert.equal(
    announced(25, 70, [...u32(5), ...evpn(3, [...u32(1), 32, 10, 0, 0, 1])], withAddPath(familyOf(25, 70)))[0]
      ?.as_path_id,
    5,
  )
})

test('FlowSpec: the examples of RFC 8955 section 4.3, and IPv6', () => {
  const filters = (safi: number, afi: number, nlri: Octets) => announced(afi, safi, nlri).map(record => record.flowspec)
  assert.deepEqual(filters(133, 1, hex('0b 01 18 c00002 03 81 06 04 81 19')), ['dst 192.0.2.0/24; proto =6; port =25'])
  assert.deepEqual(filters(133, 1, hex('10 01 18 c00002 02 08 cb 04 03 89 45 8b 91 1f90')), [
    'dst 192.0.2.0/24; src 203.0.0.0/8; port >=137&<=139,=8080',
  ])
  assert.deepEqual(filters(133, 1, hex('08 01 18 c00002 0c 80 03')), ['dst 192.0.2.0/24; fragment 0x3'])
  assert.deepEqual(filters(133, 1, hex('03 09 81 12')), ['tcp_flags =0x12'])
  assert.deepEqual(filters(133, 2, hex('0a 01 20 00 20010db8 03 81 3a')), ['dst 2001:db8::/32; proto =58'])
  assert.deepEqual(filters(133, 2, hex('08 01 68 40 12345678 9a')), ['dst ::1234:5678:9a00:0/104 from bit 64'])
  const vpn = [RD.length + 3, ...RD, ...hex('03 81 11')]
  assert.deepEqual(announced(1, 134, vpn), [{ ...common, flowspec: 'proto =17' }])
})

test('FlowSpec: long lengths, wrong order', () => {
  const ports = Array.from({ length: 100 }, (_, at) => [at === 99 ? 0x91 : 0x11, ...u16(1000 + at)]).flat()
  const [record] = announced(1, 133, [0xf1, (ports.length + 1) & 255, 4, ...ports])
  assert.match(String(record?.flowspec), /^port =1000,=1001,.*,=1099$/)
  const update = readParts({
    attributes: [...origin(), ...asPath(), ...mpReach(1, 133, [], hex('06 04 81 19 03 81 06 03 03 81 06'))],
  })
  assert.deepEqual(
    update.announced[0]?.routes.map(route => route.fields),
    [{ flowspec: 'proto =6' }],
  )
  assert.equal(update.problems.length, 1)
})

test('route target membership: default, an AS, a target, a part of one', () => {
  const nlri = [0, 32, ...u32(64500), 96, ...u32(64500), ...hex('0002fbf10000000b'), 48, ...u32(64500), ...hex('0002')]
  assert.deepEqual(announced(1, 132, nlri), [
    { rtc_target: 'default' },
    { rtc_origin_as: 64500, rtc_target: '0x/0' },
    { rtc_origin_as: 64500, rtc_target: 'RT:64497:11' },
    { rtc_origin_as: 64500, rtc_target: '0x0002/16' },
  ])
})

const node = (type: number, id: string) =>
  tlv(type, [...tlv(512, u32(64500)), ...tlv(513, u32(0)), ...tlv(515, hex(id))])
const linkState = (type: number, protocol: number, ...descriptors: number[][]) =>
  tlv(type, [protocol, ...new Array(8).fill(0), ...descriptors.flat()])

test('BGP-LS: nodes, links, prefixes and SRv6 SIDs', () => {
  assert.deepEqual(announced(16388, 71, linkState(1, 2, node(256, '000000000001'))), [
    {
      nlri_type: 'Node',
      proto: 'IS-IS Level 2',
      local_asn: 64500,
      local_bgp_ls_id: 0,
      local_igp_rtr_id: '0000.0000.0001',
    },
  ])
  const link = linkState(
    2,
    1,
    node(256, '00000000000102'),
    node(257, '000000000002'),
    tlv(258, [...u32(1), ...u32(2)]),
    tlv(259, address('10.0.0.1')),
    tlv(260, address('10.0.0.2')),
    tlv(261, address('2001:db8::1')),
    tlv(262, address('2001:db8::2')),
    tlv(263, u16(2)),
  )
  assert.deepEqual(announced(16388, 71, link), [
    {
      nlri_type: 'Link',
      proto: 'IS-IS Level 1',
      local_asn: 64500,
      local_bgp_ls_id: 0,
      local_igp_rtr_id: '0000.0000.0001-02',
      pseudonode: 'true',
      remote_asn: 64500,
      remote_bgp_ls_id: 0,
      remote_igp_rtr_id: '0000.0000.0002',
      link_local_id: 1,
      link_remote_id: 2,
      local_addr_v4: '10.0.0.1',
      neigh_addr_v4: '10.0.0.2',
      local_addr_v6: '2001:db8::1',
      neigh_addr_v6: '2001:db8::2',
      multi_topology_ids: [2],
    },
  ])
  const ospf = linkState(
    3,
    3,
    tlv(256, [...tlv(514, u32(0)), ...tlv(515, address('10.0.0.1'))]),
    tlv(264, [1]),
    tlv(265, prefix('10.9.0.0/16')),
  )
  assert.deepEqual(announced(16388, 71, ospf), [
    {
      nlri_type: 'IPv4 Topology Prefix',
      proto: 'OSPFv2',
      local_area_id: '0.0.0.0',
      local_igp_rtr_id: '10.0.0.1',
      ospf_route_type: 1,
      ip_reach: '10.9.0.0/16',
    },
  ])
  assert.equal(
    announced(16388, 71, linkState(4, 2, node(256, '000000000001'), tlv(265, prefix('2001:db8::/48'))))[0]?.ip_reach,
    '2001:db8::/48',
  )
  assert.equal(
    announced(16388, 71, linkState(6, 2, node(256, '000000000001'), tlv(518, address('2001:db8:1::1'))))[0]?.srv6_sid,
    '2001:db8:1::1',
  )
  const [vpn] = announced(16388, 72, tlv(1, [...RD, 2, ...new Array(8).fill(0), ...node(256, '000000000001')]))
  assert.deepEqual([vpn?.rd, vpn?.nlri_type], ['0:64499:1', 'Node'])
})

test('BGP-LS: unknown types are kept, malformed NLRI left out and told', () => {
  const nlri = [
    ...tlv(5, [1, 2]),
    ...linkState(1, 2, tlv(256, [0, 0, 0, 9])),
    ...linkState(1, 2, node(256, '000000000003')),
  ]
  const update = readParts({ attributes: [...origin(), ...asPath(), ...mpReach(16388, 71, '192.0.2.1', nlri)] })
  assert.deepEqual(
    update.announced[0]?.routes.map(({ fields }) => [
      fields?.nlri_type,
      fields?.nlri_unknown ?? fields?.local_igp_rtr_id,
    ]),
    [
      [5, '0102'],
      ['Node', '0000.0000.0003'],
    ],
  )
  assert.deepEqual(
    update.problems.map(problem => problem.code),
    ['bgp/nlri-skipped'],
  )
})
