// The state of one aggregation: a table a bin, the clock, and what is due.
import type { Host } from '../../contract/host.ts'
import { isProblem, type Problem, ProblemError } from '../../contract/problem.ts'
import type { Batch } from '../../contract/record.ts'
import { EVERY_ROW } from '../../fields/batch.ts'
import type { Column } from '../../fields/column.ts'
import type { Field } from '../../fields/field.ts'
import { type Bins, makeBins } from './bins.ts'
import { Cell } from './cell.ts'
import { Emitter } from './emitter.ts'
import { compileKernel, type Kernel, kernelFields } from './kernel.ts'
import type { AggregateOptions } from './options.ts'
import type { PartialGroup } from './partial-group.ts'
import { parts } from './spread.ts'
import { SpreadRows } from './spread-rows.ts'
import { arrivalOf, firstTime, startOf, type Times } from './times.ts'

const SECOND_US = 1_000_000
/** The bin of records that have no time and no clock, and of all records without --bin. */
export const NO_BIN = Number.NEGATIVE_INFINITY

export class Accumulator {
  /** What add() wants picked, before the time columns. */
  readonly fields: readonly Field[]
  readonly #options: AggregateOptions
  readonly #host: Host
  readonly #kernel: Kernel
  readonly #emitter: Emitter
  readonly #cells = new Map<number, Cell>()
  readonly #spare: Cell[] = []
  readonly #spreadRows: SpreadRows | undefined
  #bins: Bins | undefined
  #clockUs = 0
  /** Newest receive time of a record: what the last sums are stamped with, heartbeats or not. */
  #newestUs = 0
  /** When something is to be emitted next. */
  #dueUs = Number.POSITIVE_INFINITY
  #refreshUs = Number.POSITIVE_INFINITY
  #entries = 0
  /** Bins before this were written: what comes for them is late. */
  #writtenUs = NO_BIN

  constructor(options: AggregateOptions, host: Host) {
    this.#options = options
    this.#host = host
    this.#kernel = compileKernel(options.keys, options.sums)
    this.fields = [...kernelFields(options.keys, options.sums), ...options.distinct.map(({ field }) => field)]
    this.#emitter = new Emitter(options, host)
    if (options.spread) this.#spreadRows = new SpreadRows(this.fields, options)
    host.watch(() => [{ name: 'aggregate_keys', value: this.#entries }])
  }

  #cell(binUs: number): Cell {
    let cell = this.#cells.get(binUs)
    if (!cell) {
      cell = this.#spare.pop() ?? new Cell(this.#options)
      this.#cells.set(binUs, cell)
      if (this.#bins && binUs !== NO_BIN && this.#options.refreshSeconds === undefined) {
        this.#dueUs = Math.min(this.#dueUs, this.#closesUs(binUs, this.#bins))
      }
    }
    return cell
  }

  /** When a bin is written; a late one with the bin of the clock. */
  #closesUs(binUs: number, bins: Bins): number {
    const graceUs = this.#options.graceSeconds * SECOND_US
    const closesUs = bins.next(binUs) + graceUs
    return closesUs > this.#clockUs ? closesUs : bins.next(bins.start(this.#clockUs)) + graceUs
  }

  /** Adds rows to a bin; when the table is full of keys, everything is written early. */
  *#add(
    binUs: number,
    columns: readonly Column[],
    rows: Int32Array,
    from: number,
    to: number,
    distinct?: PartialGroup['distinct'],
  ): Generator<Batch> {
    if (this.#entries + (to - from) > this.#options.maxKeys && this.#entries > 0) {
      this.#host.count('flushed-early', this.#entries)
      this.#host.report({
        note: true,
        code: 'aggregate/too-many-keys',
        message: `more than ${this.#options.maxKeys} keys: the sums so far are written now`,
        hint: 'fewer key fields, a shorter --bin, or a larger --max-keys; sinks that upsert still end with the right sums',
      })
      yield* this.#flushAll()
    }
    const made = this.#cell(binUs).add(this.#kernel, columns, rows, from, to, distinct)
    this.#entries += made
    this.#host.count('held', made)
    this.#host.count('merged', to - from - made)
  }

  /** Rows of a stream without bins or refresh. */
  *addAll(columns: readonly Column[], rows: Int32Array, count: number): Generator<Batch> {
    yield* this.#add(NO_BIN, columns, rows, 0, count)
  }

  /** Rows with their times: arrival, stamp_updated, timestamp[, start, end]. Runs of rows of one bin are added together. */
  *addTimed(columns: readonly Column[], rows: Int32Array, count: number, times: Times): Generator<Batch> {
    let runBin = NO_BIN
    let runFrom = 0
    for (let index = 0; index < count; index++) {
      const row = rows[index] as number
      const arrivalUs = arrivalOf(times, row)
      if (arrivalUs > this.#clockUs) {
        if (this.#clockUs === 0) this.#start(arrivalUs)
        if (arrivalUs >= this.#dueUs) {
          if (index > runFrom) yield* this.#add(runBin, columns, rows, runFrom, index)
          runFrom = index
          yield* this.advance(arrivalUs)
        }
        this.#clockUs = arrivalUs
      }
      if (arrivalUs > this.#newestUs) this.#newestUs = arrivalUs
      const startUs = startOf(times, row, this.#options.binTime, this.#clockUs)
      const binUs = this.#binOf(startUs, times, row)
      const late = binUs < this.#writtenUs && this.#options.refreshSeconds === undefined && binUs !== NO_BIN
      const shares =
        this.#spreadRows && this.#bins ? parts(this.#bins, startUs, times[4]?.numbers[row] as number) : undefined
      if (binUs !== runBin || late || shares) {
        if (index > runFrom) yield* this.#add(runBin, columns, rows, runFrom, index)
        runFrom = index
        runBin = binUs
        // A bin is due from its first record on, not from when the run of its records is added.
        if (!shares && !(late && this.#options.late === 'drop')) this.#cell(binUs)
      }
      if (late && !this.#takeLate()) runFrom = index + 1
      else if (shares) {
        const spread = this.#spreadRows as SpreadRows
        for (const part of shares) yield* this.#add(part.startUs, spread.row(columns, row, part), spread.rows, 0, 1)
        this.#host.count('spread')
        // One record came in; the parts beyond the first were made here.
        this.#host.count('created', shares.length - 1)
        runFrom = index + 1
      }
    }
    if (count > runFrom) yield* this.#add(runBin, columns, rows, runFrom, count)
  }

  /** Sums of records that another aggregation made; its options' sums are those of what was summed. */
  *addGroup(group: PartialGroup): Generator<Batch> {
    const { arrivalUs, binUs, count, records } = group
    if (arrivalUs > this.#clockUs) {
      if (this.#clockUs === 0) this.#start(arrivalUs)
      if (arrivalUs >= this.#dueUs) yield* this.advance(arrivalUs)
      this.#clockUs = arrivalUs
    }
    if (arrivalUs > this.#newestUs) this.#newestUs = arrivalUs
    if (binUs !== NO_BIN && !this.#bins) this.#makeBins(binUs)
    const late = binUs < this.#writtenUs && this.#options.refreshSeconds === undefined && binUs !== NO_BIN
    if (late && !this.#takeLate(records)) {
      // Its records were merged into these sums; now they are dropped.
      this.#host.count('merged', count - records)
      return
    }
    yield* this.#add(binUs, group.columns, EVERY_ROW, 0, count, group.distinct)
  }

  /** False when late records are to be left out. */
  #takeLate(records = 1): boolean {
    this.#host.count('late', records)
    if (this.#options.late === 'add') return true
    this.#host.count('dropped/late', records)
    return false
  }

  #binOf(startUs: number, times: Times, row: number): number {
    if (!this.#options.bin) return NO_BIN
    const timeUs = startUs > 0 ? startUs : firstTime(times[0]?.numbers[row], times[2]?.numbers[row])
    if (timeUs <= 0) return NO_BIN
    if (!this.#bins) this.#makeBins(timeUs)
    return (this.#bins as Bins).start(timeUs)
  }

  #makeBins(firstUs: number): void {
    const bins = makeBins(this.#options.bin as NonNullable<AggregateOptions['bin']>, firstUs)
    if (isProblem(bins)) throw new ProblemError(bins)
    this.#bins = bins
  }

  /** The first receive time starts the refresh interval, at a whole multiple of it. */
  #start(nowUs: number): void {
    const { refreshSeconds } = this.#options
    if (refreshSeconds === undefined) return
    const everyUs = refreshSeconds * SECOND_US
    this.#refreshUs = (Math.floor(nowUs / everyUs) + 1) * everyUs
    this.#dueUs = this.#refreshUs
  }

  /** Emits all that is due at a time of the clock. */
  *advance(nowUs: number): Generator<Batch> {
    while (nowUs >= this.#dueUs) {
      const dueUs = this.#dueUs
      if (this.#options.refreshSeconds !== undefined) {
        yield* this.#flushAll(dueUs)
        // A long silence is one refresh, not many empty ones.
        const everyUs = this.#options.refreshSeconds * SECOND_US
        this.#dueUs = (Math.floor(nowUs / everyUs) + 1) * everyUs
      } else yield* this.#flushDue(dueUs)
    }
    if (nowUs > this.#clockUs) this.#clockUs = nowUs
  }

  /** Writes the bins that end at or before a due time. */
  *#flushDue(dueUs: number): Generator<Batch> {
    const bins = this.#bins as Bins
    const graceUs = this.#options.graceSeconds * SECOND_US
    const due = [...this.#cells.keys()].filter(binUs => binUs !== NO_BIN && bins.next(binUs) + graceUs <= dueUs)
    yield* this.#flush(due, dueUs)
    this.#writtenUs = Math.max(this.#writtenUs, bins.start(dueUs - graceUs))
    this.#dueUs = Number.POSITIVE_INFINITY
    for (const binUs of this.#cells.keys()) {
      if (binUs !== NO_BIN) this.#dueUs = Math.min(this.#dueUs, bins.next(binUs) + graceUs)
    }
  }

  *#flush(binsUs: number[], nowUs: number): Generator<Batch> {
    const cells = binsUs.sort((a, b) => a - b).map(binUs => ({ binUs, cell: this.#cells.get(binUs) as Cell }))
    yield* this.#emitter.emit(cells, nowUs)
    for (const { binUs, cell } of cells) {
      this.#cells.delete(binUs)
      this.#entries -= cell.table.entries
      this.#host.count('held', -cell.table.entries)
      cell.clear()
      if (this.#spare.length < 2) this.#spare.push(cell)
    }
  }

  *#flushAll(nowUs = this.#clockUs): Generator<Batch> {
    yield* this.#flush([...this.#cells.keys()], nowUs)
  }

  *finish(): Generator<Batch> {
    const any = this.#entries > 0
    yield* this.#flushAll(this.#newestUs)
    if (any) for (const name of this.#emitter.neverSeen()) this.#host.report(neverSeen(name))
  }
}

const neverSeen = (name: string): Problem => ({
  note: true,
  code: 'aggregate/unknown-key',
  message: `no record had the key field "${name}"`,
  hint: '`netally fields` lists the names of fields, `netally describe` those that your records have',
})
