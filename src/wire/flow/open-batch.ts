// The batch that is being filled.
import { RECORDS_PER_BATCH } from '../../contract/record.ts'
import { ColumnBatch, EVERY_ROW, type Form } from '../../fields/batch.ts'
import type { Column } from '../../fields/column.ts'
import { type Forms, makeAbsent } from './forms.ts'
import type { Plan } from './plan.ts'

/** A batch with more records is closed when rows with other fields come, not widened. */
const WIDENED_BELOW = RECORDS_PER_BATCH / 2
const NO_FORM: Form = { fields: [] }
const NONE: readonly Column[] = []

export class OpenBatch {
  count = 0
  /** Newest arrival of all records so far, Unix ms. */
  nowMs = 0
  readonly #forms: Forms
  #form: Form = NO_FORM
  #columns: readonly Column[] = NONE
  /** Columns that the rows of the plan accepted last do not have. */
  #missing: readonly Column[] = NONE
  /** Order of the rows, where it is not that of the columns. */
  #order: Int32Array | undefined

  constructor(forms: Forms) {
    this.#forms = forms
  }

  get room(): number {
    return RECORDS_PER_BATCH - this.count
  }

  /** Gets ready for rows of this plan; false when the batch must be closed first, unless `isLate` says that it cannot be. */
  accept(plan: Plan, isLate = false): boolean {
    if (this.count === 0) {
      this.#form = plan.form
      this.#columns = plan.columns
      this.#missing = NONE
      this.#order = undefined
      return true
    }
    if (this.#form === plan.form) {
      this.#missing = NONE
      return true
    }
    const { form, columns, fresh, missing } = this.#forms.widening(this.#form, plan)
    if (fresh.length > 0 && this.count >= WIDENED_BELOW && !isLate) return false
    makeAbsent(fresh, 0, this.count)
    this.#form = form
    this.#columns = columns
    this.#missing = missing
    return true
  }

  /** Rows of the plan stand behind the others now. */
  add(rows: number, arrivalUs: number): void {
    if (this.#missing.length > 0) makeAbsent(this.#missing, this.count, this.count + rows)
    this.count += rows
    this.nowMs = Math.max(this.nowMs, Math.floor(arrivalUs / 1000))
  }

  /** The order of rows as an array to write in; so far they stand as they came. */
  get order(): Int32Array {
    this.#order ??= EVERY_ROW.slice(0, RECORDS_PER_BATCH)
    return this.#order
  }

  /** The batch; the next rows begin a new one. */
  close(): ColumnBatch {
    const batch = new ColumnBatch(this.#form, this.#columns, this.#order ?? EVERY_ROW, this.count, this.nowMs)
    this.count = 0
    return batch
  }
}
