// sum_host and its like: each record is entered twice, the second time with its ends exchanged, before keys are made of it.
import type { Host } from '../../contract/host.ts'
import type { Value } from '../../contract/record.ts'
import { EVERY_ROW } from '../../fields/batch.ts'
import { BOTH_ENDS } from '../../fields/both-ends.ts'
import {
  type AddressColumn,
  type Column,
  makeColumn,
  type NumberColumn,
  ROWS,
  type ValueColumn,
} from '../../fields/column.ts'
import { fieldOfKey } from '../../fields/dictionary.ts'
import type { Field } from '../../fields/field.ts'
import type { Picked } from '../../fields/picker.ts'

/** By the name of a field, the field whose value the second entry of a record has there. */
export type OtherEnds = ReadonlyMap<string, Field>

/** What the words of keys exchange; undefined when it is nothing. */
export function otherEndsOf(words: readonly string[]): OtherEnds | undefined {
  const ends = new Map<string, Field>()
  for (const [source, destination] of words.flatMap(word => BOTH_ENDS[word] ?? [])) {
    ends.set(source, fieldOfKey(destination)).set(destination, fieldOfKey(source))
  }
  return ends.size > 0 ? ends : undefined
}

/** The fields, and then the other ends of them that are not among them. */
export function withOtherEnds(fields: readonly Field[], ends: OtherEnds | undefined): readonly Field[] {
  if (!ends) return fields
  const names = new Set(fields.map(({ name }) => name))
  const others = fields.flatMap(({ name }) => ends.get(name) ?? []).filter(({ name }) => !names.has(name))
  return [...fields, ...new Map(others.map(field => [field.name, field])).values()]
}

/** Records whose entries fill a set of columns. */
const RECORDS = ROWS / 2

export class BothEnds {
  readonly #host: Host
  readonly #columns: readonly Column[]
  /** By column, the column that the second entry takes. */
  readonly #other: readonly number[]

  /** `picked`: what withOtherEnds() made of `fields`. */
  constructor(fields: readonly Field[], picked: readonly Field[], ends: OtherEnds, host: Host) {
    this.#host = host
    this.#columns = fields.map(field => makeColumn(field))
    this.#other = fields.map(({ name }, place) => {
      const end = ends.get(name)
      return end ? picked.findIndex(field => field.name === end.name) : place
    })
  }

  /** Both entries of each record, one after the other; each part is valid until the next. */
  *entries({ columns, rows, count }: Picked): Generator<Picked> {
    // One record came in; its second entry was made here.
    this.#host.count('created', count)
    for (let from = 0; from < count; from += RECORDS) {
      const part = rows.subarray(from, Math.min(count, from + RECORDS))
      this.#columns.forEach((to, place) => {
        copyEntries(to, columns[place] as Column, columns[this.#other[place] as number] as Column, part)
      })
      yield { columns: this.#columns, rows: EVERY_ROW, count: 2 * part.length }
    }
  }
}

/** Rows of two columns of a lane, by turns. */
function copyEntries(to: Column, first: Column, second: Column, rows: Int32Array): void {
  if (to.lane !== 'value') to.other.clear()
  copyRows(to, first, rows, 0)
  copyRows(to, second, rows, 1)
}

/** Rows of a column to every second row of another, from `side` on. */
function copyRows(to: Column, from: Column, rows: Int32Array, side: 0 | 1): void {
  if (to.lane === 'number') copyNumbers(to.numbers, (from as NumberColumn).numbers, rows, side)
  else if (to.lane === 'address') copyAddresses(to, from as AddressColumn, rows, side)
  else copyValues(to.values, (from as ValueColumn).values, rows, side)
  if (to.lane !== 'value') copyOthers(to.other, (from as NumberColumn | AddressColumn).other, rows, side)
}

function copyNumbers(to: Float64Array, from: Float64Array, rows: Int32Array, side: number): void {
  for (let index = 0; index < rows.length; index++) to[2 * index + side] = from[rows[index] as number] as number
}

function copyAddresses(to: AddressColumn, from: AddressColumn, rows: Int32Array, side: number): void {
  for (let index = 0; index < rows.length; index++) {
    const [row, at] = [rows[index] as number, 2 * index + side]
    to.family[at] = from.family[row] as number
    for (let word = 0; word < 4; word++) to.words[4 * at + word] = from.words[4 * row + word] as number
  }
}

function copyValues(to: ValueColumn['values'], from: ValueColumn['values'], rows: Int32Array, side: number): void {
  for (let index = 0; index < rows.length; index++) to[2 * index + side] = from[rows[index] as number]
}

/** What does not fit a lane. */
function copyOthers(to: Map<number, Value>, from: ReadonlyMap<number, Value>, rows: Int32Array, side: number): void {
  if (from.size === 0) return
  for (let index = 0; index < rows.length; index++) {
    const value = from.get(rows[index] as number)
    if (value !== undefined) to.set(2 * index + side, value)
  }
}
