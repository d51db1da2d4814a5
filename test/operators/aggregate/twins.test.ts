import assert from 'node:assert/strict'
import { test } from 'node:test'
import { orThrow } from '../../../src/contract/problem.ts'
import type { NetRecord } from '../../../src/contract/record.ts'
import { fieldOf } from '../../../src/fields/dictionary.ts'
import { aggregate } from '../../../src/operators/aggregate/aggregate.ts'
import { interpretSums } from '../../../src/operators/aggregate/interpret.ts'
import { resolve } from '../../../src/operators/aggregate/options.ts'
import { aggregateOptions } from '../../../src/runtime/aggregate-flags.ts'
import { jsonText } from '../../../src/stream/json.ts'
import { AGGREGATE_DEFAULTS } from '../../support/aggregate-defaults.ts'
import { random, randomRecord } from '../../support/random.ts'
import { recordsOf, streamOf, TestHost } from '../../support/test-host.ts'

const sorted = (records: readonly NetRecord[]) => records.map(record => jsonText(canonical(record))).sort()
const canonical = (record: NetRecord) => Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)))

const KEYS = [
  'ip_src',
  'ip_dst',
  'port_src',
  'ip_proto',
  'mac_src',
  'label',
  'as_path',
  'sampling_direction',
  'timestamp_start',
  'odd',
]

test('the generated kernel sums as its interpreted twin does', async () => {
  const source = random(424242)
  const pool = [...KEYS, 'packets', 'bytes', 'flows', 'tcp_flags', 'ttl', 'odd'].map(fieldOf)
  for (let round = 0; round < 120; round++) {
    const by = KEYS.filter(() => source.chance(0.3))
    // A narrow pool of records, so that keys meet again.
    const few = Array.from({ length: 40 }, () => randomRecord(pool, source))
    const records = Array.from({ length: 300 }, () => source.pick(few))
    const wish = { by: [...by, 'tcp_flags'], min: ['ttl'], max: ['ttl'], count: true }
    const { keys, sums } = orThrow(resolve(wish))
    const options = aggregateOptions({ ...AGGREGATE_DEFAULTS, by: wish.by, min: wish.min, max: wish.max, count: true })
    const numeric = records.map(record =>
      withoutOddNumbers(
        record,
        sums.map(sum => sum.field?.name ?? ''),
      ),
    )
    const host = new TestHost()
    const actual = await recordsOf(aggregate(streamOf(numeric, 1 + source.whole(400)), options, host))
    assert.deepEqual(sorted(actual), sorted(interpretSums(numeric, keys, sums)))
    assert.equal(host.counters.held, 0)
  }
})

/** What is no number cannot be summed; fractions and negatives are summed as doubles, whose order of adding matters. */
function withoutOddNumbers(record: NetRecord, names: readonly string[]): NetRecord {
  const kept = Object.entries(record).filter(
    ([name, value]) =>
      !names.includes(name) ||
      // Flags are sixteen bits at most: a BigInt there is no case for OR.
      (typeof value === 'bigint' && name !== 'tcp_flags') ||
      (Number.isSafeInteger(value) && Number(value) >= 0),
  )
  return Object.fromEntries(kept)
}

test('how batches are cut does not change a byte of the output', async () => {
  const source = random(99)
  const records = Array.from({ length: 2000 }, (_, index) => ({
    timestamp_arrival: 1767571200 + index / 10 + source.whole(3),
    timestamp_start: 1767571200 + index / 10 - source.whole(100),
    timestamp_end: 1767571200 + index / 10,
    ip_src: `10.0.0.${source.whole(20)}`,
    packets: source.whole(100),
    bytes: source.whole(100_000),
    flows: 1,
  }))
  for (const flags of [
    { bin: '1m' },
    { bin: '1m', grace: '30s', late: 'drop' },
    { bin: '10s', spread: true },
    { refresh: '20s' },
  ]) {
    const options = aggregateOptions({ ...AGGREGATE_DEFAULTS, by: ['src_host'], stitch: true, ...flags })
    const outputs = []
    for (const size of [1, 7, 100, 500]) {
      outputs.push(jsonText(await recordsOf(aggregate(streamOf(records, size), options, new TestHost()))))
    }
    assert.deepEqual(new Set(outputs).size, 1, JSON.stringify(flags))
  }
})

test('spreading a long flow keeps its counters to the last packet and octet', async () => {
  const source = random(5)
  const records = Array.from({ length: 500 }, () => {
    const start = 1767571200 + source.whole(600) + source.whole(1000) / 1000
    const end = start + source.whole(2000)
    return {
      timestamp_arrival: end,
      timestamp_start: start,
      timestamp_end: end,
      packets: source.whole(1000),
      bytes: source.pick([source.whole(1e9), 2n ** 60n + 7n]),
      flows: 1,
    }
  })
  const total = (rows: readonly NetRecord[], name: string) =>
    rows.reduce((sum, row) => sum + BigInt((row[name] ?? 0) as number), 0n)
  const options = aggregateOptions({ ...AGGREGATE_DEFAULTS, by: ['proto'], bin: '1m', spread: true })
  const out = await recordsOf(aggregate(streamOf(records), options, new TestHost()))
  for (const name of ['packets', 'bytes', 'flows']) assert.equal(total(out, name), total(records, name), name)
  assert.ok(out.length > 10)
})

test('more keys than the generated names of the kernel itself have numbers', async () => {
  const texts = Array.from({ length: 30 }, (_, index) => `text_${index}`)
  const by = [
    'timestamp_start',
    ...texts,
    'ip_src',
    'ip_dst',
    'peer_ip_src',
    ...texts.map(name => `${name}_too`),
    'peer_ip_dst',
  ]
  const records: NetRecord[] = [
    { timestamp_start: 1_767_225_600.25, ip_dst: '192.0.2.1', peer_ip_dst: '192.0.2.2', bytes: 1 },
  ]
  const made = await recordsOf(
    aggregate(streamOf(records), aggregateOptions({ ...AGGREGATE_DEFAULTS, by }), new TestHost()),
  )
  assert.deepEqual(made, records)
})
