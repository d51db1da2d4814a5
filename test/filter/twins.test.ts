import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { test } from 'node:test'
import { isProblem } from '../../src/contract/problem.ts'
import { type Batch, type NetRecord, recordBatch } from '../../src/contract/record.ts'
import { ColumnBatch, EVERY_ROW, LineBatch, type LineContext } from '../../src/fields/batch.ts'
import { type Column, makeColumn, putValue } from '../../src/fields/column.ts'
import { fieldOf } from '../../src/fields/dictionary.ts'
import type { Field } from '../../src/fields/field.ts'
import { picker } from '../../src/fields/picker.ts'
import { compile, interpretedSelect, type Select } from '../../src/filter/compile.ts'
import type { Expression } from '../../src/filter/expression.ts'
import { interpret } from '../../src/filter/interpret.ts'
import { parse } from '../../src/filter/parse.ts'
import { jsonText } from '../../src/stream/json.ts'
import { RANDOM_FIELDS, randomFilter, randomFrom, randomRecord } from './random-filter.ts'

const RECORD_SETS = 25
const FILTERS_PER_SET = 60
const FILTERS = RECORD_SETS * FILTERS_PER_SET
const RECORDS = 60
/** Of each set: a scanner of lines is generated for each filter, which takes its time. */
const FILTERS_ON_LINES = 6

function columnBatch(records: readonly NetRecord[]): Batch {
  const fields = RANDOM_FIELDS.map(fieldOf)
  const columns = fields.map(field => makeColumn(field))
  fields.forEach((field, index) => {
    records.forEach((record, row) => {
      putValue(field, columns[index] as Column, row, record[field.name])
    })
  })
  return new ColumnBatch({ fields }, columns, EVERY_ROW, records.length, 1)
}

function lineBatch(records: readonly NetRecord[]): Batch {
  const starts = new Int32Array(records.length)
  const ends = new Int32Array(records.length)
  const lines = records.map(record => `${jsonText(record)}\n`)
  let at = 0
  lines.forEach((line, row) => {
    starts[row] = at
    at += Buffer.byteLength(line)
    ends[row] = at - 1
  })
  const onBadLine: LineContext['onBadLine'] = problem => assert.fail(problem.message)
  const context: LineContext = { clock: { nowMs: 0 }, onBadLine, newestMs: () => 0 }
  return new LineBatch(Buffer.from(lines.join('')), starts, ends, EVERY_ROW, records.length, context)
}

function selected(fields: readonly Field[], select: Select, batch: Batch): number[] {
  const out = new Int32Array(RECORDS)
  return [...out.subarray(0, select(picker(fields)(batch), out))]
}

function expectSame(filter: string, expression: Expression, records: NetRecord[], batches: readonly Batch[]): number {
  const holds = interpret(expression)
  const expected = records.flatMap((record, row) => (holds(record) ? [row] : []))
  const { fields, select } = compile(expression)
  for (const [index, batch] of batches.entries()) {
    assert.deepEqual(selected(fields, select, batch), expected, `compiled, batch ${index}: ${filter}`)
    const twin = interpretedSelect(expression, fields)
    assert.deepEqual(selected(fields, twin, batch), expected, `on columns, batch ${index}: ${filter}`)
  }
  return expected.length
}

test('the compiled filter and the interpreted one are equal on random filters and records', () => {
  const random = randomFrom(20260101)
  let passed = 0
  let useful = 0
  for (let set = 0; set < RECORD_SETS; set++) {
    const records = Array.from({ length: RECORDS }, () => randomRecord(random))
    const batches = [recordBatch(records, 1), columnBatch(records)]
    const lines = lineBatch(records)
    for (let round = 0; round < FILTERS_PER_SET; round++) {
      const filter = randomFilter(random)
      const expression = parse(filter)
      if (isProblem(expression)) assert.fail(`${filter}: ${expression.message}`)
      const count = expectSame(filter, expression, records, round < FILTERS_ON_LINES ? [...batches, lines] : batches)
      passed += count
      if (count > 0 && count < RECORDS) useful++
    }
  }
  // The random filters are of use only when they tell records apart.
  assert.ok(passed > 0.2 * FILTERS * RECORDS && passed < 0.8 * FILTERS * RECORDS, `${passed} passed`)
  assert.ok(useful > 0.6 * FILTERS, `${useful} filters told records apart`)
})

test('nothing of the filter but numbers enters generated source', () => {
  const evil = '"\'`);globalThis.filterWasHere=1;//$\u007bglobalThis.filterWasHere=1}\\u2028'
  const text = JSON.stringify(evil)
  const filters = [
    `label == ${text}`,
    `\`${evil.replaceAll('`', '')}\` == ${text}`,
    `label ~ ${JSON.stringify('a|"\'`')}`,
    `comms has ${text}`,
    `my_field in (${text}, 5)`,
    `label < ${text}`,
  ]
  for (const filter of filters) {
    const expression = parse(filter)
    if (isProblem(expression)) assert.fail(`${filter}: ${expression.message}`)
    const records: NetRecord[] = [{ label: evil, comms: [evil], my_field: evil }, {}]
    expectSame(filter, expression, records, [recordBatch(records, 1)])
  }
  assert.equal('filterWasHere' in globalThis, false)
})

test('only the rows of the batch are looked at', () => {
  const records: NetRecord[] = [{ bytes: 1 }, { bytes: 2 }, { bytes: 3 }, { bytes: 4 }]
  const whole = columnBatch(records) as ColumnBatch
  const part = new ColumnBatch(whole.form, whole.columns, Int32Array.of(3, 1, 0), 2, 1)
  const expression = parse('bytes > 1')
  if (isProblem(expression)) assert.fail(expression.message)
  const { fields, select } = compile(expression)
  assert.deepEqual(selected(fields, select, part), [3, 1])
})

test('where code may not be generated, the interpreted twin runs', () => {
  const url = (path: string): string => JSON.stringify(new URL(`../../src/${path}`, import.meta.url).href)
  const program = `
    import { picker } from ${url('fields/picker.ts')}
    import { compile } from ${url('filter/compile.ts')}
    import { parse } from ${url('filter/parse.ts')}
    const { fields, select } = compile(parse('bytes > 1 and net 10.0.0.0/8'))
    const records = [{ bytes: 5, ip_src: '10.0.0.1' }, { bytes: 5 }, { bytes: 6, ip_dst: '10.9.9.9' }]
    const out = new Int32Array(3)
    const count = select(picker(fields)({ records, count: 3, now: 0 }), out)
    console.log([...out.subarray(0, count)].join())`
  const options = ['--disallow-code-generation-from-strings', '--input-type=module', '-e', program]
  const { stdout, stderr } = spawnSync(process.execPath, options, { encoding: 'utf8' })
  assert.equal(stdout, '0,2\n', stderr)
})
