// sum_host and its like: the sums of records and of the same records with their ends exchanged.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { orThrow } from '../../../src/contract/problem.ts'
import type { NetRecord } from '../../../src/contract/record.ts'
import { BOTH_ENDS } from '../../../src/fields/both-ends.ts'
import { fieldOf, knownField } from '../../../src/fields/dictionary.ts'
import { aggregate, aggregateNeeds } from '../../../src/operators/aggregate/aggregate.ts'
import { interpretSums } from '../../../src/operators/aggregate/interpret.ts'
import { resolve } from '../../../src/operators/aggregate/options.ts'
import { aggregateOptions } from '../../../src/runtime/aggregate-flags.ts'
import { jsonText } from '../../../src/stream/json.ts'
import { AGGREGATE_DEFAULTS } from '../../support/aggregate-defaults.ts'
import { random, randomRecord } from '../../support/random.ts'
import { recordsOf, streamOf, TestHost } from '../../support/test-host.ts'

const PRIMITIVES = Object.keys(BOTH_ENDS)

/** The record, and the record with the ends of some primitives exchanged. */
function entries(record: NetRecord, primitives: readonly string[]): NetRecord[] {
  const turned = { ...record }
  for (const [source, destination] of primitives.flatMap(primitive => BOTH_ENDS[primitive] ?? [])) {
    delete turned[source]
    delete turned[destination]
    if (record[destination] !== undefined) turned[source] = record[destination]
    if (record[source] !== undefined) turned[destination] = record[source]
  }
  return [record, turned]
}

/** Keys stand first to last as fields do; which of them a record has differs. */
const inOrder = (record: NetRecord) => jsonText(Object.fromEntries(Object.entries(record).sort()))

describe('sums of both ends', () => {
  it('have ends of one type', () => {
    for (const pair of Object.values(BOTH_ENDS).flat()) {
      const [source, destination] = pair.map(name => knownField(name)?.type.name)
      assert.ok(source !== undefined && source === destination, String(pair))
    }
  })

  it('are those of records and of the same records turned round, in that order, however batches are cut', async () => {
    const source = random(77)
    const ends = Object.values(BOTH_ENDS).flat(2)
    const pool = [...ends, 'ip_proto', 'label', 'as_path', 'timestamp_start'].map(fieldOf)
    for (let round = 0; round < 60; round++) {
      const primitives = PRIMITIVES.filter(() => source.chance(0.4))
      const others = ['dst_host', 'src_mask', 'dst_port', 'proto', 'label', 'as_path', 'timestamp_start']
      const by = [...primitives, ...others.filter(() => source.chance(0.2))]
      const few = Array.from({ length: 40 }, () => ({ ...randomRecord(pool, source), bytes: source.whole(2 ** 33) }))
      const records = Array.from({ length: 700 }, () => source.pick(few))
      const { keys, sums } = orThrow(resolve({ by, count: true }))
      const twice = records.flatMap(record => (primitives.length > 0 ? entries(record, primitives) : [record]))
      const expected = interpretSums(twice, keys, sums)
      const options = aggregateOptions({ ...AGGREGATE_DEFAULTS, by, count: true })
      const host = new TestHost()
      const actual = await recordsOf(aggregate(streamOf(records, 1 + source.whole(500)), options, host))
      assert.deepEqual(actual.map(inOrder), expected.map(inOrder), by.join())
      const { created = 0, merged, held } = host.counters
      assert.equal(created, twice.length - records.length)
      assert.deepEqual({ merged, held }, { merged: twice.length - expected.length, held: 0 })
    }
  })

  it('share a long flow out at both ends, and the counters add up', async () => {
    const record = {
      timestamp_arrival: 1767225800,
      timestamp_start: 1767225630,
      timestamp_end: 1767225750,
      ip_src: '10.0.0.1',
      ip_dst: '10.0.0.2',
      bytes: 1200,
    }
    const host = new TestHost()
    const options = aggregateOptions({ ...AGGREGATE_DEFAULTS, by: ['sum_host'], bin: '1m', spread: true })
    const rows = await recordsOf(aggregate(streamOf([record]), options, host))
    assert.deepEqual(
      rows.map(({ ip_src, bytes }) => [ip_src, bytes]),
      [300, 600, 300].flatMap(bytes => [
        ['10.0.0.1', bytes],
        ['10.0.0.2', bytes],
      ]),
    )
    const { created = 0, merged = 0, held = 0 } = host.counters
    assert.equal(1 + created, rows.length + merged + held)
  })

  it('read both ends', () => {
    const wanted = (by: string[]) =>
      aggregateNeeds(aggregateOptions({ ...AGGREGATE_DEFAULTS, by, sum: ['bytes'] })).fields
    assert.deepEqual(wanted(['sum_host']), ['ip_src', 'bytes', 'ip_dst'])
    assert.deepEqual(wanted(['sum_net', 'src_mask']), ['net_src', 'mask_src', 'bytes', 'net_dst', 'mask_dst'])
    assert.deepEqual(wanted(['src_host']), ['ip_src', 'bytes'])
  })
})
