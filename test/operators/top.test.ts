import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { NetRecord } from '../../src/contract/record.ts'
import { recordBatch, type Stream } from '../../src/contract/record.ts'
import { seededRandom } from '../../src/operators/seeded-random.ts'
import { TOP_DEFAULTS, type TopOptions, top } from '../../src/operators/top.ts'
import { recordsOf, streamOf, TestHost } from '../support/test-host.ts'

async function run(input: NetRecord[], options: Partial<TopOptions>, size = 500) {
  const host = new TestHost()
  const out = await recordsOf(top(streamOf(input, size), { ...TOP_DEFAULTS, ...options }, host))
  return { out, host }
}

const random = seededRandom(7)
const records: NetRecord[] = Array.from({ length: 3000 }, (_, index) => ({
  timestamp_arrival: 1000 + index / 10,
  as_src: Math.floor(random() * 3),
  bytes: Math.floor(random() * 1000),
  index,
}))
const byBytes = (some: NetRecord[], sign = -1) => some.toSorted((a, b) => sign * (Number(a.bytes) - Number(b.bytes)))

test('the same as sorting, equals in the order in which they came', async () => {
  for (const size of [1, 100, 500]) {
    const { out, host } = await run(records, { count: 20 }, size)
    assert.deepEqual(out, byBytes(records).slice(0, 20))
    assert.equal(host.counters['dropped/top'], 2980)
    assert.equal(host.counters.held, 0)
  }
  assert.deepEqual((await run(records, { count: 20, least: true })).out, byBytes(records, 1).slice(0, 20))
})

test('of each group', async () => {
  const { out } = await run(records, { count: 2, per: ['src_as'] })
  const groups = [...new Set(records.map(({ as_src }) => as_src))]
  assert.deepEqual(
    out,
    groups.flatMap(group => byBytes(records.filter(({ as_src }) => as_src === group)).slice(0, 2)),
  )
})

test('of each interval of the record clock, however batches are cut', async () => {
  const minutes = [960, 1020, 1080, 1140, 1200, 1260]
  const wanted = minutes.flatMap(start => {
    const within = records.filter(({ timestamp_arrival: at }) => Number(at) >= start && Number(at) < start + 60)
    return byBytes(within).slice(0, 3)
  })
  for (const size of [1, 77, 500])
    assert.deepEqual((await run(records, { count: 3, everySeconds: 60 }, size)).out, wanted)
})

test('sums of a bin are in the interval of their bin', async () => {
  const sum = (bin: number, bytes: number) => ({ stamp_inserted: bin, stamp_updated: 500, bytes })
  const { out } = await run([sum(0, 1), sum(0, 2), sum(60, 1), sum(60, 3)], { count: 1, everySeconds: 60 })
  assert.deepEqual(out, [sum(0, 2), sum(60, 3)])
})

test('exact above 2^53; records without the field are counted', async () => {
  const { out, host } = await run([{ bytes: 2n ** 60n }, { bytes: 2n ** 60n + 1n }, { bytes: 5 }, { bytes: 'x' }, {}], {
    count: 1,
  })
  assert.deepEqual(out, [{ bytes: 2n ** 60n + 1n }])
  assert.equal(host.counters['dropped/without-value'], 2)
})

test('a silent input ends an interval', async () => {
  const seen: number[] = []
  async function* input(): Stream {
    yield recordBatch([{ timestamp_arrival: 10, bytes: 1 }], 10_000)
    yield recordBatch([], 59_000)
    seen.push(out.length)
    yield recordBatch([], 60_000)
    seen.push(out.length)
  }
  const out: NetRecord[] = []
  for await (const batch of top(input(), { ...TOP_DEFAULTS, everySeconds: 60 }, new TestHost()))
    out.push(...batch.records)
  assert.deepEqual(seen, [0, 1])
})
