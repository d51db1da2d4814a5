// Random records, exported and read again: each field that can be said comes back as it was, and nothing else comes.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { NetRecord, Value } from '../../src/contract/record.ts'
import { Exporter, NOW_MS } from '../support/flow-exporter.ts'
import { type Random, random } from '../support/random.ts'
import { Collector } from '../wire/flow/collector.ts'

const ROUNDS = Math.max(1, Math.floor(Number(process.env.NETALLY_FUZZ ?? 20_000) / 1000))
const RECORDS = 60
const OF_THE_MESSAGE = [
  ...['timestamp_arrival', 'export_proto_version', 'export_proto_sysid', 'export_proto_seqno', 'timestamp_export'],
  ...['sampling_source', 'flows', 'etype', 'vlan', 'mpls_label_top', 'mpls_label_bottom', 'mpls_vpn_rd_origin'],
  ...['peer_ip_src', 'icmp_type', 'icmp_code', 'net_src', 'net_dst'],
]

type Make = (random: Random, six: boolean) => Value

const address: Make = ({ whole }, six) =>
  six ? `2001:db8::${(1 + whole(65_535)).toString(16)}` : `192.0.${whole(256)}.${1 + whole(255)}`
const upTo =
  (most: number): Make =>
  ({ whole, chance }) =>
    chance(0.1) ? most : 1 + whole(most)
const counter: Make = ({ whole, chance }) => (chance(0.1) ? 2n ** 63n + BigInt(whole(9)) : 1 + whole(2 ** 40))
const text: Make = ({ whole, pick }) => pick(['a', 'ä', 'Gi0/0/', '語']).repeat(1 + whole(40))
const mac: Make = ({ whole }) => `02:00:00:00:00:${(16 + whole(200)).toString(16)}`
const listOf =
  (most: number, make: Make): Make =>
  (own, six) =>
    Array.from({ length: 1 + own.whole(most) }, () => make(own, six)) as Value
const microseconds: Make = ({ whole }) => (NOW_MS * 1000 - whole(1e9)) / 1e6
const milliseconds: Make = ({ whole }) => (NOW_MS - whole(1e6)) / 1000

const COMMON: { readonly [field: string]: Make } = {
  ...{ ip_src: address, ip_dst: address, ip_next_hop: address, peer_ip_dst: address },
  ...{ mac_src: mac, mac_dst: mac, vlan_in: upTo(4095), vlan_out: upTo(4095), cvlan_in: upTo(4095), cos: upTo(7) },
  ...{ as_src: upTo(2 ** 32 - 1), as_dst: upTo(2 ** 32 - 1), peer_as_src: upTo(1e5), peer_as_dst: upTo(1e5) },
  ...{ iface_in: upTo(2 ** 32 - 1), iface_out: upTo(2 ** 32 - 1), mask_src: upTo(32), mask_dst: upTo(32) },
  ...{ port_src: upTo(65_535), port_dst: upTo(65_535), tcp_flags: upTo(255), tos: upTo(255) },
  ...{ ttl_min: upTo(255), flow_label: upTo(2 ** 20 - 1), flow_id: upTo(2 ** 50), mpls_pw_id: upTo(2 ** 32 - 1) },
  ip_proto: ({ pick }) => pick(['tcp', 'udp', 'icmp', '253']),
  sampling_direction: ({ pick }) => pick(['i', 'e']),
  ...{
    class: text,
    application_id: ({ whole, chance }) => `3:${chance(0.2) ? 2 ** 24 + whole(2 ** 24) : whole(2 ** 24)}`,
  },
  mpls_vpn_rd: ({ pick, whole }) =>
    pick([`0:65000:${whole(2 ** 32)}`, `1:192.0.2.1:${whole(65_536)}`, `2:70000:${whole(65_536)}`]),
  mpls_label_stack: listOf(10, upTo(2 ** 20 - 1)),
  srv6_seg_ipv6_list: listOf(4, own => address(own, true)),
  ...{ username: text, vrf_name: text, flow_end_reason: upTo(255), post_nat_port_src: upTo(65_535) },
  ...{
    vxlan: upTo(2 ** 24 - 1),
    packets: counter,
    bytes: counter,
    packets_dropped: counter,
    sampling_rate: upTo(2 ** 32 - 1),
  },
  unknown: ({ whole, pick }) => ({ [`0/${pick([330, 331])}`]: 'ab'.repeat(1 + whole(9)), '0/332': '00ff' }),
}
const FIELDS: { readonly [version: string]: { readonly [field: string]: Make } } = {
  netflow9: { ...COMMON, timestamp_start: milliseconds, timestamp_end: milliseconds },
  ipfix: {
    ...COMMON,
    ...{ timestamp_start: microseconds, timestamp_end: microseconds, timestamp_start_reverse: microseconds },
    ...{ tag: counter, tag2: upTo(9), label: text, packets_reverse: counter, bytes_reverse: counter },
    comms: listOf(9, ({ whole, chance }) => (chance(0.1) ? 'no-export' : `64496:${whole(65_536)}`)),
    comms_src: listOf(9, ({ whole }) => `64497:${whole(65_536)}`),
    ecomms: listOf(9, ({ whole, pick }) =>
      pick([`RT:65000:${whole(2 ** 32)}`, 'SoO:192.0.2.1:7', '0x4321000000000001']),
    ),
    lcomms: listOf(9, ({ whole }) => `${whole(2 ** 32)}:1:2`),
    lcomms_src: listOf(9, ({ whole }) => `4200000000:1:${whole(2 ** 32)}`),
  },
}

function randomRecord(fields: { readonly [field: string]: Make }, own: Random): NetRecord {
  const six = own.chance(0.3)
  const record: NetRecord = {}
  const probability = own.pick([0.2, 0.5, 0.9])
  for (const [name, make] of Object.entries(fields)) if (own.chance(probability)) record[name] = make(own, six)
  // Of IPv4 and IPv6 records: the addresses say which.
  record.ip_src ??= address(own, six)
  return record
}

const bare = (record: NetRecord): NetRecord =>
  Object.fromEntries(
    Object.entries(record)
      .filter(([name]) => !OF_THE_MESSAGE.includes(name))
      .sort(),
  )

for (const [version, fields] of Object.entries(FIELDS)) {
  test(`${version}: ${ROUNDS} times ${RECORDS} records`, () => {
    for (let round = 0; round < ROUNDS; round++) {
      const own = random(1000 + round)
      const records = Array.from({ length: RECORDS }, () => randomRecord(fields, own))
      const options = { microseconds: true, messageOctets: own.pick([1452, 4000, 60_000]), refreshMessages: 3 }
      const exporter = new Exporter(version as 'ipfix', options).send(records)
      const dropped = exporter.dropped['larger-than-message'] ?? 0
      assert.deepEqual(exporter.left, {}, `round ${round}`)
      assert.equal(exporter.records + dropped, RECORDS)
      const collector = new Collector({ unknown: true })
      const back = exporter.messages.flatMap(message => collector.read(message)).map(bare)
      assert.equal(back.length, RECORDS - dropped, `round ${round}: ${collector.codes()}`)
      if (dropped === 0) assert.deepEqual(back, records.map(bare), `round ${round}`)
      assert.ok(exporter.messages.every(({ length }) => length <= options.messageOctets))
    }
  })
}
