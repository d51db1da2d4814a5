// Records to sFlow and back.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { NetRecord } from '../../../src/contract/record.ts'
import { type Kind, STRUCTURES } from '../../../src/wire/sflow/counters.ts'
import { Exporter } from '../../support/flow-exporter.ts'
import { random } from '../../support/random.ts'
import { Collector } from '../flow/collector.ts'

const OF_THE_MESSAGE = ['timestamp_arrival', 'export_proto_version', 'export_proto_seqno', 'sampling_source']
const bare = (record: NetRecord): NetRecord =>
  Object.fromEntries(Object.entries(record).filter(([name]) => !OF_THE_MESSAGE.includes(name)))

function back(records: readonly NetRecord[], options = {}): NetRecord[] {
  const exporter = new Exporter('sflow', options).send(records)
  assert.deepEqual(exporter.dropped, {})
  assert.equal(exporter.records, records.length)
  const collector = new Collector({ counters: true, discards: true })
  return exporter
    .take()
    .flatMap(message => collector.read(message))
    .map(bare)
}

const ADDRESSES = { ip_src: '192.0.2.1', ip_dst: '198.51.100.2', ip_proto: 'tcp', port_src: 443, port_dst: 50_000 }

test('a flow of packets of two lengths is two samples, whose packets and octets are those of the flow', () => {
  const rows = back([{ ...ADDRESSES, packets: 7, bytes: 1000, sampling_rate: 100 }])
  assert.deepEqual(
    rows.map(({ sampling_rate, bytes }) => [sampling_rate, bytes]),
    [
      [100, 142],
      [600, 143],
    ],
  )
  assert.deepEqual([100 * 142 + 600 * 143, rows[1]?.sampling_pool], [100 * 1000, 700])
})

test('records that name no exporter are of the agent that is asked for, discarded packets too', () => {
  const packet = { ...ADDRESSES, packets: 1, bytes: 60 }
  const records = [packet, { ...packet, peer_ip_src: '192.0.2.7' }]
  const agents = (options: object) => back(records, options).map(row => row.peer_ip_src)
  assert.deepEqual(agents({}), ['0.0.0.0', '192.0.2.7'])
  assert.deepEqual(agents({ agent: '203.0.113.5' }), ['203.0.113.5', '192.0.2.7'])
  assert.deepEqual(agents({ agent: '2001:db8::1:5' }), ['2001:db8::1:5', '192.0.2.7'])
  const discard = { ...ADDRESSES, event_type: 'discard', bytes_dropped: 60, packets_dropped: 1 }
  assert.equal(back([discard], { agent: '203.0.113.5' })[0]?.peer_ip_src, '203.0.113.5')
})

test('what a flow without headers says is said without headers', () => {
  const [row] = back([{ ...ADDRESSES, tos: 16, tcp_flags: 18, packets: 1, bytes: 60, iface_in: 3, iface_out: 2 ** 31 }])
  assert.equal(row?.ttl, undefined)
  assert.deepEqual([row?.bytes, row?.bytes_ip, row?.tos, row?.tcp_flags, row?.iface_out], [60, 60, 16, 18, 2 ** 31])
  assert.equal(row?.sampling_rate, undefined)
})

test('BGP, texts, labels, translated addresses', () => {
  const record = {
    ...{
      ...ADDRESSES,
      ttl: 64,
      mac_src: '02:00:00:00:00:01',
      mac_dst: '02:00:00:00:00:02',
      vlan: 5,
      vlan_in: 5,
      cos: 3,
    },
    ...{ as_src: 64496, peer_as_src: 64497, peer_as_dst: 64498, as_dst: 64500, as_path: [64498, '{1,2}', 64500] },
    ...{ comms: ['64496:7', 'no-export'], local_pref: 100, peer_ip_dst: '2001:db8::1', ip_next_hop: '192.0.2.9' },
    ...{
      mask_src: 24,
      mask_dst: 16,
      username: 'älice',
      url: '/a',
      url_host: 'example.net',
      mpls_label_stack: [16, 17],
    },
    ...{ mpls_label_stack_out: [18], mpls_vc_name: 'vc', mpls_pw_id: 9, post_nat_ip_src: '203.0.113.1' },
    ...{ post_nat_port_src: 1, post_nat_port_dst: 2, queue: 1, queue_depth: 2, transit_delay_nsec: 3, vlan_stack: [7] },
    ...{ packets: 1, bytes: 78, bytes_ip: 60, frame_bytes: 78, sampling_rate: 400, sampling_drops: 2 },
  }
  const [row] = back([record])
  for (const [name, value] of Object.entries(record)) assert.deepEqual(row?.[name], value, name)
})

test('every structure of counters, with odd members, in samples as they came', () => {
  const { whole, chance } = random(7)
  const value = (kind: Kind): NetRecord[string] =>
    ({
      u: () => whole(2 ** 32),
      i: () => whole(200) - 100,
      h: () => (chance(0.5) ? whole(1e9) : 2n ** 63n + 1n),
      f: () => 0.25 * whole(100),
      s: () => 'x'.repeat(1 + whole(9)),
      m: () => '02:00:00:00:00:0a',
      x: () => '00112233-4455-6677-8899-aabbccddeeff',
      '[u]': () => [1, 2, whole(9)],
      '[m]': () => ['02:00:00:00:00:0b', '02:00:00:00:00:0c'],
    })[kind]()
  let sequence = 0
  const records = [...STRUCTURES.values()].flatMap(({ name, members, each }) => {
    const head = {
      peer_ip_src: '192.0.2.9',
      export_proto_sysid: 4,
      event_type: 'counters',
      sf_cnt_type: `sflow_cnt_${name}`,
    }
    const own = { ...head, source_id_class: 0, source_id_index: 3, sflow_cnt_seq: ++sequence }
    const filled = (list: typeof members) =>
      list.filter(([member]) => member !== '').map(([member, kind]) => [member, value(kind)])
    const common = { ...own, ...Object.fromEntries(filled(members)) }
    return each ? [1, 2].map(() => ({ ...common, ...Object.fromEntries(filled(each)) })) : [common]
  })
  assert.deepEqual(back(records), records)
})

test('a structure that the smallest datagram cannot hold is dropped, and what nobody knows', () => {
  const head = { event_type: 'counters', source_id_class: 0, source_id_index: 1 }
  const exporter = new Exporter('sflow', { messageOctets: 512 }).send([
    { ...head, sf_cnt_type: 'sflow_cnt_port_name', port_name: 'x'.repeat(600) },
    { ...head, sf_cnt_type: 'sflow_cnt_strange' },
    { event_type: 'option' },
  ])
  assert.deepEqual(exporter.dropped, { 'unknown-counters': 1, 'larger-than-message': 1, 'not-a-flow': 1 })
  assert.equal(exporter.records, 0)
})

test('agents and sub-agents count for themselves; datagrams are no longer than asked for', () => {
  const records = Array.from({ length: 300 }, (_, index) => ({
    ...{ ...ADDRESSES, peer_ip_src: index % 2 ? '192.0.2.9' : '2001:db8::9', export_proto_sysid: index % 3 },
    ...{ source_id_class: 0, source_id_index: 1, packets: 1, bytes: 60 },
  }))
  const exporter = new Exporter('sflow', { messageOctets: 600 }).send(records)
  const collector = new Collector()
  const rows = exporter.messages.flatMap(message => collector.read(message))
  assert.ok(exporter.messages.every(({ length }) => length <= 600))
  assert.equal(rows.length, 300)
  const numbers = (row: NetRecord) => `${row.peer_ip_src} ${row.export_proto_sysid}`
  for (const agent of new Set(rows.map(numbers))) {
    const own = rows.filter(row => numbers(row) === agent)
    assert.deepEqual(
      own.map(({ sample_seqno }) => sample_seqno),
      own.map((_, index) => index + 1),
    )
  }
})

test('discarded packets', () => {
  const record = {
    ...{ ...ADDRESSES, ttl: 3, event_type: 'discard', source_id_class: 0, source_id_index: 2, sample_seqno: 5 },
    ...{
      iface_in: 3,
      iface_out: 4,
      discard_reason: 263,
      drop_reason: 'no route',
      function_name: 'ip_rcv',
      bytes_dropped: 77,
    },
  }
  const [row] = back([record])
  for (const [name, value] of Object.entries(record)) assert.deepEqual(row?.[name], value, name)
  assert.equal(row?.packets_dropped, 1)
})
