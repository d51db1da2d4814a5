// The batch that is being filled.

import { RECORDS_PER_BATCH } from '../../contract/record.ts'
import { ColumnBatch, EVERY_ROW, type Form } from '../../fields/batch.ts'
import type { Column } from '../../fields/column.ts'
import type { Plan } from './plan.ts'

const NO_FORM: Form = { fields: [] }

export class OpenBatch {
  form: Form = NO_FORM
  count = 0
  /** Newest arrival of all records so far, Unix ms. */
  nowMs = 0
  #columns: readonly Column[] = []
  /** Order of the rows, where it is not that of the columns. */
  #order: Int32Array | undefined

  get room(): number {
    return RECORDS_PER_BATCH - this.count
  }

  begin(plan: Plan): void {
    this.form = plan.form
    this.#columns = plan.columns
    this.count = 0
    this.#order = undefined
  }

  /** The order of rows as an array to write in; so far they stand as they came. */
  get order(): Int32Array {
    this.#order ??= EVERY_ROW.slice(0, RECORDS_PER_BATCH)
    return this.#order
  }

  /** The batch; the next rows begin a new one. */
  close(): ColumnBatch {
    const batch = new ColumnBatch(this.form, this.#columns, this.#order ?? EVERY_ROW, this.count, this.nowMs)
    this.form = NO_FORM
    this.count = 0
    return batch
  }
}
