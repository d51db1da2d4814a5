// What the tag operator sets, as columns of its own, and how batches of each form take them up.
import { type Batch, type NetRecord, recordBatch, type Value } from '../contract/record.ts'
import { ColumnBatch, type Form, LineBatch } from '../fields/batch.ts'
import { type Column, clearColumn, makeColumn, putValue, ROWS, takeValue } from '../fields/column.ts'
import { fieldOf } from '../fields/dictionary.ts'
import type { Field } from '../fields/field.ts'
import type { Picked } from '../fields/picker.ts'
import { rewriteLines, ValueTexts } from '../fields/rewrite-lines.ts'
import { TYPES } from '../fields/types.ts'
import type { OctetBuffer } from '../octets/buffer.ts'
import { writeWhole } from '../octets/digits.ts'

/** Texts of values kept ready for lines; labels are few. */
const MAX_TEXTS = 10_000
/** By how much a line grows, about. */
const MORE_OCTETS = 32

/** One field that is set. */
export interface Target {
  readonly field: Field
  /** What a row gets; absent: it keeps what it has. Rows as the picker numbers them. */
  readonly column: Column
}

/** A label that may be a map is any JSON value. */
export function makeTarget(name: string, labelAsMap: boolean): Target {
  const field = fieldOf(name)
  const typed = name === 'label' && labelAsMap ? { ...field, type: TYPES.any } : field
  return { field: typed, column: makeColumn(typed) }
}

export function clearTargets(targets: readonly Target[]): void {
  for (const { column } of targets) clearColumn(column, ROWS)
}

export function setTarget({ field, column }: Target, row: number, value: Value | undefined): void {
  putValue(field, column, row, value)
}

/** Puts the targets into batches; `rows` are the rows to keep, as the picker numbers them. */
export type Setter = (batch: Batch, picked: Picked, rows: Int32Array, count: number) => Batch

/** `incoming`: where a picked batch has the targets' own fields. */
export function makeSetter(targets: readonly Target[], incoming: readonly number[]): Setter {
  const forms = new WeakMap<Form, WiderForm>()
  const texts = new ValueTexts(MAX_TEXTS)
  return (batch, picked, rows, count) => {
    if (batch instanceof ColumnBatch) return setInColumns(batch, targets, forms, rows, count)
    if (batch instanceof LineBatch && !anyReplaced(targets, incoming, picked, rows, count)) {
      return setInLines(batch, targets, texts, rows, count)
    }
    const records = batch instanceof LineBatch ? lineRecords(batch, rows, count) : keptRecords(batch, rows, count)
    return setInRecords(records, targets, rows, batch.now)
  }
}

interface WiderForm {
  readonly form: Form
  /** Where each target goes among the columns. */
  readonly at: readonly number[]
}

function setInColumns(
  batch: ColumnBatch,
  targets: readonly Target[],
  forms: WeakMap<Form, WiderForm>,
  rows: Int32Array,
  count: number,
): Batch {
  let wider = forms.get(batch.form)
  if (!wider) {
    wider = widerForm(batch.form, targets)
    forms.set(batch.form, wider)
  }
  const columns = [...batch.columns]
  targets.forEach((target, index) => {
    const at = (wider as WiderForm).at[index] as number
    const old = batch.columns[at]
    if (old) fillGaps(target, batch.form.fields[at] as Field, old, rows, count)
    columns[at] = target.column
  })
  return new ColumnBatch(wider.form, columns, rows.slice(0, count), count, batch.now)
}

function widerForm(form: Form, targets: readonly Target[]): WiderForm {
  const fields = [...form.fields]
  const at = targets.map(({ field }) => {
    const known = fields.findIndex(one => one.name === field.name)
    if (known < 0) return fields.push(field) - 1
    fields[known] = field
    return known
  })
  return { form: { fields }, at }
}

/** Rows that get nothing keep what they have. */
function fillGaps({ field, column }: Target, oldField: Field, old: Column, rows: Int32Array, count: number): void {
  for (let index = 0; index < count; index++) {
    const row = rows[index] as number
    if (takeValue(field, column, row) !== undefined) continue
    const value = takeValue(oldField, old, row)
    if (value !== undefined) putValue(field, column, row, value)
  }
}

/** Whether a row that gets a value has one already, which cannot be done by adding to its line. */
function anyReplaced(
  targets: readonly Target[],
  incoming: readonly number[],
  picked: Picked,
  rows: Int32Array,
  count: number,
): boolean {
  return targets.some(({ field, column }, index) => {
    const had = picked.columns[incoming[index] as number] as Column
    for (let at = 0; at < count; at++) {
      const row = rows[at] as number
      if (takeValue(field, had, row) !== undefined && takeValue(field, column, row) !== undefined) return true
    }
    return false
  })
}

const encoder = new TextEncoder()

function setInLines(
  batch: LineBatch,
  targets: readonly Target[],
  texts: ValueTexts,
  rows: Int32Array,
  count: number,
): Batch {
  const keys = targets.map(({ field }) => encoder.encode(`,${JSON.stringify(field.name)}:`))
  return rewriteLines(batch, rows, count, MORE_OCTETS, (row, out) => {
    let end = batch.ends[row] as number
    while (batch.octets[end - 1] !== CLOSING) end--
    let isEmpty = isEmptyObject(batch.octets, end)
    out.append(batch.octets.subarray(batch.starts[row], end - 1))
    targets.forEach(({ field, column }, place) => {
      const value = takeValue(field, column, row)
      if (value === undefined) return
      const key = keys[place] as Uint8Array
      out.append(isEmpty ? key.subarray(1) : key)
      appendValue(out, value, texts)
      isEmpty = false
    })
    out.reserve(1)
    out.octets[out.length++] = CLOSING
  })
}

const OPENING = 123
const CLOSING = 125
/** What writeWhole() may need. */
const MOST_DIGITS = 20

/** Whether the object that closes before `end` has no members. */
function isEmptyObject(octets: Uint8Array, end: number): boolean {
  let at = end - 2
  while ((octets[at] as number) <= 32) at--
  return octets[at] === OPENING
}

/** Digits of a tag are written as they are: there may be as many tags as records (1++). */
function appendValue(out: OctetBuffer, value: Value, texts: ValueTexts): void {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) out.append(texts.of(value))
  else {
    out.reserve(MOST_DIGITS)
    out.length = writeWhole(out.view, out.length, value)
  }
}

function lineRecords(batch: LineBatch, rows: Int32Array, count: number): NetRecord[] {
  return Array.from({ length: count }, (_, index) => batch.record(rows[index] as number) as NetRecord)
}

function keptRecords({ records }: Batch, rows: Int32Array, count: number): NetRecord[] {
  return Array.from({ length: count }, (_, index) => records[rows[index] as number] as NetRecord)
}

function setInRecords(records: NetRecord[], targets: readonly Target[], rows: Int32Array, now: number): Batch {
  records.forEach((record, index) => {
    for (const { field, column } of targets) {
      const value = takeValue(field, column, rows[index] as number)
      if (value !== undefined) record[field.name] = value
    }
  })
  return recordBatch(records, now)
}
