// A column of the routes' wide form, and how values get into ranges of its rows.
import type { Value } from '../../contract/record.ts'
import { type Column, IPV4, IPV6, makeColumn, ODD, ODD_ADDRESS, putValue } from '../../fields/column.ts'
import { fieldOf } from '../../fields/dictionary.ts'
import type { Field } from '../../fields/field.ts'

export interface Slot {
  readonly field: Field
  readonly column: Column
  /** Some row has a value: the others need not be made absent one by one. */
  used: boolean
}

export function slot(name: string, context: boolean): Slot {
  const field = { ...fieldOf(name), context }
  return { field, column: makeColumn(field), used: false }
}

/** Puts a value into rows from..to-1 of a column that was cleared. */
export function fill(slot: Slot, from: number, to: number, value: Value | undefined): void {
  if (value === undefined && !slot.used) return
  slot.used = true
  const { field, column } = slot
  if (column.lane === 'value') {
    for (let row = from; row < to; row++) column.values[row] = value
    return
  }
  putValue(field, column, from, value)
  if (column.lane === 'number') {
    const number = column.numbers[from] as number
    for (let row = from + 1; row < to; row++) column.numbers[row] = number
    if (number === ODD) for (let row = from + 1; row < to; row++) putValue(field, column, row, value)
    return
  }
  const family = column.family[from] as number
  const { words } = column
  for (let row = from + 1; row < to; row++) column.family[row] = family
  if (family === IPV4) for (let row = from + 1; row < to; row++) words[4 * row] = words[4 * from] as number
  else if (family === IPV6) for (let row = from + 1; row < to; row++) words.copyWithin(4 * row, 4 * from, 4 * from + 4)
  else if (family === ODD_ADDRESS) for (let row = from + 1; row < to; row++) putValue(field, column, row, value)
}
