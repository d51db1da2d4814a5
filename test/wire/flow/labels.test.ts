import assert from 'node:assert/strict'
import { test } from 'node:test'
import { data, type Field, ipfix, type Row, template, VARIABLE_LENGTH } from '../../support/flow-writer.ts'
import { Collector, EXPORT_TIME_S, pick } from './collector.ts'

const read = (fields: readonly Field[], ...rows: Row[]) => {
  const of = template(256, fields)
  return new Collector().read(ipfix({ exportTime: EXPORT_TIME_S }, [of, data(of, rows)]))
}
const label = (value: number, bottom = false) => value * 16 + (bottom ? 1 : 0)
const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex')

test('MPLS labels: until the bottom of the stack, without what the exporter filled up', () => {
  const fields: readonly Field[] = [
    [70, 3],
    [71, 3],
    [72, 3],
  ]
  const records = read(
    fields,
    [label(69), label(24305, true), label(5)],
    [label(16), 0, label(17, true)],
    [label(1_048_575, true), 0, 0],
    [label(3), label(4), 0],
    [0, 0, 0],
  )
  assert.deepEqual(
    records.map(record => pick(record, 'mpls_label_stack', 'mpls_label_top', 'mpls_label_bottom')),
    [
      { mpls_label_stack: [69, 24305], mpls_label_top: 69, mpls_label_bottom: 24305 },
      { mpls_label_stack: [16, 17], mpls_label_top: 16, mpls_label_bottom: 17 },
      { mpls_label_stack: [1_048_575], mpls_label_top: 1_048_575, mpls_label_bottom: 1_048_575 },
      { mpls_label_stack: [3, 4], mpls_label_top: 3 },
      {},
    ],
  )
})

const FIRST = hex('20010db8 00000000 00000000 00000001')
const SECOND = hex('20010db8 00000000 00000000 00000002')
const SEGMENTS = ['2001:db8::1', '2001:db8::2']

test('SRv6 segments: list section, basic list, whole header (RFC 9487)', () => {
  const section = Buffer.concat([FIRST, SECOND])
  assert.deepEqual(read([[497, VARIABLE_LENGTH]], [section])[0]?.srv6_seg_ipv6_list, SEGMENTS)
  assert.deepEqual(read([[497, 32]], [section])[0]?.srv6_seg_ipv6_list, SEGMENTS)
  const list = Buffer.concat([hex('03 01ee 0010'), section])
  assert.deepEqual(read([[496, VARIABLE_LENGTH]], [list])[0]?.srv6_seg_ipv6_list, SEGMENTS)
  const header = Buffer.concat([hex('04 06 04 01 01 00 0000'), section, Buffer.alloc(16, 5)])
  assert.deepEqual(read([[499, VARIABLE_LENGTH]], [header])[0]?.srv6_seg_ipv6_list, SEGMENTS)
  assert.equal(read([[497, VARIABLE_LENGTH]], [Buffer.alloc(7)])[0]?.srv6_seg_ipv6_list, undefined)
})

test('layer 2 segments: VXLAN and NVGRE by their first octet', () => {
  const records = read(
    [[351, 8]],
    [hex('01 00000000 001389')],
    [hex('02 00000000 abcdef')],
    [hex('05 00000000 000001')],
  )
  assert.deepEqual(
    records.map(record => pick(record, 'vxlan', 'nvgre')),
    [{ vxlan: 5001 }, { nvgre: 0xabcdef }, {}],
  )
})

test('ICMP type and code, of ICMP only', () => {
  const fields: readonly Field[] = [
    [4, 1],
    [32, 2],
    [139, 2],
  ]
  const records = read(fields, [1, 0x0301, 0], [58, 0, 0x8100], [6, 0x0301, 0])
  assert.deepEqual(
    records.map(record => pick(record, 'icmp_type', 'icmp_code')),
    [{ icmp_type: 3, icmp_code: 1 }, { icmp_type: 129, icmp_code: 0 }, {}],
  )
  const single: readonly Field[] = [
    [176, 1],
    [177, 1],
  ]
  assert.deepEqual(pick(read(single, [8, 0])[0], 'icmp_type', 'icmp_code'), { icmp_type: 8, icmp_code: 0 })
})
