// Entries of a table back into columns.

import type { NumberColumn, ValueColumn } from '../../fields/column.ts'
import {
  type AddressColumn,
  type Column,
  clearColumn,
  IPV4,
  IPV6,
  makeColumn,
  ODD,
  ODD_ADDRESS,
} from '../../fields/column.ts'
import type { Field } from '../../fields/field.ts'
import type { SumField } from './kernel.ts'
import type { Table } from './table.ts'

const double = new Float64Array(1)
const doubleWords = new Uint32Array(double.buffer)

function emitNumber(column: NumberColumn, row: number, tag: number, table: Table, at: number): number {
  if (tag === 1) {
    column.numbers[row] = table.keys[at] as number
    return at + 1
  }
  if (tag === 2) {
    doubleWords[0] = table.keys[at] as number
    doubleWords[1] = table.keys[at + 1] as number
    column.numbers[row] = double[0] as number
    return at + 2
  }
  column.numbers[row] = ODD
  column.other.set(row, table.interned[table.keys[at] as number] ?? null)
  return at + 1
}

function emitAddress(column: AddressColumn, row: number, tag: number, table: Table, at: number): number {
  const { words, family, other } = column
  if (tag === 1) {
    words[4 * row] = table.keys[at] as number
    family[row] = IPV4
    return at + 1
  }
  if (tag === 2) {
    for (let word = 0; word < 4; word++) words[4 * row + word] = table.keys[at + word] as number
    family[row] = IPV6
    return at + 4
  }
  family[row] = ODD_ADDRESS
  other.set(row, table.interned[table.keys[at] as number] ?? null)
  return at + 1
}

function emitKey(
  columns: readonly Column[],
  keyCount: number,
  row: number,
  table: Table,
  entry: number,
  seen: Uint8Array,
): void {
  const start = table.keyAt[entry] as number
  let at = start + (keyCount >> 4) + 1
  for (let index = 0; index < keyCount; index++) {
    const tag = ((table.keys[start + (index >> 4)] as number) >>> (2 * (index & 15))) & 3
    if (tag === 0) continue
    seen[index] = 1
    const column = columns[index] as Column
    if (column.lane === 'number') at = emitNumber(column, row, tag, table, at)
    else if (column.lane === 'address') at = emitAddress(column, row, tag, table, at)
    else (column as ValueColumn).values[row] = table.interned[table.keys[at++] as number]
  }
}

/** Columns for emitted rows: the keys', the sums', then `extra`. */
export function emitColumns(keys: readonly Field[], sums: readonly SumField[], extra: readonly Field[]): Column[] {
  return [...keys, ...sums.map(sum => sum.output), ...extra].map(field => makeColumn(field))
}

/**
 * Fills rows 0..count-1 with entries order[from..from+count), or from..from+count-1 without an order. Marks in `seen` the
 * key fields that any of them has.
 */
export function emitRows(
  table: Table,
  columns: readonly Column[],
  order: Int32Array | undefined,
  from: number,
  count: number,
  seen: Uint8Array,
  shownSums = table.sumCount,
): void {
  for (const column of columns) clearColumn(column, count)
  const { keyFields, sumCount } = table
  for (let row = 0; row < count; row++) {
    const entry = order ? (order[from + row] as number) : from + row
    emitKey(columns, keyFields, row, table, entry, seen)
    for (let sum = 0; sum < shownSums; sum++) {
      const column = columns[keyFields + sum] as NumberColumn
      const value = table.sums[entry * sumCount + sum] as number
      column.numbers[row] = value
      if (value === ODD) column.other.set(row, table.big[sum]?.get(entry) ?? 0n)
    }
  }
}
