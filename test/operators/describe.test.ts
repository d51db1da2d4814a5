import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { NetRecord } from '../../src/contract/record.ts'
import { ExactSum } from '../../src/operators/describe/exact-sum.ts'
import { MedianSample } from '../../src/operators/describe/median.ts'
import { describe } from '../../src/operators/describe.ts'
import { recordsOf, streamOf, TestHost } from '../support/test-host.ts'

const records: NetRecord[] = Array.from({ length: 5000 }, (_, index) => ({
  timestamp_arrival: 100 + index,
  timestamp_export: 100 + index - (index % 5),
  peer_ip_src: `192.0.2.${index % 2}`,
  sampling_rate: index % 2 ? 1000 : 1,
  export_proto_version: 9,
  bytes: index === 7 ? 2n ** 60n : index,
  port_src: index,
  ...(index % 4 === 0 ? { unknown: { '9/99': '0a0b', '0/500': '01' }, mine: [index] } : {}),
}))

async function census(size: number) {
  const host = new TestHost()
  return { out: await recordsOf(describe(streamOf(records, size), {}, host)), host }
}
const named = (out: NetRecord[], kind: string, name: string) =>
  out.find(record => record.kind === kind && record.name === name)

test('the same however batches are cut; all records are accounted for', async () => {
  const { out, host } = await census(500)
  assert.deepEqual((await census(1)).out, out)
  assert.equal(host.counters.merged, 5000)
  assert.equal(host.counters.created, out.length)
  assert.deepEqual(new Set(out.map(({ event_type }) => event_type)), new Set(['describe']))
})

test('the stream as a whole', async () => {
  const { out } = await census(500)
  assert.deepEqual(out[0], {
    event_type: 'describe',
    kind: 'stream',
    name: 'all',
    records: 5000,
    bytes: 2n ** 60n + BigInt((4999 * 5000) / 2 - 7),
    timestamp_arrival_first: 100,
    timestamp_arrival_last: 5099,
    fields: 9,
    exporters: 2,
  })
})

test('fields: share, types, bounds, distinct values, sums', async () => {
  const { out } = await census(500)
  const bytes = named(out, 'field', 'bytes')
  assert.deepEqual(
    [bytes?.known, bytes?.min, bytes?.max, bytes?.types, bytes?.unit],
    [true, 0, 2n ** 60n, ['integer'], 'octets'],
  )
  assert.equal(bytes?.sum, out[0]?.bytes)
  const port = named(out, 'field', 'port_src')
  assert.equal(port?.sum, undefined)
  assert.equal(port?.distinct_error, 0.016)
  assert.ok(Math.abs(Number(port?.distinct) - 5000) < 5000 * 6 * 0.016, String(port?.distinct))
  const mine = named(out, 'field', 'mine')
  assert.deepEqual(
    [mine?.known, mine?.share, mine?.types, mine?.examples],
    [false, 0.25, ['array'], ['[0]', '[4]', '[8]']],
  )
  const rate = named(out, 'field', 'sampling_rate')
  assert.deepEqual([rate?.distinct, rate?.distinct_error], [2, undefined])
})

test('elements without a field', async () => {
  const { out } = await census(500)
  const element = named(out, 'element', '9/99')
  assert.deepEqual(
    [element?.records, element?.octets_min, element?.octets_max, element?.examples],
    [1250, 2, 2, ['0a0b']],
  )
  assert.ok(named(out, 'element', '0/500'))
})

test('exporters: rates, versions, clock skew', async () => {
  const { out } = await census(500)
  const exporter = named(out, 'exporter', '192.0.2.1')
  assert.deepEqual(
    [exporter?.records, exporter?.sampling_rates, exporter?.versions, exporter?.first_arrival],
    [2500, [1000], [9], 101],
  )
  assert.deepEqual([exporter?.clock_skew_min, exporter?.clock_skew_median, exporter?.clock_skew_max], [0, 2, 4])
})

test('nothing in, an empty census out', async () => {
  const out = await recordsOf(describe(streamOf([]), {}, new TestHost()))
  assert.deepEqual(out, [{ event_type: 'describe', kind: 'stream', name: 'all', records: 0, fields: 0, exporters: 0 }])
})

test('names that never end do not fill memory', async () => {
  const endless = Array.from({ length: 1500 }, (_, index) => ({ [`x${index}`]: 1 }))
  const out = await recordsOf(describe(streamOf(endless), {}, new TestHost()))
  assert.equal(out.length, 1001)
  assert.deepEqual(out[0]?.not_described, { fields: 500, elements: 0, exporters: 0 })
})

test('sums are exact, the median stands', () => {
  const sum = new ExactSum()
  for (const value of [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, 3n, 1]) sum.add(value)
  assert.equal(sum.value, 2n ** 54n + 2n)
  sum.add(0.5)
  assert.equal(sum.value, 2 ** 54)
  const median = new MedianSample()
  assert.equal(median.median, undefined)
  for (let number = 0; number < 100_000; number++) median.add(number)
  assert.ok(Math.abs(Number(median.median) - 50_000) < 200)
})
