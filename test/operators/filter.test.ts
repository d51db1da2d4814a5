import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ALL_FIELDS } from '../../src/contract/component.ts'
import { type Batch, type NetRecord, recordBatch, type Stream } from '../../src/contract/record.ts'
import { EVERY_ROW, LineBatch, type LineContext } from '../../src/fields/batch.ts'
import { parseOrThrow } from '../../src/filter/parse.ts'
import { type FilterOptions, filter, filterOperator } from '../../src/operators/filter.ts'
import { TestHost } from '../support/test-host.ts'

async function* batches(...parts: Batch[]): Stream {
  yield* parts
}

function lines(...texts: string[]): LineBatch {
  const ends = Int32Array.from(texts, (_, index) => Buffer.byteLength(texts.slice(0, index + 1).join('\n')))
  const starts = Int32Array.from(texts, (text, index) => (ends[index] as number) - Buffer.byteLength(text))
  const context: LineContext = { clock: { nowMs: 0 }, onBadLine: () => undefined, newestMs: () => 0 }
  return new LineBatch(Buffer.from(texts.join('\n')), starts, ends, EVERY_ROW, texts.length, context)
}

async function run(options: FilterOptions, ...parts: Batch[]) {
  const host = new TestHost()
  const passed: Batch[] = []
  for await (const batch of filter(batches(...parts), options, host)) passed.push(batch)
  return { passed, records: passed.flatMap(({ records }) => records), counters: host.counters }
}

const large = parseOrThrow('bytes > 100')

test('records that pass go on, the others are counted', async () => {
  const { records, counters } = await run(
    { expression: large },
    recordBatch([{ bytes: 1 }, { bytes: 200, tag: 5 }, { tag: 1 }], 1),
    recordBatch([{ bytes: 300 }], 2),
  )
  assert.deepEqual(records, [{ bytes: 200, tag: 5 }, { bytes: 300 }])
  assert.deepEqual(counters, { 'dropped/filtered': 2 })
})

test('a batch of which all passes goes on as it is', async () => {
  const batch = recordBatch([{ bytes: 200 }], 1)
  const { passed } = await run({ expression: large }, batch)
  assert.equal(passed[0], batch)
})

test('lines that pass keep their octets; unreadable lines do not count as filtered', async () => {
  const kept = '{ "bytes": 1.01e2,  "note": "\\u00e9" }'
  const { passed, counters } = await run({ expression: large }, lines('{"bytes":5}', kept, '{broken', '{"bytes":6}'))
  const [batch] = passed
  assert.ok(batch instanceof LineBatch)
  assert.equal(batch.count, 1)
  assert.equal(batch.text(0), kept)
  assert.deepEqual(counters, { 'dropped/filtered': 2 })
})

test('where nothing passes, an empty batch goes on once a second of stream time', async () => {
  const at = (now: number): Batch => recordBatch([{ bytes: 1 }], now)
  const { passed, counters } = await run(
    { expression: large },
    at(10_000),
    at(10_500),
    at(10_999),
    at(11_000),
    at(11_500),
    at(99_000),
  )
  assert.deepEqual(
    passed.map(({ now, count }) => [now, count]),
    [
      [10_000, 0],
      [11_000, 0],
      [99_000, 0],
    ],
  )
  assert.deepEqual(counters, { 'dropped/filtered': 6 })
})

test('pass and fail writers get the records of their kind, before the batch goes on', async () => {
  const written: { pass: NetRecord[]; fail: NetRecord[] } = { pass: [], fail: [] }
  const write = (kind: 'pass' | 'fail') => async (batch: Batch) => {
    await Promise.resolve()
    written[kind].push(...batch.records)
  }
  const records = Array.from({ length: 10 }, (_, index) => ({ bytes: index * 50 }))
  const options = { expression: large, pass: write('pass'), fail: write('fail') }
  const { records: passed } = await run(
    options,
    recordBatch(records, 1),
    lines('{"bytes":7}', '{"bytes":700}', '{"bytes":8}'),
  )
  const bytes = (list: readonly NetRecord[]) => list.map(record => record.bytes)
  assert.deepEqual(bytes(written.pass), [150, 200, 250, 300, 350, 400, 450, 700])
  assert.deepEqual(bytes(written.fail), [0, 50, 100, 7, 8])
  assert.deepEqual(passed, written.pass)
})

test('needs: what the filter reads and what is wanted of it; everything when copies are written', () => {
  const expression = parseOrThrow('bytes > 100 and tcp')
  const wanted = { fields: ['as_src', 'bytes'], rest: false }
  const needs = filterOperator.needs?.({ expression }, wanted)
  assert.deepEqual([...(needs?.fields ?? [])].sort(), ['as_src', 'bytes', 'ip_proto'])
  assert.equal(needs?.rest, false)
  assert.equal(filterOperator.needs?.({ expression }, ALL_FIELDS).rest, true)
  assert.equal(filterOperator.needs?.({ expression, fail: async () => undefined }, wanted).rest, true)
})

test('the reader that leaves ends the input', async () => {
  let ended = false
  async function* endless(): Stream {
    try {
      for (;;) yield recordBatch([{ bytes: 500 }], 1)
    } finally {
      ended = true
    }
  }
  for await (const _ of filter(endless(), { expression: large }, new TestHost())) break
  assert.equal(ended, true)
})
