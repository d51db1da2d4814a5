// Sums written out: order, limits, stamps and markers of one emission.
import type { Host } from '../../contract/host.ts'
import { type Batch, RECORDS_PER_BATCH, recordBatch } from '../../contract/record.ts'
import { ColumnBatch, EVERY_ROW, type Form } from '../../fields/batch.ts'
import type { Column, NumberColumn } from '../../fields/column.ts'
import { fieldOf, knownField } from '../../fields/dictionary.ts'
import type { Field } from '../../fields/field.ts'
import type { Cell } from './cell.ts'
import { emitColumns, emitRows } from './emit.ts'
import type { AggregateOptions } from './options.ts'
import type { Table } from './table.ts'

export interface BinCell {
  /** Start of the bin, microseconds; -Infinity without bins. */
  readonly binUs: number
  readonly cell: Cell
}

const SECOND_US = 1_000_000

export class Emitter {
  readonly #options: AggregateOptions
  readonly #host: Host
  readonly #form: Form
  readonly #columns: Column[]
  readonly #extraAt: number
  /** Where the counters stand among the sums; -1 = not summed. */
  readonly #counterAt: { readonly packets: number; readonly bytes: number; readonly flows: number }
  readonly #topAt: number
  readonly #shownSums: number
  /** The sum that says in which order entries came, where that is not the order in which they were made; else -1. */
  readonly #orderAt: number
  /** Key fields that some record had. */
  readonly #seen: Uint8Array

  constructor(options: AggregateOptions, host: Host) {
    const { keys, hiddenSums = 0 } = options
    const sums = options.sums.slice(0, options.sums.length - hiddenSums)
    this.#shownSums = sums.length
    this.#orderAt = hiddenSums > 0 ? sums.length : -1
    this.#options = options
    this.#host = host
    const stamps = options.bin || options.refreshSeconds !== undefined
    const extra: Field[] = options.distinct.map(({ output }) => output)
    if (options.bin) extra.push(fieldOf('stamp_inserted'))
    if (stamps) extra.push(fieldOf('stamp_updated'))
    this.#form = { fields: [...keys, ...sums.map(sum => sum.output), ...extra] }
    this.#columns = emitColumns(keys, sums, extra)
    this.#extraAt = keys.length + sums.length
    this.#seen = new Uint8Array(keys.length)
    const at = (name: string) => sums.findIndex(sum => sum.output.name === name)
    this.#counterAt = { packets: at('packets'), bytes: at('bytes'), flows: at('flows') }
    this.#topAt = at(fieldOf(options.topBy).name)
  }

  /** All entries of some bins, in the order of the bins and of arrival within them. */
  *emit(cells: readonly BinCell[], nowUs: number): Generator<Batch> {
    const { markers } = this.#options
    const nowMs = Math.floor(nowUs / 1000)
    if (markers) yield this.#marker({ event_type: 'purge_init' }, nowMs)
    let written = 0
    let total = 0
    for (const { binUs, cell } of cells) {
      const { table } = cell
      const order = this.#order(table)
      const count = order?.length ?? table.entries
      total += table.entries
      written += count
      for (let from = 0; from < count; from += RECORDS_PER_BATCH) {
        const rows = Math.min(RECORDS_PER_BATCH, count - from)
        emitRows(table, this.#columns, order, from, rows, this.#seen, this.#shownSums)
        this.#stamp(cell, order, from, rows, binUs, nowUs)
        yield new ColumnBatch(this.#form, this.#columns, EVERY_ROW, rows, nowMs)
      }
    }
    if (markers) yield this.#marker({ event_type: 'purge_close', purged_entries: written, total_entries: total }, nowMs)
  }

  /** Key fields without a row in the dictionary that no record had: most likely a name that was mistyped. */
  neverSeen(): string[] {
    return this.#options.keys
      .filter(({ name }, index) => !this.#seen[index] && !knownField(name))
      .map(({ name }) => name)
  }

  #marker(record: { [name: string]: string | number }, nowMs: number): Batch {
    this.#host.count('created')
    return recordBatch([record], nowMs)
  }

  /**
   * Entries that pass the limits, the largest first where only the top is wanted, equal ones as they came; undefined = all, as
   * they came.
   */
  #order(table: Table): Int32Array | undefined {
    const { limits, top } = this.#options
    if (!limits && top === undefined && this.#orderAt < 0) return undefined
    let entries = this.#asTheyCame(table)
    if (limits) {
      entries = entries.filter(entry => limits(this.#counters(table, entry)))
      this.#host.count('dropped/preprocess', table.entries - entries.length)
    }
    if (top === undefined) return entries
    const by = (entry: number) => Number(table.sumValue(this.#topAt, entry) ?? 0)
    const largest = entries.sort((a, b) => by(b) - by(a)).subarray(0, top)
    this.#host.count('dropped/top', entries.length - largest.length)
    return largest
  }

  #asTheyCame({ entries, sums, sumCount }: Table): Int32Array {
    const all = Int32Array.from({ length: entries }, (_, entry) => entry)
    const at = this.#orderAt
    if (at < 0) return all
    return all.sort((a, b) => (sums[a * sumCount + at] as number) - (sums[b * sumCount + at] as number))
  }

  #counters(table: Table, entry: number): { packets: number; bytes: number; flows: number } {
    const value = (at: number) => (at < 0 ? 0 : Number(table.sumValue(at, entry) ?? 0))
    const { packets, bytes, flows } = this.#counterAt
    return { packets: value(packets), bytes: value(bytes), flows: value(flows) }
  }

  #stamp(cell: Cell, order: Int32Array | undefined, from: number, count: number, binUs: number, nowUs: number): void {
    let at = this.#extraAt
    const next = () => (this.#columns[at++] as NumberColumn).numbers
    for (const counters of cell.distinct) {
      const numbers = next()
      for (let row = 0; row < count; row++) {
        const entry = order ? (order[from + row] as number) : from + row
        numbers[row] = counters[entry]?.count ?? 0
      }
    }
    if (this.#options.bin) next().fill(Number.isFinite(binUs) ? binUs : Number.NaN, 0, count)
    if (at < this.#columns.length)
      next().fill(nowUs > 0 ? Math.floor(nowUs / SECOND_US) * SECOND_US : Number.NaN, 0, count)
  }
}
