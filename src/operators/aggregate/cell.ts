// One bin's sums: its table, and its distinct counters where they are asked for.
import type { Column } from '../../fields/column.ts'
import { takeValue } from '../../fields/column.ts'
import { DistinctCounter, type DistinctState } from './distinct.ts'
import { type Kernel, kernelFields } from './kernel.ts'
import type { AggregateOptions } from './options.ts'
import { Table } from './table.ts'

export class Cell {
  readonly table: Table
  /** By distinct field, then entry. */
  readonly distinct: DistinctCounter[][]
  readonly #options: AggregateOptions
  readonly #kernelColumns: number
  #entries = new Int32Array(0)

  constructor(options: AggregateOptions) {
    this.#options = options
    this.table = new Table(options.keys.length, options.sums.length)
    this.distinct = options.distinct.map(() => [])
    this.#kernelColumns = kernelFields(options.keys, options.sums).length
  }

  /** Adds rows[from..to); how many new keys there are. `distinct` takes the place of the columns of values to be counted. */
  add(
    kernel: Kernel,
    columns: readonly Column[],
    rows: Int32Array,
    from: number,
    to: number,
    distinct?: readonly (readonly DistinctState[])[],
  ): number {
    const before = this.table.entries
    this.table.reserve(to - from)
    if (this.distinct.length === 0) kernel(this.table, columns, rows, from, to, undefined)
    else {
      if (this.#entries.length < to) this.#entries = new Int32Array(to)
      kernel(this.table, columns, rows, from, to, this.#entries)
      if (distinct) this.#mergeDistinct(distinct, from, to)
      else this.#countDistinct(columns, rows, from, to)
    }
    return this.table.entries - before
  }

  #countDistinct(columns: readonly Column[], rows: Int32Array, from: number, to: number): void {
    this.#options.distinct.forEach(({ field }, index) => {
      const counters = this.distinct[index] as DistinctCounter[]
      const column = columns[this.#kernelColumns + index] as Column
      for (let at = from; at < to; at++) {
        const value = takeValue(field, column, rows[at] as number)
        if (value === undefined) continue
        const entry = this.#entries[at] as number
        counters[entry] ??= new DistinctCounter()
        counters[entry].add(value)
      }
    })
  }

  #mergeDistinct(distinct: readonly (readonly DistinctState[])[], from: number, to: number): void {
    distinct.forEach((states, index) => {
      const counters = this.distinct[index] as DistinctCounter[]
      for (let at = from; at < to; at++) {
        const entry = this.#entries[at] as number
        counters[entry] ??= new DistinctCounter()
        counters[entry].merge(states[at])
      }
    })
  }

  clear(): void {
    this.table.clear()
    for (const counters of this.distinct) counters.length = 0
  }
}
