import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ATTRIBUTES } from '../../../src/wire/bgp/attributes/table.ts'
import {
  address,
  asPath,
  attribute,
  hex,
  mandatory,
  mpReach,
  origin,
  prefix,
  tlv,
  u16,
  u24,
  u32,
} from '../../support/bgp-writer.ts'
import { recordsOfParts } from './read.ts'

const ONE = prefix('10.0.0.0/8')
const common = {
  log_type: 'update',
  afi: 1,
  safi: 1,
  bgp_nexthop: '192.0.2.1',
  as_path: [64500, 64501],
  origin: 'i',
  ip_prefix: '10.0.0.0/8',
}

/** What a route with this attribute has that a plain one does not. */
function added(...attributes: number[][]): object {
  const [record = {}] = recordsOfParts({ attributes: [...mandatory(), ...attributes.flat()], nlri: ONE })
  return Object.fromEntries(Object.entries(record).filter(([key]) => !(key in common)))
}

test('the table has a row for each code once, in order', () => {
  const codes = ATTRIBUTES.map(row => row.code)
  assert.deepEqual(
    codes,
    [...new Set(codes)].sort((a, b) => a - b),
  )
})

test('numbers and addresses', () => {
  assert.deepEqual(added(attribute(4, u32(0xffffffff))), { med: 0xffffffff })
  assert.deepEqual(added(attribute(5, u32(0))), { local_pref: 0 })
  assert.deepEqual(added(attribute(6, [])), { atomic_aggregate: 1 })
  assert.deepEqual(added(attribute(7, [...u32(4_200_000_000), 10, 0, 0, 1])), {
    aggregator_as: 4_200_000_000,
    aggregator_ip: '10.0.0.1',
  })
  assert.deepEqual(added(attribute(9, [10, 0, 0, 2]), attribute(10, [1, 1, 1, 1, 2, 2, 2, 2])), {
    originator_id: '10.0.0.2',
    cluster_list: ['1.1.1.1', '2.2.2.2'],
  })
  assert.deepEqual(added(attribute(35, u32(64500))), { otc: 64500 })
})

test('communities, well-known ones by the names that pmacct has', () => {
  const value = [0xfde90001, 0xffffff01, 0xffffff02, 0xffffff03, 0xffff029a, 0].flatMap(u32)
  assert.deepEqual(added(attribute(8, value)), {
    comms: ['65001:1', 'no-export', 'no-advertise', 'local-AS', '65535:666', 'internet'],
  })
  assert.deepEqual(added(attribute(32, [4_200_000_000, 1, 2, 3, 4, 5].flatMap(u32))), {
    lcomms: ['4200000000:1:2', '3:4:5'],
  })
})

test('extended communities', () => {
  const pairs: [string, string][] = [
    ['0002 fbf1 0000000b', 'RT:64497:11'],
    ['0003 fbf1 00000029', 'SoO:64497:41'],
    ['0102 0a000001 0007', 'RT:10.0.0.1:7'],
    ['0202 fa56ea00 0001', 'RT:4200000000:1'],
    ['4004 fde8 4b189680', 'LB:65000:10000000'],
    ['030b 0000 00000064', 'Color:100'],
    ['030b 4000 00000064', 'Color:0x4000:100'],
    ['030c 00000000 0008', 'Encap:8'],
    ['0600 0100 00000005', 'MAC-Mobility:sticky:5'],
    ['0601 0100 00 000641', 'ESI-Label:1:100'],
    ['0603 001122334455', 'RMAC:00:11:22:33:44:55'],
    ['8006 0000 4b189680', 'Rate:0:10000000'],
    ['8007 000000000002', 'Action:sample'],
    ['8007 000000000003', 'Action:sample+terminal'],
    ['8007 000000000000', 'Action:none'],
    ['8008 fde8 00000064', 'Redirect:65000:100'],
    ['8009 00000000002e', 'Mark:46'],
    ['0306 00000000 0501', 'OSPF-Route-Type:0.0.0.0:5:1'],
    ['4300 000000000002', 'OVS:2'],
    ['9999 010203040506', '0x9999010203040506'],
  ]
  assert.deepEqual(
    added(
      attribute(
        16,
        pairs.flatMap(([octets]) => hex(octets)),
      ),
    ),
    { ecomms: pairs.map(([, text]) => text) },
  )
  const ipv6 = [...hex('0002'), ...address('2001:db8::1'), ...u16(5), ...hex('4099'), ...address('::1'), ...u16(6)]
  assert.deepEqual(added(attribute(25, ipv6)), { ecomms_ipv6: ['RT:2001:db8::1:5', '0x4099:::1:6'] })
})

test('AIGP: the first metric counts, above 2^53 it stays exact', () => {
  assert.deepEqual(added(attribute(26, hex('99 0004 00 01 000b 0000000000000064 01 000b 0000000000000065'))), {
    aigp: 100,
  })
  assert.deepEqual(added(attribute(26, hex('01 000b ffffffffffffffff'))), { aigp: 2n ** 64n - 1n })
})

test('Prefix-SID: label index, SRGB, SRv6 services', () => {
  const index = [1, ...u16(7), 0, 0, 0, ...u32(90)]
  const srgb = [3, ...u16(8), 0, 0, ...u24(800_000), ...u24(4096)]
  assert.deepEqual(added(attribute(40, [...index, ...srgb])), { psid_li: 90, psid_srgb: ['800000-4096'] })
  const structure = [1, ...u16(6), 40, 24, 16, 0, 16, 64]
  const information = [0, ...address('2001:db8:1::'), 0, ...u16(19), 0, ...structure]
  const service = [0, 1, ...u16(information.length), ...information]
  assert.deepEqual(added(attribute(40, [5, ...u16(service.length), ...service])), {
    srv6_services: [
      {
        type: 'l3',
        sid: '2001:db8:1::',
        behavior: 19,
        structure: {
          locator_block: 40,
          locator_node: 24,
          function: 16,
          argument: 0,
          transposition: 16,
          transposition_offset: 64,
        },
      },
    ],
  })
})

test('tunnels', () => {
  assert.deepEqual(added(attribute(22, [1, 6, ...u24(10_000), 10, 0, 0, 1])), {
    pmsi_tunnel: { flags: 1, type: 6, label_field: 10_000, id: '0a000001' },
  })
  assert.deepEqual(added(attribute(23, tlv(8, [1, 2]))), { tunnel_encap: '000800020102' })
})

test('attributes of BGP-LS', () => {
  const tlvs = [
    tlv(1024, [0x40]),
    tlv(1026, [...Buffer.from('edge-1')]),
    tlv(1027, hex('490001')),
    tlv(1027, hex('490002')),
    tlv(1028, address('10.0.0.1')),
    tlv(1029, address('2001:db8::1')),
    tlv(266, hex('010a 2904')),
    tlv(1034, [0x80, 0, ...u24(8000), ...tlv(1161, u24(16_000))]),
    tlv(1035, [0, 1]),
    tlv(1088, u32(0xff)),
    tlv(1089, hex('4e9502f9')),
    tlv(1092, u32(10)),
    tlv(1095, u24(10)),
    tlv(1099, [0x30, 0, 0, 0, ...u24(24_001)]),
    tlv(1155, u32(20)),
    tlv(1158, [0x40, 0, 0, 0, ...u32(7)]),
    tlv(1106, [...u16(5), 0, 128, 1, 0, ...address('2001:db8:5::')]),
    tlv(1162, [0x80, 128, 0, 0, ...u32(1)]),
    tlv(2000, [1, 2]),
    tlv(1095, [1, 2, 3, 4]),
  ]
  const attributes = [...origin(), ...asPath(), ...attribute(29, tlvs.flat()), ...mpReach(16388, 71, '192.0.2.1', [])]
  const [record] = recordsOfParts({ attributes: [...attributes, ...attribute(3, address('192.0.2.1'))], nlri: ONE })
  const own = Object.fromEntries(Object.entries(record ?? {}).filter(([key]) => key.startsWith('attr_')))
  assert.deepEqual(own, {
    attr_node_flags: '40',
    attr_node_name: 'edge-1',
    attr_isis_area_id: ['490001', '490002'],
    attr_v4_rid_local: '10.0.0.1',
    attr_v6_rid_local: '2001:db8::1',
    attr_node_msd: ['010a', '2904'],
    attr_sr_capabilities: { flags: '80', ranges: [{ range: 8000, label: 16_000 }] },
    attr_sr_algorithms: [0, 1],
    attr_admin_group: 'ff',
    attr_max_bw: 10_000_000_000,
    attr_te_df_metric: 10,
    attr_igp_metric: 10,
    attr_adj_sid: [{ flags: '30', weight: 0, label: 24_001 }],
    attr_prefix_metric: 20,
    attr_prefix_sid: [{ flags: '40', algorithm: 0, index: 7 }],
    attr_srv6_end_x_sid: [{ behavior: 5, flags: '0', algorithm: 128, weight: 1, sid: '2001:db8:5::' }],
    attr_srv6_locator: { flags: '80', algorithm: 128, metric: 1 },
    attr_2000: '0102',
    attr_1095: '01020304',
  })
})
