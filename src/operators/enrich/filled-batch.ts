// Batches with columns that were filled in. Filled fields stand last, in their order, whatever form the batch has and
// whether the record had them before: so that columns, lines and records give the same octets.
import { type Batch, type NetRecord, recordBatch } from '../../contract/record.ts'
import { ColumnBatch, type Form, LineBatch } from '../../fields/batch.ts'
import { type Column, takeValue } from '../../fields/column.ts'
import type { Field } from '../../fields/field.ts'
import type { Picked } from '../../fields/picker.ts'
import { LineFiller } from './line-filler.ts'

export interface FilledField {
  readonly field: Field
  /** Rows as the picker numbers them. */
  readonly column: Column
}

interface WiderForm {
  readonly form: Form
  /** Columns of the batch that stay. */
  readonly kept: readonly number[]
}

export function placeFilled(filled: readonly FilledField[]): (batch: Batch, picked: Picked) => Batch {
  const names = new Set(filled.map(({ field }) => field.name))
  const forms = new WeakMap<Form, WiderForm>()
  const lines = new LineFiller(filled)
  const own = filled.map(({ column }) => column)

  function inColumns(batch: ColumnBatch): Batch {
    let wider = forms.get(batch.form)
    if (!wider) {
      const kept = batch.form.fields.flatMap((field, index) => (names.has(field.name) ? [] : [index]))
      const fields = [...kept.map(index => batch.form.fields[index] as Field), ...filled.map(({ field }) => field)]
      wider = { form: { fields }, kept }
      forms.set(batch.form, wider)
    }
    const columns = [...wider.kept.map(index => batch.columns[index] as Column), ...own]
    return new ColumnBatch(wider.form, columns, batch.rows, batch.count, batch.now)
  }

  function inRecords(batch: Batch, picked: Picked): Batch {
    batch.records.forEach((record, index) => {
      fillRecord(record, filled, picked.rows[index] as number)
    })
    return recordBatch(batch.records, batch.now)
  }

  return (batch, picked) => {
    if (batch instanceof ColumnBatch) return inColumns(batch)
    return batch instanceof LineBatch ? lines.fill(batch, picked) : inRecords(batch, picked)
  }
}

/** Takes the fields out of a record and puts in what a row of the columns has, at its end. */
export function fillRecord(record: NetRecord, filled: readonly FilledField[], row: number): void {
  for (const { field } of filled) delete record[field.name]
  for (const { field, column } of filled) {
    const value = takeValue(field, column, row)
    if (value !== undefined) record[field.name] = value
  }
}
