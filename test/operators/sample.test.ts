import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { NetRecord } from '../../src/contract/record.ts'
import { SAMPLE_DEFAULTS, type SampleOptions, sample, scaled } from '../../src/operators/sample.ts'
import { recordsOf, streamOf, TestHost } from '../support/test-host.ts'

const records: NetRecord[] = Array.from({ length: 20_000 }, (_, index) => ({
  ip_src: `10.0.${index % 200}.1`,
  bytes: index,
}))

async function run(options: Partial<SampleOptions>, input = records, size = 500) {
  const host = new TestHost()
  const out = await recordsOf(sample(streamOf(input, size), { ...SAMPLE_DEFAULTS, ...options }, host))
  return { out, host }
}

test('the first ones; the rest of the input is not read', async () => {
  let read = 0
  async function* input() {
    for await (const batch of streamOf(records, 10)) {
      read += batch.count
      yield batch
    }
  }
  const host = new TestHost()
  const out = await recordsOf(sample(input(), { ...SAMPLE_DEFAULTS, method: 'first', rate: 25 }, host))
  assert.deepEqual(out, records.slice(0, 25))
  assert.equal(read, 30)
  assert.equal(host.counters['dropped/sampled'], 5)
  assert.deepEqual((await run({ method: 'first', rate: 0 })).out, [])
})

test('every tenth, however batches are cut', async () => {
  for (const size of [1, 7, 500]) {
    const { out, host } = await run({ rate: 10 }, records, size)
    assert.deepEqual(
      out.map(({ bytes }) => bytes),
      Array.from({ length: 2000 }, (_, index) => 10 * index),
    )
    assert.equal(host.counters['dropped/sampled'], 18_000)
  }
})

describe('at random', () => {
  test('about one of so many, the same for the same seed, however batches are cut', async () => {
    const { out } = await run({ method: 'random', rate: 10 })
    // Six standard deviations of the binomial distribution.
    assert.ok(Math.abs(out.length - 2000) < 6 * Math.sqrt(20_000 * 0.09), String(out.length))
    assert.deepEqual((await run({ method: 'random', rate: 10 }, records, 33)).out, out)
    assert.notDeepEqual((await run({ method: 'random', rate: 10, seed: 2 })).out, out)
  })

  test('by value: all records of a value or none, the same values on every run', async () => {
    const { out } = await run({ method: 'hash', rate: 4, by: ['src_host'] })
    const values = new Set(out.map(({ ip_src }) => ip_src))
    assert.equal(out.length, values.size * 100)
    assert.ok(values.size > 20 && values.size < 80, String(values.size))
    const back = await run({ method: 'hash', rate: 4, by: ['ip_src'] }, [...records].reverse())
    assert.deepEqual(new Set(back.out.map(({ ip_src }) => ip_src)), values)
  })
})

test('scaling makes sums come out; what is no counter stays', async () => {
  const input: NetRecord[] = [{ packets: 3, bytes: 2n ** 60n, as_src: 5, tcp_flags: 3, bytes_total: 9 }, {}]
  assert.deepEqual((await run({ rate: 10, scale: true }, input)).out, [
    { packets: 30, bytes: 10n * 2n ** 60n, as_src: 5, tcp_flags: 3, bytes_total: 9, sampling_rate: 1 },
  ])
  assert.deepEqual((await run({ rate: 10, markRate: true }, [{ sampling_rate: 100 }])).out, [{ sampling_rate: 1000 }])
  assert.equal(scaled(9007199254740991, 3), 27021597764222973n)
  assert.equal(scaled(10, 2.5), 25)
})
