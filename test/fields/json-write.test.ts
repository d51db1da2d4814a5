import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ColumnBatch, EVERY_ROW, type Form } from '../../src/fields/batch.ts'
import { makeColumn, putValue } from '../../src/fields/column.ts'
import { allFields, fieldOf } from '../../src/fields/dictionary.ts'
import type { Field } from '../../src/fields/field.ts'
import { compileWriter, interpretLine, OctetBuffer, writeBatch } from '../../src/fields/json-write.ts'
import { random, randomRecord } from '../support/random.ts'

function batchOf(fields: readonly Field[], records: readonly { [name: string]: unknown }[]): ColumnBatch {
  const form: Form = { fields }
  const columns = fields.map(field => makeColumn(field))
  records.forEach((record, row) => {
    for (const [index, field] of fields.entries()) putValue(field, columns[index]!, row, record[field.name] as never)
  })
  return new ColumnBatch(form, columns, EVERY_ROW, records.length, 0)
}

const text = (out: OctetBuffer) => new TextDecoder().decode(out.written())

test('the compiled writer writes what its interpreted twin writes', () => {
  const source = random(20261123)
  const all = allFields()
  for (let round = 0; round < 300; round++) {
    const fields = all.filter(() => source.chance(0.25))
    const records = Array.from({ length: 1 + source.whole(20) }, () => randomRecord(fields, source))
    const batch = batchOf(fields, records)
    const out = new OctetBuffer(16)
    compileWriter(batch.form)(batch.columns, batch.rows, batch.count, out)
    const lines = records.map((_, row) => `${interpretLine(batch.form, batch.columns, row)}\n`)
    assert.equal(text(out), lines.join(''))
  }
})

test('fields of one message, the same in many rows, are copied right', () => {
  const fields = ['timestamp_arrival', 'peer_ip_src', 'export_proto_version', 'export_proto_seqno', 'packets'].map(
    fieldOf,
  )
  const source = random(7)
  const records = Array.from({ length: 400 }, (_, row) => ({
    timestamp_arrival: 1767571200 + Math.floor(row / 22) + 0.25,
    ...(source.chance(0.95) ? { peer_ip_src: row % 100 < 50 ? '192.0.2.1' : '2001:db8::1' } : {}),
    export_proto_version: 9,
    export_proto_seqno: Math.floor(row / 22) * 99_999,
    packets: row,
  }))
  const batch = batchOf(fields, records)
  const out = new OctetBuffer(64)
  writeBatch(batch, out)
  assert.deepEqual(
    text(out)
      .trim()
      .split('\n')
      .map(line => JSON.parse(line)),
    records,
  )
})

test('runs of message fields of every lane are copied, and only where they are the same', () => {
  const context = (name: string): Field => ({ ...fieldOf(name), context: true })
  const source = random(31)
  const lists = [['64496:1'], ['é'], undefined, ['64496:1', '64497:2']]
  for (let round = 0; round < 200; round++) {
    const fields = [
      ...(source.chance(0.5) ? [fieldOf('tag')] : []),
      ...['peer_ip_src', 'export_proto_seqno'].map(context),
      fieldOf('packets'),
      ...['comms', 'as_path', 'label'].map(context),
      ...(source.chance(0.5) ? [fieldOf('bytes'), context('lcomms')] : []),
    ]
    let shared: { [name: string]: unknown } = {}
    const records = Array.from({ length: 60 }, () => {
      if (source.chance(0.3)) {
        shared = {
          peer_ip_src: source.pick(['192.0.2.1', '2001:db8::1', '2001:db8::2', undefined, 'odd']),
          export_proto_seqno: source.pick([1, 2, undefined, 2n ** 60n]),
          comms: source.pick(lists),
          as_path: source.pick(lists),
          label: source.pick(['a', 'ö', undefined]),
          lcomms: source.pick(lists),
        }
      }
      const own = { tag: source.pick([1, undefined]), packets: source.pick([5, undefined]), bytes: source.whole(3) }
      return Object.fromEntries(Object.entries({ ...own, ...shared }).filter(([, value]) => value !== undefined))
    })
    const batch = batchOf(fields, records)
    const out = new OctetBuffer(16)
    compileWriter(batch.form)(batch.columns, batch.rows, batch.count, out)
    assert.equal(text(out), records.map((_, row) => `${interpretLine(batch.form, batch.columns, row)}\n`).join(''))
  }
})

test('a row without any value is an empty object', () => {
  const batch = batchOf([fieldOf('packets')], [{}, { packets: 1 }])
  const out = new OctetBuffer(64)
  writeBatch(batch, out)
  assert.equal(text(out), '{}\n{"packets":1}\n')
})

test('numbers are exact at any size', () => {
  const fields = [fieldOf('bytes')]
  const values = [
    0,
    9999,
    10_000,
    65_535,
    65_536,
    99_999_999,
    100_000_000,
    4_294_967_295,
    4_294_967_296,
    2 ** 53 - 1,
    2n ** 64n - 1n,
  ]
  const batch = batchOf(
    fields,
    values.map(bytes => ({ bytes })),
  )
  const out = new OctetBuffer(64)
  writeBatch(batch, out)
  assert.equal(text(out), values.map(value => `{"bytes":${value}}\n`).join(''))
})

test('lists of numbers and texts are written as JSON.stringify writes them', () => {
  const lists = [
    [],
    [0],
    [-0],
    [1, 22, 333, 4_294_967_295],
    [4_294_967_296],
    [-1],
    [0.5],
    ['a'],
    ['65000:1', 'é"\\'],
    [64500, '{1,2}'],
    [[1], { a: 2 }],
    [null],
    [2n ** 60n],
  ]
  const batch = batchOf(
    [fieldOf('as_path'), fieldOf('comms')],
    lists.map(list => ({ as_path: list, comms: [...list, ...list] })),
  )
  const out = new OctetBuffer(16)
  writeBatch(batch, out)
  const json = (list: unknown[]) =>
    JSON.stringify(list, (_, value) => (typeof value === 'bigint' ? 'big' : value)).replaceAll(
      '"big"',
      String(2n ** 60n),
    )
  assert.equal(text(out), lists.map(list => `{"as_path":${json(list)},"comms":${json([...list, ...list])}}\n`).join(''))
})
