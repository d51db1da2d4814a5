// Columns: a batch's fields as arrays, one lane a field. Decoders fill them, the JSON writer and the aggregation read them.
import type { Value } from '../contract/record.ts'
import { dotted, ipv6Text, parseDotted, parseIpv6 } from '../octets/address.ts'
import type { Field } from './field.ts'

/** Rows a set of columns holds: the next power of two above RECORDS_PER_BATCH. */
export const ROWS = 512

/** In the number lane: no value. */
export const ABSENT = Number.NaN
/** In the number lane: the value does not fit the lane (a BigInt, a text where a number belongs); see `other`. */
export const ODD = Number.POSITIVE_INFINITY

/** In the address lane's `family`. */
export const NO_ADDRESS = 0
export const IPV4 = 4
export const IPV6 = 6
export const ODD_ADDRESS = 255

export interface NumberColumn {
  readonly lane: 'number'
  readonly numbers: Float64Array
  /** Values of rows that say ODD. */
  readonly other: Map<number, Value>
}

export interface AddressColumn {
  readonly lane: 'address'
  /** Four words a row; an IPv4 address is in the first. */
  readonly words: Uint32Array
  readonly family: Uint8Array
  readonly other: Map<number, Value>
}

export interface ValueColumn {
  readonly lane: 'value'
  readonly values: (Value | undefined)[]
}

export type Column = NumberColumn | AddressColumn | ValueColumn

/** A column of ROWS rows, all absent. */
export function makeColumn(field: Field, rows = ROWS): Column {
  switch (field.type.lane) {
    case 'number':
      return { lane: 'number', numbers: new Float64Array(rows).fill(ABSENT), other: new Map() }
    case 'address':
      return { lane: 'address', words: new Uint32Array(4 * rows), family: new Uint8Array(rows), other: new Map() }
    case 'value':
      return { lane: 'value', values: new Array<Value | undefined>(rows).fill(undefined) }
  }
}

export function isAbsent(column: Column, row: number): boolean {
  if (column.lane === 'number') return Number.isNaN(column.numbers[row])
  if (column.lane === 'address') return column.family[row] === NO_ADDRESS
  return column.values[row] === undefined
}

/** Whether none of the rows, the first `count` of `rows`, has a value. */
export function isEmptyColumn(column: Column, rows: Int32Array, count: number): boolean {
  if (column.lane === 'number') {
    const { numbers } = column
    for (let index = 0; index < count; index++) if (!Number.isNaN(numbers[rows[index] as number])) return false
  } else if (column.lane === 'address') {
    const { family } = column
    for (let index = 0; index < count; index++) if (family[rows[index] as number] !== NO_ADDRESS) return false
  } else {
    const { values } = column
    for (let index = 0; index < count; index++) if (values[rows[index] as number] !== undefined) return false
  }
  return true
}

/** Places of the columns that have values. */
export function placesWithValues(columns: readonly Column[], rows: Int32Array, count: number): number[] {
  return [...columns.keys()].filter(place => !isEmptyColumn(columns[place] as Column, rows, count))
}

/** Makes rows 0..rows-1 absent. */
export function clearColumn(column: Column, rows: number): void {
  if (column.lane === 'number') column.numbers.fill(ABSENT, 0, rows)
  else if (column.lane === 'address') column.family.fill(NO_ADDRESS, 0, rows)
  else column.values.fill(undefined, 0, rows)
  if (column.lane !== 'value' && column.other.size > 0) column.other.clear()
}

/** Puts a record's value into a row; undefined makes it absent. */
export function putValue(field: Field, column: Column, row: number, value: Value | undefined): void {
  if (column.lane === 'value') column.values[row] = value
  else if (column.lane === 'address') putAddress(column, row, value)
  else if (value === undefined) column.numbers[row] = ABSENT
  else {
    const number = field.type.parse?.(value) ?? ABSENT
    if (!Number.isNaN(number)) column.numbers[row] = number
    else {
      column.numbers[row] = ODD
      column.other.set(row, value)
    }
  }
}

function putAddress(column: AddressColumn, row: number, value: Value | undefined): void {
  if (value === undefined) {
    column.family[row] = NO_ADDRESS
    return
  }
  if (typeof value === 'string') {
    const address = parseDotted(value)
    if (address >= 0) {
      column.words[4 * row] = address
      column.family[row] = IPV4
      return
    }
    if (parseIpv6(value, column.words, 4 * row)) {
      column.family[row] = IPV6
      return
    }
  }
  column.family[row] = ODD_ADDRESS
  column.other.set(row, value)
}

/** The record's value of a row; undefined when absent. The inverse of putValue, up to canonical text. */
export function takeValue(field: Field, column: Column, row: number): Value | undefined {
  if (column.lane === 'value') return column.values[row]
  if (column.lane === 'number') {
    const number = column.numbers[row] as number
    if (number === ODD) return column.other.get(row)
    return Number.isNaN(number) ? undefined : field.type.show?.(number)
  }
  const at = 4 * row
  const words = column.words
  switch (column.family[row]) {
    case IPV4:
      return dotted(words[at] as number)
    case IPV6:
      return ipv6Text(words[at] as number, words[at + 1] as number, words[at + 2] as number, words[at + 3] as number)
    case ODD_ADDRESS:
      return column.other.get(row)
    default:
      return undefined
  }
}
