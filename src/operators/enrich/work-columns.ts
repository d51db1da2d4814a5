// The columns that resolvers work on: what they only read is the batch's own, what they fill is a column of ours.
import type { Batch } from '../../contract/record.ts'
import { type Column, clearColumn, makeColumn, ROWS } from '../../fields/column.ts'
import { fieldOf } from '../../fields/dictionary.ts'
import type { Field } from '../../fields/field.ts'
import { type Picked, picker } from '../../fields/picker.ts'
import { placeFilled } from './filled-batch.ts'
import type { Resolver } from './resolver.ts'

/** A field that is filled. */
interface Filled {
  readonly field: Field
  readonly column: Column
  readonly place: number
  /** Its place among the picked fields, -1 = not read: it starts absent. */
  readonly picked: number
}

export class WorkColumns {
  /** Fields that are read, the times first. */
  readonly reads: readonly Field[]
  readonly #places = new Map<string, number>()
  readonly #pick: (batch: Batch) => Picked
  readonly #filled: readonly Filled[]
  readonly #place: ReturnType<typeof placeFilled>
  readonly columns: Column[] = []
  picked!: Picked

  /** `first`: fields that are read whatever the resolvers read; the first columns. */
  constructor(first: readonly string[], resolvers: readonly Resolver[]) {
    const reads = new Set([...first, ...resolvers.flatMap(resolver => resolver.reads)])
    const fills = new Set(resolvers.flatMap(resolver => resolver.fills))
    this.reads = [...reads].map(fieldOf)
    this.#pick = picker(this.reads)
    for (const name of [...reads, ...fills]) if (!this.#places.has(name)) this.#places.set(name, this.#places.size)
    this.#filled = [...fills].map(name => {
      const field = fieldOf(name)
      const place = this.#places.get(name) as number
      return { field, column: makeColumn(field), place, picked: place < this.reads.length ? place : -1 }
    })
    this.#place = placeFilled(this.#filled.map(({ field, column }) => ({ field, column })))
  }

  readonly place = (field: string): number => {
    const place = this.#places.get(field)
    if (place === undefined) throw new Error(`${field} is neither read nor filled`)
    return place
  }

  /** Takes a batch up; it stays valid until it is closed. */
  open(batch: Batch): void {
    const picked = this.#pick(batch)
    this.picked = picked
    for (let place = 0; place < picked.columns.length; place++) this.columns[place] = picked.columns[place] as Column
    for (const { column, place, picked: from } of this.#filled) {
      if (from >= 0) copyColumn(picked.columns[from] as Column, column)
      else clearColumn(column, ROWS)
      this.columns[place] = column
    }
  }

  /** The batch with the columns that were filled, as its last fields. */
  close(batch: Batch): Batch {
    return this.#filled.length === 0 ? batch : this.#place(batch, this.picked)
  }
}

function copyColumn(from: Column, to: Column): void {
  if (from.lane === 'number' && to.lane === 'number') {
    to.numbers.set(from.numbers)
    copyOther(from.other, to.other)
  } else if (from.lane === 'address' && to.lane === 'address') {
    to.words.set(from.words)
    to.family.set(from.family)
    copyOther(from.other, to.other)
  } else if (from.lane === 'value' && to.lane === 'value') {
    for (let row = 0; row < ROWS; row++) to.values[row] = from.values[row]
  }
}

function copyOther<Key, Value>(from: ReadonlyMap<Key, Value>, to: Map<Key, Value>): void {
  if (to.size > 0) to.clear()
  if (from.size > 0) for (const [key, value] of from) to.set(key, value)
}
