// One row of columns by the names of its fields; what could not be said is told.
import type { Value } from '../../../contract/record.ts'
import { type AddressColumn, type Column, isAbsent, makeColumn, ODD, putValue } from '../../../fields/column.ts'
import { fieldOf } from '../../../fields/dictionary.ts'
import type { Field } from '../../../fields/field.ts'

export interface AddressValue {
  /** 4 or 6; 0 = none. */
  readonly family: number
  readonly words: Uint32Array
  /** Where its words begin. */
  readonly at: number
}

/** An address by its text; of no family where it is none. */
export function addressValue(text: string): AddressValue {
  const field = fieldOf('peer_ip_src')
  const column = makeColumn(field, 1) as AddressColumn
  putValue(field, column, 0, text)
  const family = column.family[0] as number
  return { family: family === 4 || family === 6 ? family : 0, words: column.words, at: 0 }
}

const NONE: AddressValue = { family: 0, words: new Uint32Array(4), at: 0 }

export class SampleRow {
  readonly fields: readonly Field[]
  readonly #places = new Map<string, number>()
  #columns: readonly Column[] = []
  #row = 0

  constructor(names: readonly string[]) {
    this.fields = names.map(fieldOf)
    for (const [place, name] of names.entries()) this.#places.set(name, place)
  }

  set(columns: readonly Column[], row: number): void {
    this.#columns = columns
    this.#row = row
  }

  #column(name: string): Column {
    return this.#columns[this.#places.get(name) as number] as Column
  }

  has(name: string): boolean {
    return !isAbsent(this.#column(name), this.#row)
  }

  /** NaN where it is absent or no number that fits 32 bits (`wide`: 53). */
  number(name: string, wide = false): number {
    const column = this.#column(name)
    const number = column.lane === 'number' ? (column.numbers[this.#row] as number) : Number.NaN
    return number >= 0 && number < (wide ? Number.MAX_SAFE_INTEGER : 2 ** 32) ? Math.floor(number) : Number.NaN
  }

  /** A counter of any size. */
  counter(name: string): number | bigint {
    const column = this.#column(name)
    if (column.lane !== 'number') return Number.NaN
    const number = column.numbers[this.#row] as number
    const exact = number === ODD ? column.other.get(this.#row) : number
    return typeof exact === 'bigint' || typeof exact === 'number' ? exact : Number.NaN
  }

  value(name: string): Value | undefined {
    const column = this.#column(name)
    return column.lane === 'value' ? column.values[this.#row] : undefined
  }

  text(name: string): string {
    const value = this.value(name)
    return typeof value === 'string' ? value : ''
  }

  list(name: string): readonly Value[] {
    const value = this.value(name)
    return Array.isArray(value) ? value : []
  }

  address(name: string): AddressValue {
    const column = this.#column(name)
    if (column.lane !== 'address') return NONE
    const family = column.family[this.#row] as number
    return family === 4 || family === 6 ? { family, words: column.words, at: 4 * this.#row } : NONE
  }
}
