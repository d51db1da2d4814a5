import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Problem } from '../../src/contract/problem.ts'
import { LineBatch } from '../../src/fields/batch.ts'
import { type Column, makeColumn, takeValue } from '../../src/fields/column.ts'
import { allFields, fieldOf, fieldsOf } from '../../src/fields/dictionary.ts'
import type { Field } from '../../src/fields/field.ts'
import { compileScan, interpretScan, type Scan } from '../../src/fields/scan.ts'
import { jsonText } from '../../src/stream/json.ts'
import { type Random, random, randomRecord } from '../support/random.ts'

function linesOf(lines: readonly Uint8Array[], bad: Problem[] = []): LineBatch {
  const octets = new Uint8Array(lines.reduce((sum, line) => sum + line.length + 1, 0))
  const starts = new Int32Array(lines.length)
  const ends = new Int32Array(lines.length)
  let at = 0
  lines.forEach((line, index) => {
    starts[index] = at
    octets.set(line, at)
    at += line.length
    ends[index] = at
    octets[at++] = 10
  })
  const numbers = Int32Array.from(lines, (_, index) => index + 1)
  const context = { clock: { nowMs: 0 }, onBadLine: (problem: Problem) => void bad.push(problem), newestMs: () => 0 }
  return new LineBatch(octets, starts, ends, numbers, lines.length, context)
}

function result(scan: Scan, fields: readonly Field[], lines: readonly Uint8Array[]) {
  const columns = fields.map(field => makeColumn(field))
  const rows = new Int32Array(512)
  const count = scan(linesOf(lines), columns, rows)
  return Array.from(rows.subarray(0, count), row => [
    row,
    ...fields.map((field, index) => takeValue(field, columns[index] as Column, row)),
  ])
}

const encoder = new TextEncoder()

/** Cuts, repeats or changes octets, so that a line is no longer what it was; never a line feed. */
function mutated(line: Uint8Array, { whole, pick }: Random): Uint8Array {
  const copy = [...line]
  for (let change = whole(3); change >= 0; change--) {
    const at = whole(copy.length + 1)
    const kind = whole(3)
    if (kind === 0) copy.splice(at, 1 + whole(4))
    else if (kind === 1) copy.splice(at, 0, pick([34, 92, 44, 58, 123, 125, 91, 93, 48, 45, 46, 101, 32, 0, 195, 116]))
    else copy[at] = pick([34, 92, 44, 58, 125, 48, 57, 45, 46, 32, 255])
  }
  return Uint8Array.from(copy.filter(octet => octet !== 10))
}

test('the scanners give what JSON.parse gives, on whole and on damaged lines', () => {
  const source = random(11235813)
  const all = allFields()
  for (let round = 0; round < 250; round++) {
    const present = all.filter(() => source.chance(0.15))
    const wanted = [
      ...all.filter(() => source.chance(0.05)),
      ...present.filter(() => source.chance(0.3)),
      ...fieldsOf('odd_name'),
    ]
    const fields = [...new Map(wanted.map(field => [field.name, field])).values()]
    const first = randomRecord(present, source)
    const lines = Array.from({ length: 60 }, () => {
      // Neighbours share their start, as records of one message do.
      const record = source.chance(0.7)
        ? { ...first, ...randomRecord(present.slice(-3), source) }
        : randomRecord(present, source)
      const line = encoder.encode(jsonText(record))
      return source.chance(0.2) ? mutated(line, source) : line
    }).filter(line => line.length > 0)
    assert.deepEqual(result(compileScan(fields), fields, lines), result(interpretScan(fields), fields, lines))
  }
})

test('a line that is no record is left out and told once', () => {
  const bad: Problem[] = []
  const fields = [fieldOf('packets')]
  const batch = linesOf(
    ['{"packets":1}', '{"packets":', '[1]', '{"packets":3}'].map(text => encoder.encode(text)),
    bad,
  )
  const columns = fields.map(field => makeColumn(field))
  const rows = new Int32Array(512)
  const scan = compileScan(fields)
  assert.equal(scan(batch, columns, rows), 2)
  assert.deepEqual([...rows.subarray(0, 2)], [0, 3])
  assert.equal(scan(batch, columns, rows), 2)
  assert.deepEqual(
    bad.map(({ code }) => code),
    ['ndjson/bad-line', 'ndjson/not-an-object'],
  )
})

test('white space, escapes and nested values are read by the general parser', () => {
  const fields = ['packets', 'label', 'comms'].map(fieldOf)
  const lines = [
    '{ "packets" : 5, "label":"a\\u0041" }',
    '{"x":{"packets":9},"packets":6,"comms":["1:2",{"label":"no"}]}',
  ].map(text => encoder.encode(text))
  assert.deepEqual(result(compileScan(fields), fields, lines), [
    [0, 5, 'aA', undefined],
    [1, 6, undefined, ['1:2', { label: 'no' }]],
  ])
})
