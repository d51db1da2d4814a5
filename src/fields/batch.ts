// The two batches that carry their records in another form: columns (from a decoder or an aggregation) and lines (from a pipe).
// Both build `records` on first use; components with a fast path pick columns instead (picker.ts).

import type { Problem } from '../contract/problem.ts'
import type { Batch, NetRecord } from '../contract/record.ts'
import { isLineProblem, parseRecord } from '../stream/json.ts'
import { type Column, ROWS, takeValue } from './column.ts'
import type { Field } from './field.ts'

/** 0, 1, 2, ...: the rows of a batch from which nothing was left out. */
export const EVERY_ROW: Int32Array = Int32Array.from({ length: 4 * ROWS }, (_, row) => row)

/** Fields of a column batch. One object a template or key list, so that what is compiled for it can be kept beside it. */
export interface Form {
  readonly fields: readonly Field[]
}

export class ColumnBatch implements Batch {
  readonly form: Form
  /** Lane by lane, in the order of form.fields. */
  readonly columns: readonly Column[]
  /** Rows of the columns that are in the batch, in order; the first `count` entries hold. */
  readonly rows: Int32Array
  readonly count: number
  readonly now: number
  #records: NetRecord[] | undefined

  constructor(form: Form, columns: readonly Column[], rows: Int32Array, count: number, now: number) {
    this.form = form
    this.columns = columns
    this.rows = rows
    this.count = count
    this.now = now
  }

  get records(): NetRecord[] {
    if (this.#records) return this.#records
    const records: NetRecord[] = []
    for (let index = 0; index < this.count; index++) records.push(this.#record(this.rows[index] as number))
    this.#records = records
    return records
  }

  #record(row: number): NetRecord {
    const record: NetRecord = {}
    const { fields } = this.form
    for (let index = 0; index < fields.length; index++) {
      const field = fields[index] as Field
      const value = takeValue(field, this.columns[index] as Column, row)
      if (value !== undefined) record[field.name] = value
    }
    return record
  }
}

/** The newest receive time seen on a stream of lines, Unix ms. */
export interface LineClock {
  nowMs: number
}

/** What a reader of lines gives every batch of its stream. */
export interface LineContext {
  readonly clock: LineClock
  /** Called once for each line that is no record; the line is left out of everything. */
  readonly onBadLine: (problem: Problem, lineNumber: number) => void
  /** Newest receive time among the lines of a batch, Unix ms, 0 when they do not say. */
  readonly newestMs: (batch: LineBatch) => number
  /** Every line is a record: netally itself wrote them. */
  readonly trusted?: true
}

const decoder = new TextDecoder()

export class LineBatch implements Batch {
  readonly octets: Uint8Array
  readonly starts: Int32Array
  /** One past the last octet of each line, without its line feed. */
  readonly ends: Int32Array
  /** Lines, unreadable ones too. */
  readonly count: number
  readonly context: LineContext
  /** Line number in the input of each line. */
  readonly numbers: Int32Array
  #records: NetRecord[] | undefined
  #now: number | undefined
  #bad: Set<number> | undefined

  constructor(
    octets: Uint8Array,
    starts: Int32Array,
    ends: Int32Array,
    numbers: Int32Array,
    count: number,
    context: LineContext,
  ) {
    this.octets = octets
    this.starts = starts
    this.ends = ends
    this.numbers = numbers
    this.count = count
    this.context = context
  }

  get now(): number {
    if (this.#now === undefined) {
      const { clock, newestMs } = this.context
      clock.nowMs = Math.max(clock.nowMs, newestMs(this))
      this.#now = clock.nowMs
    }
    return this.#now
  }

  get records(): NetRecord[] {
    if (this.#records) return this.#records
    const records: NetRecord[] = []
    for (let index = 0; index < this.count; index++) {
      const record = this.record(index)
      if (record) records.push(record)
    }
    this.#records = records
    return records
  }

  text(index: number): string {
    return decoder.decode(this.octets.subarray(this.starts[index] as number, this.ends[index] as number))
  }

  /** Line `index` by the general parser; undefined, and reported once, when it is no record. */
  record(index: number): NetRecord | undefined {
    const record = parseRecord(this.text(index))
    if (!isLineProblem(record)) return record
    this.#bad ??= new Set()
    if (!this.#bad.has(index)) {
      this.#bad.add(index)
      this.context.onBadLine(record, this.numbers[index] as number)
    }
    return undefined
  }

  /** The lines named by `rows`, on the same octets. */
  subset(rows: Int32Array, count: number): LineBatch {
    const take = (from: Int32Array): Int32Array => {
      const taken = new Int32Array(count)
      for (let index = 0; index < count; index++) taken[index] = from[rows[index] as number] as number
      return taken
    }
    return new LineBatch(this.octets, take(this.starts), take(this.ends), take(this.numbers), count, this.context)
  }
}

/** The rows of a batch named by `rows` (indices as a picker gave them), in the same form. */
export function subset(batch: Batch, rows: Int32Array, count: number): Batch {
  if (batch instanceof ColumnBatch)
    return new ColumnBatch(batch.form, batch.columns, rows.slice(0, count), count, batch.now)
  if (batch instanceof LineBatch) return batch.subset(rows, count)
  const { records } = batch
  const kept = Array.from({ length: count }, (_, index) => records[rows[index] as number] as NetRecord)
  return { records: kept, count, now: batch.now }
}
