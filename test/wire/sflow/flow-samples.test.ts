import assert from 'node:assert/strict'
import { test } from 'node:test'
import { textOctets } from '../../support/octet-writer.ts'
import {
  address,
  discard,
  expandedSample,
  flowSample,
  header,
  legacySample,
  list,
  mac,
  opaque,
  sflow4,
  sflow5,
  tagged,
  u32,
} from '../../support/sflow-writer.ts'
import { Collector, pick } from '../flow/collector.ts'
import { ETHERNET, hex, IPV4_TCP, IPV6_UDP } from '../packet/frames.ts'

const FRAME = hex(ETHERNET, '0800', IPV4_TCP)
const one = (...records: readonly Uint8Array[]) => new Collector().read(sflow5({}, flowSample({}, ...records)))[0]

test('a sampled header: what it says, who sampled it, how often', () => {
  const collector = new Collector()
  const [record] = collector.read(
    sflow5({ subAgent: 7, sequence: 9 }, flowSample({ sequence: 5, drops: 2 }, header(FRAME, 1514, 1, 4))),
  )
  assert.deepEqual(record, {
    timestamp_arrival: 1700000000.25,
    peer_ip_src: '192.0.2.99',
    export_proto_version: 5,
    export_proto_sysid: 7,
    export_proto_seqno: 9,
    mac_src: '02:00:00:00:00:01',
    mac_dst: '02:00:00:00:00:02',
    etype: '800',
    iface_in: 3,
    iface_out: 4,
    ip_src: '10.0.0.1',
    ip_dst: '10.0.0.2',
    port_src: 443,
    port_dst: 50000,
    tcp_flags: 24,
    ip_proto: 'tcp',
    tos: 16,
    ttl: 64,
    sampling_rate: 100,
    sampling_source: 'record',
    sampling_direction: 'i',
    source_id_class: 0,
    source_id_index: 3,
    sample_seqno: 5,
    sampling_pool: 1000,
    sampling_drops: 2,
    frame_bytes: 1514,
    packets: 1,
    bytes: 1514,
    bytes_ip: 52,
  })
  assert.deepEqual(collector.codes(), [])
})

test('IPv4, IPv6, PPP and MPLS as they are; 802.11 counts by its length', () => {
  const read = (protocol: number, octets: Uint8Array) => one(header(octets, 600, protocol))
  assert.equal(read(11, hex(IPV4_TCP))?.port_src, 443)
  assert.equal(read(12, hex(IPV6_UDP))?.ip_src, '2001:db8::1')
  assert.equal(read(7, hex('ff03 0021', IPV4_TCP))?.ip_dst, '10.0.0.2')
  assert.deepEqual(pick(read(13, hex('00045140', IPV4_TCP)), 'mpls_label_stack', 'ip_proto'), {
    mpls_label_stack: [69],
    ip_proto: 'tcp',
  })
  assert.deepEqual(pick(read(15, hex('0802'.repeat(20))), 'ip_src', 'packets', 'bytes', 'bytes_ip'), {
    packets: 1,
    bytes: 600,
  })
})

test('what a switch knows of the packet stands in for its header', () => {
  const ipv4 = tagged(3, u32(300, 6), textOctets('10.0.0.1', 4), textOctets('10.0.0.2', 4), u32(443, 50000, 24, 16))
  const ethernet = tagged(2, u32(318), mac('02:00:00:00:00:01'), mac('02:00:00:00:00:02'), u32(0x800))
  const record = one(ethernet, ipv4)
  assert.deepEqual(pick(record, 'mac_src', 'etype', 'ip_src', 'port_dst', 'tcp_flags', 'tos', 'bytes', 'bytes_ip'), {
    mac_src: '02:00:00:00:00:01',
    etype: '800',
    ip_src: '10.0.0.1',
    port_dst: 50000,
    tcp_flags: 24,
    tos: 16,
    bytes: 318,
    bytes_ip: 300,
  })
  const ipv6 = tagged(
    4,
    u32(300, 17),
    textOctets('2001:db8::1', 16),
    textOctets('2001:db8::2', 16),
    u32(53, 1053, 0, 8),
  )
  assert.deepEqual(pick(one(ipv6), 'ip_dst', 'port_src', 'tcp_flags', 'bytes'), {
    ip_dst: '2001:db8::2',
    port_src: 53,
    bytes: 300,
  })
})

test('switch, router and gateway', () => {
  const gateway = tagged(
    1003,
    address('192.0.2.7'),
    u32(64500, 64496, 64497, 2),
    u32(2),
    list(64501, 64502),
    u32(1),
    list(64510, 64511),
    list(0xfbf40001, 0xffffff01),
    u32(150),
  )
  const record = one(
    header(FRAME),
    tagged(1001, u32(10, 5, 20, 0)),
    tagged(1002, address('2001:db8::9'), u32(24, 16)),
    gateway,
  )
  const names = [
    'vlan',
    'vlan_in',
    'vlan_out',
    'cos',
    'ip_next_hop',
    'mask_src',
    'mask_dst',
    'peer_ip_dst',
    'as_src',
    'as_dst',
    'peer_as_src',
    'peer_as_dst',
    'as_path',
    'comms',
    'local_pref',
  ]
  assert.deepEqual(pick(record, ...names), {
    vlan: 10,
    vlan_in: 10,
    vlan_out: 20,
    cos: 5,
    ip_next_hop: '2001:db8::9',
    mask_src: 24,
    mask_dst: 16,
    peer_ip_dst: '192.0.2.7',
    as_src: 64496,
    as_dst: 64511,
    peer_as_src: 64497,
    peer_as_dst: 64501,
    as_path: [64501, 64502, '{64510,64511}'],
    comms: ['64500:1', 'no-export'],
    local_pref: 150,
  })
})

test('the rest of the extended records', () => {
  const record = one(
    tagged(1004, u32(3), opaque('alice'), u32(3), opaque('bob')),
    tagged(1005, u32(1), opaque('/index.html'), opaque('www.example.net')),
    tagged(1006, address('192.0.2.8'), list(0x00045000), list(0x05ef1000, 0x00010100)),
    tagged(1007, address('198.51.100.1'), address('198.51.100.2')),
    tagged(1020, u32(1024, 8080)),
    tagged(1008, opaque('lsp-1'), u32(12, 0)),
    tagged(1009, opaque('vc-1'), u32(77, 0)),
    tagged(1010, opaque('ftn-1'), u32(5)),
    tagged(1011, u32(24)),
    tagged(1012, list(0x8100_0064, 0x88a8_00c8)),
    tagged(1030, u32(5001)),
    tagged(1036, u32(6)),
    tagged(1037, u32(101), opaque('edge-in'), u32(1)),
    tagged(1038, opaque('ip_rcv')),
    tagged(1039, u32(850)),
    tagged(1040, u32(12_000)),
    tagged(0x1234_5001, u32(1, 2, 3)),
  )
  const { timestamp_arrival, peer_ip_src, packets, ...own } = record ?? {}
  const others = Object.entries(own).filter(([name]) => !/^(export_|sampl|source_|iface)/.test(name))
  assert.deepEqual(Object.fromEntries(others), {
    mpls_pw_id: 77,
    mpls_top_label_ip: '192.0.2.8',
    mpls_label_stack: [69],
    mpls_label_top: 69,
    mpls_label_bottom: 69,
    mpls_label_stack_out: [24305, 16],
    mpls_tunnel_name: 'lsp-1',
    mpls_tunnel_id: 12,
    mpls_vc_name: 'vc-1',
    mpls_ftn_name: 'ftn-1',
    mpls_ftn_mask: 5,
    mpls_fec_prefix_length: 24,
    vlan_stack: [100, 200],
    vxlan: 5001,
    post_nat_ip_src: '198.51.100.1',
    post_nat_ip_dst: '198.51.100.2',
    post_nat_port_src: 1024,
    post_nat_port_dst: 8080,
    username: 'alice',
    username_dst: 'bob',
    url: '/index.html',
    url_host: 'www.example.net',
    queue: 6,
    queue_depth: 12_000,
    transit_delay_nsec: 850,
    function_name: 'ip_rcv',
    acl_number: 101,
    acl_name: 'edge-in',
  })
})

test('an offset of the inner packet leads into a tunnel that cannot be told from outside', () => {
  const frame = hex(ETHERNET, '0800', '45000048 0000 0000 40fd0000 c0000201 c0000202', IPV4_TCP)
  const record = one(tagged(1028, u32(34)), header(frame))
  assert.deepEqual(pick(record, 'ip_src', 'tunnel_ip_src', 'tunnel_port_src', 'tunnel_type'), {
    ip_src: '192.0.2.1',
    tunnel_ip_src: '10.0.0.1',
    tunnel_port_src: 443,
    tunnel_type: 'decapsulated',
  })
})

test('interfaces: dropped packets, several, unknown; the direction', () => {
  const collector = new Collector()
  const rows = collector.read(
    sflow5(
      {},
      expandedSample({ source: 70_000_000 }, [0, 5], [0, 70_000_000], header(FRAME)),
      expandedSample({ sequence: 1, source: 1 }, [0, 1], [1, 256], header(FRAME)),
      expandedSample({ sequence: 1, source: 9 }, [0, 0], [2, 7], header(FRAME)),
      flowSample({ sequence: 2, source: 9, input: 0, output: 0x8000_0005 }, header(FRAME)),
      flowSample({ sequence: 1, source: 10, sourceClass: 1, input: 10 }, header(FRAME)),
    ),
  )
  const names = ['source_id_class', 'iface_in', 'iface_out', 'ifaces_out', 'discard_reason', 'sampling_direction']
  assert.deepEqual(
    rows.map(row => pick(row, ...names)),
    [
      { source_id_class: 0, iface_in: 5, iface_out: 70_000_000, sampling_direction: 'e' },
      { source_id_class: 0, iface_in: 1, discard_reason: 256, sampling_direction: 'i' },
      { source_id_class: 0, ifaces_out: 7, sampling_direction: 'u' },
      { source_id_class: 0, ifaces_out: 5, sampling_direction: 'u' },
      { source_id_class: 1, iface_in: 10, iface_out: 4, sampling_direction: 'u' },
    ],
  )
})

test('the effective rate is of the pool; renormalised counters use it', () => {
  const samples = [
    flowSample({ sequence: 1, pool: 1000 }, header(FRAME)),
    flowSample({ sequence: 3, pool: 1500 }, header(FRAME)),
    flowSample({ sequence: 4, pool: 1200 }, header(FRAME)),
  ]
  const plain = new Collector().read(sflow5({}, ...samples))
  assert.deepEqual(
    plain.map(row => pick(row, 'sampling_rate', 'sampling_rate_effective', 'packets')),
    [
      { sampling_rate: 100, packets: 1 },
      { sampling_rate: 100, sampling_rate_effective: 250, packets: 1 },
      { sampling_rate: 100, packets: 1 },
    ],
  )
  const times = new Collector({ renormalize: true }).read(sflow5({}, ...samples))
  assert.deepEqual(
    times.map(row => pick(row, 'sampling_rate', 'sampling_source', 'packets', 'bytes', 'bytes_ip')),
    [
      { sampling_rate: 1, sampling_source: 'record', packets: 100, bytes: 6600, bytes_ip: 5200 },
      { sampling_rate: 1, sampling_source: 'pool', packets: 250, bytes: 16500, bytes_ip: 13000 },
      { sampling_rate: 1, sampling_source: 'record', packets: 100, bytes: 6600, bytes_ip: 5200 },
    ],
  )
})

test('a map goes before what the agent says', () => {
  const asked: unknown[] = []
  const collector = new Collector({
    renormalize: true,
    samplingMap: (...words) => {
      asked.push(words)
      return 500
    },
  })
  const [row] = collector.read(sflow5({}, flowSample({}, header(FRAME))))
  assert.deepEqual(pick(row, 'packets', 'sampling_source'), { packets: 500, sampling_source: 'map' })
  assert.deepEqual(asked, [['192.0.2.99', 3, 4]])
})

test('gaps in datagrams and samples are counted', () => {
  const collector = new Collector()
  const send = (sequence: number, sample: number) =>
    collector.read(sflow5({ sequence }, flowSample({ sequence: sample }, header(FRAME))))
  for (const [sequence, sample] of [
    [1, 1],
    [2, 2],
    [5, 9],
    [4, 8],
    [6, 10],
  ] as const)
    send(sequence, sample)
  assert.equal(collector.reading('exporter_sequence_lost'), 1)
  assert.equal(collector.reading('exporter_sequence_reordered'), 1)
  assert.equal(collector.reading('exporter_samples_lost'), 5)
  assert.equal(collector.reading('exporter_flow_samples'), 5)
})

test('discarded packets are events of their own, where they are asked for', () => {
  const event = discard({ drops: 3, input: 5, output: 0 }, 259, header(FRAME), tagged(1042, opaque('NO_SOCKET')))
  assert.deepEqual(new Collector().read(sflow5({}, event)), [])
  const [row] = new Collector({ discards: true }).read(sflow5({}, event))
  const names = [
    'event_type',
    'ip_src',
    'iface_in',
    'iface_out',
    'discard_reason',
    'drop_reason',
    'packets',
    'bytes',
    'packets_dropped',
    'bytes_dropped',
    'sampling_drops',
    'sampling_rate',
  ]
  assert.deepEqual(pick(row, ...names), {
    event_type: 'discard',
    ip_src: '10.0.0.1',
    iface_in: 5,
    discard_reason: 259,
    drop_reason: 'NO_SOCKET',
    packets_dropped: 1,
    bytes_dropped: 66,
    sampling_drops: 3,
  })
})

test('versions 2 and 4', () => {
  const packet = Buffer.concat([u32(1, 1, 1514), opaque(FRAME.subarray(0, 65))])
  const path4 = Buffer.concat([u32(3, 64500, 64496, 64497, 1, 2), list(64501), list(0xfbf40001), u32(150)])
  const path2 = Buffer.concat([u32(3, 64500, 64496, 64497), list(64501, 64502)])
  const more = [u32(1, 10, 0, 20, 0), Buffer.concat([u32(2), address('192.0.2.7'), u32(24, 16)])]
  const names = [
    'export_proto_version',
    'peer_ip_src',
    'port_src',
    'tcp_flags',
    'vlan',
    'mask_dst',
    'as_path',
    'comms',
    'bytes',
  ]
  const common = { peer_ip_src: '2001:db8::99', port_src: 443, tcp_flags: 24, vlan: 10, mask_dst: 16, bytes: 1514 }
  const agent = '2001:db8::99'
  const four = new Collector().read(
    sflow4(4, { agent }, legacySample({}, packet, ...more, path4), legacySample({ sequence: 2 }, packet)),
  )
  assert.equal(four.length, 2)
  assert.deepEqual(pick(four[0], ...names), {
    export_proto_version: 4,
    ...common,
    as_path: [64501],
    comms: ['64500:1'],
  })
  const two = new Collector().read(sflow4(2, { agent }, legacySample({}, packet, ...more, path2)))
  assert.deepEqual(pick(two[0], ...names), { export_proto_version: 2, ...common, as_path: [64501, 64502] })
})

test('a damaged datagram gives what is whole, and is told', () => {
  const collector = new Collector()
  const whole = sflow5({}, flowSample({}, header(FRAME)), flowSample({ sequence: 2 }, header(FRAME)))
  assert.equal(collector.read(whole.subarray(0, whole.length - 20)).length, 2)
  assert.deepEqual(collector.codes().length > 0, true)
  for (let end = 4; end < whole.length; end++) new Collector().read(whole.subarray(0, end))
})

test('the sender is the exporter where the agent is not believed', () => {
  const [row] = new Collector({ ignoreExporterAddress: true }).read(sflow5({}, flowSample({}, header(FRAME))))
  assert.equal(row?.peer_ip_src, '192.0.2.1')
})
