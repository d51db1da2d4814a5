// Rows of a batch to rows of a table: straight from columns where no field can be new, else from records.
import type { Batch, NetRecord, Value } from '../../contract/record.ts'
import { ColumnBatch, type Form } from '../../fields/batch.ts'
import { type Column, takeValue } from '../../fields/column.ts'
import { type Picked, type Picker, picker } from '../../fields/picker.ts'
import type { SqlColumn, SqlValue } from './column.ts'
import type { Table } from './table.ts'
import type { Writer } from './writer.ts'

/** Puts the values of one column into all rows. */
function fill(
  rows: SqlValue[][],
  place: number,
  column: SqlColumn,
  from: Column,
  picked: Picked,
  absent: SqlValue,
): void {
  const { rows: at, count } = picked
  const { field, bindLane } = column
  for (let index = 0; index < count; index++) {
    const row = at[index] as number
    const lane = from.lane === 'number' && bindLane ? (from.numbers[row] as number) : Number.NaN
    const isPlain = bindLane !== undefined && Number.isFinite(lane)
    const bound = isPlain ? bindLane(lane) : bindValue(column, takeValue(field, from, row))
    ;(rows[index] as SqlValue[])[place] = bound ?? absent
  }
}

const bindValue = (column: SqlColumn, value: Value | undefined): SqlValue =>
  value === undefined ? null : column.bind(value)

export class Rows {
  readonly #writer: Writer
  /** The user named the columns: other fields are left out. */
  readonly #declared: boolean
  #picker: Picker | undefined
  #defaults: SqlValue[] = []
  /** Forms without a field that has no column. */
  readonly #knownForms = new WeakSet<Form>()
  /** Rows of the batch, or its records. */
  #rows: SqlValue[][] | undefined
  #records: readonly NetRecord[] = []

  constructor(writer: Writer, declared: boolean) {
    this.#writer = writer
    this.#declared = declared
  }

  /** Rows are numbered as in `batch.records`. */
  begin(batch: Batch): void {
    this.#rows = undefined
    this.#records = []
    if (this.#defaults.length !== this.#writer.columns.length) {
      this.#defaults = this.#writer.defaults
      this.#picker = undefined
    }
    if (this.#declared || (batch instanceof ColumnBatch && this.#knows(batch.form))) this.#rows = this.#pick(batch)
    else this.#records = batch.records
  }

  #knows(form: Form): boolean {
    if (this.#knownForms.has(form)) return true
    if (!form.fields.every(({ name }) => this.#writer.isKnown(name))) return false
    this.#knownForms.add(form)
    return true
  }

  #pick(batch: Batch): SqlValue[][] {
    const { columns } = this.#writer
    this.#picker ??= picker(columns.map(({ field }) => field))
    const picked = this.#picker(batch)
    const rows = Array.from({ length: picked.count }, () => new Array<SqlValue>(columns.length))
    columns.forEach((column, place) => {
      fill(rows, place, column, picked.columns[place] as Column, picked, this.#defaults[place] as SqlValue)
    })
    return rows
  }

  /** False when the record has a field that has no column yet. */
  put(table: Table, index: number): boolean {
    if (this.#rows) {
      this.#writer.put(table, this.#rows[index] as SqlValue[])
      return true
    }
    const record = this.#records[index] as NetRecord
    if (!this.#declared) for (const name in record) if (!this.#writer.isKnown(name)) return false
    this.putRecord(table, record)
    return true
  }

  putRecord(table: Table, record: NetRecord): void {
    const { columns } = this.#writer
    if (this.#defaults.length !== columns.length) this.#defaults = this.#writer.defaults
    const row = new Array<SqlValue>(columns.length)
    for (let place = 0; place < columns.length; place++) {
      const column = columns[place] as SqlColumn
      row[place] = bindValue(column, record[column.field.name]) ?? (this.#defaults[place] as SqlValue)
    }
    this.#writer.put(table, row)
  }
}
