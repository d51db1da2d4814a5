// The fields a component reads, as columns, whatever form the batch has.
import type { Batch, NetRecord } from '../contract/record.ts'
import { ColumnBatch, EVERY_ROW, LineBatch } from './batch.ts'
import { type Column, clearColumn, makeColumn, putValue, ROWS, takeValue } from './column.ts'
import type { Field } from './field.ts'
import { compileScan, type Scan } from './scan.ts'

/** Columns of the picked fields, in their order. `rows` are what subset() takes; the first `count` entries hold. */
export interface Picked {
  readonly columns: readonly Column[]
  readonly rows: Int32Array
  readonly count: number
}

export type Picker = (batch: Batch) => Picked

/** Columns that a column batch lacks: one a lane, never written. */
const absentColumns = new Map<string, Column>()

function absentColumn(field: Field): Column {
  let column = absentColumns.get(field.type.lane)
  if (!column) {
    column = makeColumn(field)
    absentColumns.set(field.type.lane, column)
  }
  return column
}

/**
 * Where the picked fields stand in a form, -1 = nowhere. Nothing when a plugin gave a name another type than the
 * dictionary: then values go through records.
 */
function columnIndexes(fields: readonly Field[], { form }: ColumnBatch): number[] {
  const at = fields.map(field => form.fields.findIndex(known => known.name === field.name))
  const sameTypes = at.every((index, place) => index < 0 || form.fields[index]?.type.name === fields[place]?.type.name)
  return sameTypes ? at : []
}

/** Makes a picker of these fields. What it returns is valid until its next call. */
export function picker(fields: readonly Field[]): Picker {
  const scratch = fields.map(field => makeColumn(field))
  const rows = new Int32Array(ROWS)
  const indexes = new WeakMap<object, number[]>()
  let scan: Scan | undefined

  /** The column as the field at a position is read: itself, or a copy where it was made for another lane. */
  function inLane(made: Field, column: Column, position: number, picked: Int32Array, count: number): Column {
    const field = fields[position] as Field
    if (column.lane === field.type.lane) return column
    const own = scratch[position] as Column
    for (let index = 0; index < count; index++) {
      const row = picked[index] as number
      putValue(field, own, row, takeValue(made, column, row))
    }
    return own
  }

  function fromColumns(batch: ColumnBatch): Picked {
    let at = indexes.get(batch.form)
    if (!at) {
      at = columnIndexes(fields, batch)
      indexes.set(batch.form, at)
    }
    if (at.length < fields.length) return byRow(batch)
    const columns = at.map((index, position) =>
      index < 0
        ? absentColumn(fields[position] as Field)
        : inLane(batch.form.fields[index] as Field, batch.columns[index] as Column, position, batch.rows, batch.count),
    )
    return { columns, rows: batch.rows, count: batch.count }
  }

  // A field that is picked twice (summed, and its maximum kept) is scanned once.
  const firsts = fields.map(field => fields.findIndex(({ name }) => name === field.name))
  const scanned = [...new Set(firsts)]

  /** Rows keep their numbers, because subset() takes them. */
  function byRow(batch: ColumnBatch): Picked {
    fields.forEach((field, index) => {
      const column = scratch[index] as Column
      clearColumn(column, ROWS)
      batch.records.forEach((record, at) => {
        putValue(field, column, batch.rows[at] as number, record[field.name])
      })
    })
    return { columns: scratch, rows: batch.rows, count: batch.count }
  }

  function fromLines(batch: LineBatch): Picked {
    scan ??= compileScan(scanned.map(position => fields[position] as Field))
    const count = scan(
      batch,
      scanned.map(position => scratch[position] as Column),
      rows,
    )
    const columns = firsts.map((first, position) =>
      inLane(fields[first] as Field, scratch[first] as Column, position, rows, count),
    )
    return { columns, rows, count }
  }

  function fromRecords(records: readonly NetRecord[]): Picked {
    fields.forEach((field, index) => {
      const column = scratch[index] as Column
      clearColumn(column, records.length)
      for (let row = 0; row < records.length; row++) putValue(field, column, row, records[row]?.[field.name])
    })
    return { columns: scratch, rows: EVERY_ROW, count: records.length }
  }

  return batch => {
    if (batch instanceof ColumnBatch) return fromColumns(batch)
    if (batch instanceof LineBatch) return fromLines(batch)
    if (batch.records.length > ROWS)
      throw new Error(`a batch may hold ${ROWS} records, this one has ${batch.records.length}`)
    return fromRecords(batch.records)
  }
}
