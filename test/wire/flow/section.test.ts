import assert from 'node:assert/strict'
import { test } from 'node:test'
import { data, type Field, ipfix, type Row, template, VARIABLE_LENGTH } from '../../support/flow-writer.ts'
import { ETHERNET, hex, IPV4_TCP, IPV6_UDP } from '../packet/frames.ts'
import { Collector, EXPORT_TIME_S, pick } from './collector.ts'

const read = (fields: readonly Field[], ...rows: Row[]) => {
  const of = template(256, fields)
  return new Collector().read(ipfix({ exportTime: EXPORT_TIME_S }, [of, data(of, rows)]))
}
const TCP = {
  ip_src: '10.0.0.1',
  ip_dst: '10.0.0.2',
  port_src: 443,
  port_dst: 50000,
  tcp_flags: 24,
  ip_proto: 'tcp',
  tos: 16,
  ttl: 64,
}

test('a frame in the record (IE 315) fills the fields that the template lacks', () => {
  const frame = hex(ETHERNET, '88a8 a064', '8100 00c8', '0800', IPV4_TCP)
  const [record] = read([[315, VARIABLE_LENGTH]], [frame])
  const { timestamp_arrival, timestamp_export, peer_ip_src, ...own } = record ?? {}
  assert.deepEqual(Object.fromEntries(Object.entries(own).filter(([name]) => !name.startsWith('export_'))), {
    mac_src: '02:00:00:00:00:01',
    mac_dst: '02:00:00:00:00:02',
    vlan: 100,
    vlan_in: 100,
    cvlan_in: 200,
    cos: 5,
    etype: '800',
    ...TCP,
    flows: 1,
    packets: 1,
    bytes: 52,
  })
})

test("the template's own elements go before the packet's", () => {
  const fields: readonly Field[] = [
    [8, 4],
    [2, 4],
    [1, 4],
    [104, 80],
  ]
  const [record] = read(fields, ['192.0.2.99', 7, 700, hex(ETHERNET, '0800', IPV4_TCP)])
  assert.deepEqual(pick(record, 'ip_src', 'ip_dst', 'packets', 'bytes'), {
    ip_src: '192.0.2.99',
    ip_dst: '10.0.0.2',
    packets: 7,
    bytes: 700,
  })
})

test('each record has a packet of its own: other families, MPLS, none at all', () => {
  const rows = [
    hex(ETHERNET, '86dd', IPV6_UDP),
    hex(ETHERNET, '8847', '05ef1140', IPV4_TCP),
    hex(ETHERNET, '0806', '0001'),
  ]
  const records = read(
    [
      [315, VARIABLE_LENGTH],
      [312, 2],
    ],
    ...rows.map(frame => [frame, 1500]),
  )
  assert.deepEqual(
    records.map(record => pick(record, 'etype', 'ip_src', 'port_dst', 'mpls_label_stack', 'bytes')),
    [
      { etype: '86dd', ip_src: '2001:db8::1', port_dst: 1053, bytes: 80 },
      { etype: '800', ip_src: '10.0.0.1', port_dst: 50000, mpls_label_stack: [24305], bytes: 52 },
      { etype: '806', bytes: 1500 },
    ],
  )
})

test('sections that start at IP or at the label stack (IE 313, 316)', () => {
  assert.deepEqual(pick(read([[313, VARIABLE_LENGTH]], [hex(IPV4_TCP)])[0], ...Object.keys(TCP)), TCP)
  const [record] = read([[316, VARIABLE_LENGTH]], [hex('00045040', '05ef1140', IPV4_TCP)])
  assert.deepEqual(pick(record, 'mpls_label_stack', 'ip_dst'), { mpls_label_stack: [69, 24305], ip_dst: '10.0.0.2' })
})
