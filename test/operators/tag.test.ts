import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isProblem, type Problem } from '../../src/contract/problem.ts'
import { type Batch, type NetRecord, recordBatch } from '../../src/contract/record.ts'
import { ColumnBatch, EVERY_ROW, LineBatch } from '../../src/fields/batch.ts'
import { makeColumn, putValue } from '../../src/fields/column.ts'
import { fieldOf } from '../../src/fields/dictionary.ts'
import { OctetBuffer, writeBatch } from '../../src/fields/json-write.ts'
import { type PreTagMap, parsePreTagMap } from '../../src/maps/pre-tag-map.ts'
import { parseLabelFilter, parseTagFilter } from '../../src/maps/tag-filter.ts'
import { type TagOptions, tag, tagNeeds, tagOutputs } from '../../src/operators/tag.ts'
import { batchesOf, recordsOf, TestHost } from '../support/test-host.ts'

function map(...rows: string[]): PreTagMap {
  const parsed = parsePreTagMap(rows.join('\n'), 'test.map')
  if (isProblem(parsed)) assert.fail(parsed.message)
  return parsed
}

function made<Made>(test: Made): Exclude<Made, Problem> {
  if (isProblem(test)) assert.fail(test.message)
  return test as Exclude<Made, Problem>
}

function asRecords(records: readonly NetRecord[]): Batch {
  return recordBatch(structuredClone(records) as NetRecord[], 1000)
}

/** Columns with a gap before every record, so that rows are not 0, 1, 2. */
function asColumns(records: readonly NetRecord[]): Batch {
  const names = [...new Set(records.flatMap(record => Object.keys(record)))]
  const fields = names.map(fieldOf)
  const columns = fields.map(field => {
    const column = makeColumn(field)
    records.forEach((record, index) => {
      putValue(field, column, 2 * index + 1, record[field.name])
    })
    return column
  })
  const rows = EVERY_ROW.map(row => 2 * row + 1)
  return new ColumnBatch({ fields }, columns, rows, records.length, 1000)
}

function linesOf(text: string): LineBatch {
  const octets = new TextEncoder().encode(text)
  const starts: number[] = []
  const ends: number[] = []
  let at = 0
  for (const line of text.split('\n').slice(0, -1)) {
    starts.push(at)
    at += new TextEncoder().encode(line).length
    ends.push(at++)
  }
  const context = { clock: { nowMs: 0 }, onBadLine: () => {}, newestMs: () => 1000 }
  const numbers = Int32Array.from(starts, (_, index) => index + 1)
  return new LineBatch(octets, Int32Array.from(starts), Int32Array.from(ends), numbers, starts.length, context)
}

function asLines(records: readonly NetRecord[]): Batch {
  return linesOf(records.map(record => `${JSON.stringify(record)}\n`).join(''))
}

const FORMS = { records: asRecords, columns: asColumns, lines: asLines }

/** The same in every form: what comes out, as records and as written lines. */
async function tagged(options: TagOptions, records: readonly NetRecord[], host = new TestHost()): Promise<NetRecord[]> {
  const results: NetRecord[][] = []
  for (const form of Object.values(FORMS)) {
    const formHost = form === asRecords ? host : new TestHost()
    results.push(await recordsOf(tag(batchesOf(form(records)), options, formHost)))
    const written: NetRecord[] = []
    for await (const batch of tag(batchesOf(form(records)), options, new TestHost())) {
      const out = new OctetBuffer(1024)
      writeBatch(batch, out)
      const lines = new TextDecoder().decode(out.written()).split('\n').slice(0, -1)
      written.push(...lines.map(line => JSON.parse(line) as NetRecord))
    }
    results.push(written)
  }
  for (const result of results) assert.deepEqual(result, results[0])
  return results[0] as NetRecord[]
}

const RECORDS: readonly NetRecord[] = [
  { peer_ip_src: '192.0.2.1', iface_in: 1, bytes: 100 },
  { peer_ip_src: '192.0.2.2', iface_in: 2, bytes: 200 },
  { peer_ip_src: '2001:db8::1', bytes: 300 },
]

test('sets tags, labels and tos, in records, columns and lines alike', async () => {
  const options = {
    map: map(
      `set_tag=1 set_label='a"b' ip=192.0.2.1 jeq=next`,
      'set_tag2=7 in=1',
      'set_label=é set_tos=46 ip=2001:db8::/32',
    ),
  }
  const host = new TestHost()
  assert.deepEqual(await tagged(options, RECORDS, host), [
    { ...RECORDS[0], tag: 1, tag2: 7, label: 'a"b' },
    RECORDS[1],
    { ...RECORDS[2], label: 'é', tos: 46 },
  ])
  assert.deepEqual(host.counters, { tagged: 2 })
})

test('a hit replaces what the record had; without a hit the record keeps it', async () => {
  const records = [
    { ...RECORDS[0], tag: 5, label: 'old' },
    { ...RECORDS[1], tag: 6, label: 'old' },
  ]
  assert.deepEqual(await tagged({ map: map('set_tag=1 ip=192.0.2.1') }, records), [
    { ...records[0], tag: 1 },
    records[1],
  ])
})

test('a label becomes a map, also one that came with the record', async () => {
  const records = [...RECORDS, { label: 'k%v' }]
  const options = { map: map('set_label=nkey%100.1,pkey%testing ip=192.0.2.1'), labelAsMap: true }
  assert.deepEqual(await tagged(options, records), [
    { ...RECORDS[0], label: { nkey: '100.1', pkey: 'testing' } },
    RECORDS[1],
    RECORDS[2],
    { label: { k: 'v' } },
  ])
})

test('tags above 2^53 are exact', async () => {
  const [record] = await recordsOf(
    tag(batchesOf(asColumns([{ iface_in: 1 }])), { map: map('set_tag=18446744073709551615') }, new TestHost()),
  )
  assert.equal(record?.tag, 18446744073709551615n)
})

test('filters see what the map says, and what the record has', async () => {
  const rows = map('set_tag=1 ip=192.0.2.1', 'set_tag=2 set_label=x ip=192.0.2.2')
  const host = new TestHost()
  assert.deepEqual(await tagged({ map: rows, tagFilter: made(parseTagFilter('2')) }, RECORDS, host), [
    { ...RECORDS[1], tag: 2, label: 'x' },
  ])
  assert.deepEqual(host.counters, { tagged: 2, 'dropped/tag-filter': 2 })
  assert.deepEqual(await tagged({ map: rows, tagFilter: made(parseTagFilter('0')) }, RECORDS), [RECORDS[2]])
  assert.deepEqual(await tagged({ map: rows, labelFilter: made(parseLabelFilter('-null')) }, RECORDS), [
    { ...RECORDS[1], tag: 2, label: 'x' },
  ])
  const had = [{ tag2: 5, label: 'a,b' }, { tag2: 6 }]
  assert.deepEqual(await tagged({ tag2Filter: made(parseTagFilter('5')) }, had), [had[0]])
  assert.deepEqual(await tagged({ labelFilter: made(parseLabelFilter('b')) }, had), [had[0]])
})

test('constants are set after the filters, over the map', async () => {
  const options = { map: map('set_tag=1 ip=192.0.2.1'), tagFilter: made(parseTagFilter('1')), postTag: 99, postTag2: 3 }
  assert.deepEqual(await tagged(options, RECORDS), [{ ...RECORDS[0], tag: 99, tag2: 3 }])
})

test('lines keep their octets; an empty object and blanks at the end are fine', async () => {
  const lines = linesOf('{"zz": [1, 2],  "iface_in":1}\n{}\n{ "iface_in":1.0 } \r\n')
  const out = new OctetBuffer(256)
  for await (const batch of tag(batchesOf(lines), { map: map('set_tag=1 in=1', 'set_tag=2') }, new TestHost())) {
    assert.ok(batch instanceof LineBatch)
    writeBatch(batch, out)
  }
  assert.equal(
    new TextDecoder().decode(out.written()),
    '{"zz": [1, 2],  "iface_in":1,"tag":1}\n{"tag":2}\n{ "iface_in":1.0 ,"tag":1}\n',
  )
})

test('a line that is no record is left out', async () => {
  const lines = linesOf('{"iface_in":1}\n{"iface_in":\n[1]\n{"iface_in":2}\n')
  assert.deepEqual(await recordsOf(tag(batchesOf(lines), { map: map('set_tag=1 in=1') }, new TestHost())), [
    { iface_in: 1, tag: 1 },
    { iface_in: 2 },
  ])
})

test('the map is read again when the host says so; a bad one leaves the old in force', async () => {
  const host = new TestHost()
  const texts = ['set_tag=2', 'set_tag=x', 'set_tag=3']
  const options: TagOptions = {
    map: map('set_tag=1'),
    readMap: async () => parsePreTagMap(texts.shift() as string, 'test.map'),
  }
  async function* input() {
    for (let reload = 0; reload < 4; reload++) {
      yield asRecords([{ bytes: reload }])
      host.reloads++
    }
  }
  const records = await recordsOf(tag(input(), options, host))
  assert.deepEqual(
    records.map(record => record.tag),
    [1, 2, 2, 3],
  )
  assert.deepEqual(host.codes, ['maps/bad-row'])
  assert.equal(host.counters['maps/reloaded'], 2)
})

test('in a line that reads chosen fields only, a new map cannot ask for others', async () => {
  const host = new TestHost()
  const options: TagOptions = {
    map: map('set_tag=1 in=1'),
    readMap: async () => parsePreTagMap('set_tag=2 out=1', 'test.map'),
  }
  async function* input() {
    yield asRecords([{ iface_in: 1 }])
    host.reloads++
    yield asRecords([{ iface_in: 1 }])
  }
  const records = await recordsOf(tag(input(), options, host, { fields: ['bytes'], rest: false }))
  assert.deepEqual(
    records.map(record => record.tag),
    [1, 1],
  )
  assert.deepEqual(host.codes, ['maps/new-field'])
})

test('says what it reads and what it may add', () => {
  const options = { map: map('set_tag=1 in=1', 'set_label=x src_net=10.0.0.0/8'), postTag2: 1 }
  assert.deepEqual(tagNeeds(options, { fields: ['bytes'], rest: false }), {
    fields: ['iface_in', 'ip_src', 'net_src', 'tag', 'tag2', 'label', 'bytes'],
    rest: false,
  })
  assert.deepEqual(tagOutputs(options), ['tag', 'tag2', 'label'])
})

test('a silent stretch still moves the clock', async () => {
  const batches = [1000, 1500, 2500].map(now => recordBatch([{ bytes: 1 }], now))
  const clocks: number[] = []
  for await (const batch of tag(batchesOf(...batches), { tagFilter: made(parseTagFilter('1')) }, new TestHost())) {
    clocks.push(batch.now)
  }
  assert.deepEqual(clocks, [1000, 2500])
})
