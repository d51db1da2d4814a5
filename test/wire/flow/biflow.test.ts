import assert from 'node:assert/strict'
import { test } from 'node:test'
import { REVERSE_PEN } from '../../../src/fields/element.ts'
import { data, type Field, ipfix, template } from '../../support/flow-writer.ts'
import { Collector, EXPORT_TIME_S, pick } from './collector.ts'

const BIFLOW: readonly Field[] = [
  [8, 4],
  [12, 4],
  [7, 2],
  [11, 2],
  [16, 4],
  [10, 2],
  [14, 2],
  [6, 1],
  [1, 8],
  [2, 4],
  [152, 8],
  [1, 8, REVERSE_PEN],
  [2, 4, REVERSE_PEN],
  [6, 1, REVERSE_PEN],
  [152, 8, REVERSE_PEN],
]
const START_MS = EXPORT_TIME_S * 1000
const row = (port: number, bytesBack: number | bigint, packetsBack: number) =>
  [
    '10.0.0.1',
    '10.0.0.2',
    port,
    443,
    64500,
    3,
    4,
    2,
    100,
    1,
    START_MS,
    bytesBack,
    packetsBack,
    18,
    START_MS + 20,
  ] as const
const flow = template(256, BIFLOW)
const message = (...rows: ReturnType<typeof row>[]) => ipfix({ exportTime: EXPORT_TIME_S }, [flow, data(flow, rows)])

test('RFC 5103: the other direction has fields of its own', () => {
  const [record] = new Collector().read(message(row(1000, 200, 2)))
  const names = ['bytes', 'packets', 'bytes_reverse', 'packets_reverse', 'tcp_flags', 'tcp_flags_reverse']
  assert.deepEqual(Object.values(pick(record, ...names)), [100, 1, 200, 2, 2, 18])
  assert.equal(record?.timestamp_start_reverse, EXPORT_TIME_S + 0.02)
})

test('--biflow split: a second record the other way round, none where nothing came back', () => {
  const records = new Collector({ biflow: 'split' }).read(
    message(row(1000, 200, 2), row(1001, 0, 0), row(1002, 300, 3)),
  )
  assert.deepEqual(
    records.map(record => [record.ip_src, record.port_src, record.port_dst, record.bytes]),
    [
      ['10.0.0.1', 1000, 443, 100],
      ['10.0.0.2', 443, 1000, 200],
      ['10.0.0.1', 1001, 443, 100],
      ['10.0.0.1', 1002, 443, 100],
      ['10.0.0.2', 443, 1002, 300],
    ],
  )
  const [first, second] = records
  assert.deepEqual(
    Object.keys(first ?? {}).filter(name => name.endsWith('_reverse')),
    [],
  )
  assert.deepEqual(pick(first, 'iface_in', 'iface_out', 'as_src', 'as_dst', 'tcp_flags', 'timestamp_start', 'flows'), {
    iface_in: 3,
    iface_out: 4,
    as_src: 64500,
    tcp_flags: 2,
    timestamp_start: EXPORT_TIME_S,
    flows: 1,
  })
  // as_dst is not of the template, so nobody can say as_src of the way back
  assert.deepEqual(pick(second, 'iface_in', 'iface_out', 'as_src', 'as_dst', 'tcp_flags', 'timestamp_start', 'flows'), {
    iface_in: 4,
    iface_out: 3,
    tcp_flags: 18,
    timestamp_start: EXPORT_TIME_S + 0.02,
    flows: 1,
  })
})

test('--biflow split decodes what the other direction needs, though only one of a pair is wanted', () => {
  const collector = new Collector({ biflow: 'split' }, { fields: ['ip_src', 'bytes'], rest: false })
  assert.deepEqual(collector.read(message(row(1, 2n ** 63n, 1))), [
    { ip_src: '10.0.0.1', bytes: 100 },
    { ip_src: '10.0.0.2', bytes: 2n ** 63n },
  ])
})

test('--biflow split keeps batches within their size', () => {
  const collector = new Collector({ biflow: 'split' })
  const rows = Array.from({ length: 60 }, (_, port) => row(port, 1, 1))
  let records = 0
  for (let times = 0; times < 20; times++) records += collector.feed(message(...rows)).length
  records += collector.flush().length
  assert.equal(records, 20 * 120)
  assert.ok(collector.batches.every(({ count }) => count <= 500))
})
