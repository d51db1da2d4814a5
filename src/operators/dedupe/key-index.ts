// Keys of rows to small whole numbers, 0, 1, 2, ... in the order in which they came: the aggregation's table without sums.
import { type Column, ROWS } from '../../fields/column.ts'
import type { Field } from '../../fields/field.ts'
import { compileKernel, type Kernel } from '../aggregate/kernel.ts'
import { Table } from '../aggregate/table.ts'

export class KeyIndex {
  readonly #table: Table
  readonly #kernel: Kernel
  #entries = new Int32Array(ROWS)

  constructor(fields: readonly Field[]) {
    this.#table = new Table(fields.length, 0)
    this.#kernel = compileKernel(fields, [])
  }

  /** Keys so far. */
  get size(): number {
    return this.#table.entries
  }

  /** The number of the key of each row, a new one where it is new. Valid until the next call. */
  find(columns: readonly Column[], rows: Int32Array, count: number): Int32Array {
    if (this.#entries.length < count) this.#entries = new Int32Array(count)
    this.#table.reserve(count)
    this.#kernel(this.#table, columns, rows, 0, count, this.#entries)
    return this.#entries
  }

  clear(): void {
    this.#table.clear()
  }
}
