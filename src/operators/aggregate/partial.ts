// The aggregation of a part of the records: sums by stretch of the clock (intervals.ts) and bin, never written but handed on.
import type { Needs } from '../../contract/component.ts'
import type { Host } from '../../contract/host.ts'
import { type Batch, RECORDS_PER_BATCH } from '../../contract/record.ts'
import { type Column, makeColumn, type NumberColumn } from '../../fields/column.ts'
import type { Field } from '../../fields/field.ts'
import type { Picked, Picker } from '../../fields/picker.ts'
import { datagramNumber } from '../../wire/flow/datagram-number.ts'
import { NO_BIN } from './accumulator.ts'
import { aggregateNeeds, entriesOf, timed, timeFields } from './aggregate.ts'
import { type Bins, makeBins } from './bins.ts'
import { Buckets } from './buckets.ts'
import { Cell } from './cell.ts'
import { emitColumns, emitRows } from './emit.ts'
import { intervals, type SameInterval } from './intervals.ts'
import { compileKernel, type Kernel, kernelFields } from './kernel.ts'
import type { AggregateOptions } from './options.ts'
import { type PartialGroup, PLACE, PLACES_PER_DATAGRAM, partOptions } from './partial-group.ts'
import { arrivalOf, startOf, type Times } from './times.ts'

/** Sums of older records than the clock, each with its place; more than this are handed on. */
const OLD_GROUPS = 256

interface Part {
  readonly binUs: number
  readonly cell: Cell
  readonly isOld: boolean
  arrivalUs: number
  records: number
}

export class PartialSums {
  readonly #options: AggregateOptions
  readonly #host: Host
  readonly #kernel: Kernel
  readonly #same: SameInterval
  readonly #pick: Picker
  readonly #entries: (picked: Picked) => Iterable<Picked>
  readonly #fields: readonly Field[]
  readonly #placeAt: number
  readonly #place = makeColumn(PLACE) as NumberColumn
  readonly #buckets: Buckets | undefined
  readonly #bins: Bins | undefined
  readonly #timed: boolean
  readonly #columns: Column[]
  #current = new Map<number, Part>()
  #old: (Part & { readonly datagram: number })[] = []
  /** Where this stretch of the clock began, and the last mark. */
  #sinceUs = 0
  #markUs = 0
  #datagram = -1
  #inDatagram = 0
  entries = 0

  constructor(asked: AggregateOptions, host: Host) {
    const options = partOptions(asked)
    const { keys, sums, distinct, lists } = options
    this.#options = options
    this.#host = host
    this.#kernel = compileKernel(keys, sums)
    this.#same = intervals(options)
    this.#timed = timed(options)
    const kernel = kernelFields(keys, sums)
    this.#placeAt = kernel.indexOf(PLACE)
    this.#fields = [...kernel, ...distinct.map(({ field }) => field)]
    const picked = this.#fields.map(field => (field === PLACE ? datagramNumber : field))
    const { pick, entries } = entriesOf([...picked, ...timeFields(options)], options, host)
    this.#pick = pick
    this.#entries = entries
    this.#buckets = lists?.length ? new Buckets(lists, keys, host) : undefined
    this.#bins = options.bin && (makeBins(options.bin, 0) as Bins)
    this.#columns = emitColumns(keys, sums, [])
    host.watch(() => [{ name: 'aggregate_keys', value: this.entries }])
  }

  /** Reads lists again that changed; between batches. */
  async refresh(): Promise<void> {
    await this.#buckets?.refresh()
  }

  add(batch: Batch): void {
    for (const picked of this.#entries(this.#pick(batch))) this.#add(picked)
  }

  #add(picked: Picked): void {
    const { rows, count } = picked
    const columns = [...(this.#buckets ? this.#buckets.apply(picked) : picked.columns)]
    this.#setPlaces(columns[this.#placeAt] as NumberColumn, rows, count)
    columns[this.#placeAt] = this.#place
    if (this.#timed) this.#addTimed(columns, rows, count, columns.slice(this.#fields.length) as NumberColumn[])
    else this.#addTo(this.#part(NO_BIN, 0), columns, rows, 0, count)
  }

  #setPlaces({ numbers }: NumberColumn, rows: Int32Array, count: number): void {
    const places = this.#place.numbers
    for (let index = 0; index < count; index++) {
      const row = rows[index] as number
      const datagram = numbers[row] as number
      if (datagram !== this.#datagram) {
        this.#datagram = datagram
        this.#inDatagram = 0
      }
      places[row] = datagram * PLACES_PER_DATAGRAM + this.#inDatagram++
    }
  }

  #addTimed(columns: readonly Column[], rows: Int32Array, count: number, times: Times): void {
    let run: Part | undefined
    let from = 0
    for (let index = 0; index < count; index++) {
      const row = rows[index] as number
      const arrivalUs = arrivalOf(times, row)
      const part = this.#partOf(this.#binOf(times, row), arrivalUs, row)
      if (part !== run) {
        if (run) this.#addTo(run, columns, rows, from, index)
        run = part
        from = index
      }
      if (arrivalUs > part.arrivalUs) part.arrivalUs = arrivalUs
    }
    if (run) this.#addTo(run, columns, rows, from, count)
  }

  #binOf(times: Times, row: number): number {
    if (!this.#bins) return NO_BIN
    const startUs = startOf(times, row, this.#options.binTime, 0)
    return startUs > 0 ? this.#bins.start(startUs) : NO_BIN
  }

  /** Records from before this stretch of the clock are kept apart until one from within came: who else had one is not known here. */
  #partOf(binUs: number, arrivalUs: number, row: number): Part {
    if (arrivalUs >= this.#sinceUs || this.#current.size > 0) return this.#part(binUs, arrivalUs)
    const datagram = Math.floor((this.#place.numbers[row] as number) / PLACES_PER_DATAGRAM)
    const last = this.#old.at(-1)
    if (last && last.binUs === binUs && last.datagram === datagram) return last
    const part = { binUs, cell: new Cell(this.#options), isOld: true, arrivalUs, records: 0, datagram }
    this.#old.push(part)
    return part
  }

  #part(binUs: number, arrivalUs: number): Part {
    let part = this.#current.get(binUs)
    if (!part) {
      part = { binUs, cell: new Cell(this.#options), isOld: false, arrivalUs, records: 0 }
      this.#current.set(binUs, part)
    }
    return part
  }

  #addTo(part: Part, columns: readonly Column[], rows: Int32Array, from: number, to: number): void {
    const made = part.cell.add(this.#kernel, columns, rows, from, to)
    part.records += to - from
    this.entries += made
    this.#host.count('held', made)
    this.#host.count('merged', to - from - made)
  }

  /** True when the sums so far must be handed on, because others have to be merged with them first or there are too many. */
  isDue(limit: number): boolean {
    return this.entries > limit || this.#old.length > OLD_GROUPS
  }

  /** The clock came to a mark; true when a stretch ends there: then `handOn` must be called before more is added. */
  mark(markUs: number): boolean {
    const isEnd = !this.#same(this.#markUs, markUs)
    this.#markUs = markUs
    if (isEnd) this.#sinceUs = markUs
    return isEnd
  }

  /** All sums so far; they are the receiver's from here on. */
  *handOn(): Generator<PartialGroup> {
    const parts = [...this.#old, ...this.#current.values()]
    this.#old = []
    this.#current = new Map()
    this.entries = 0
    for (const part of parts) {
      const { table } = part.cell
      for (let from = 0; from < table.entries; from += RECORDS_PER_BATCH) {
        yield this.#group(part, from, Math.min(RECORDS_PER_BATCH, table.entries - from))
      }
      this.#host.count('held', -table.entries)
    }
  }

  #group({ binUs, cell, isOld, arrivalUs, records }: Part, from: number, count: number): PartialGroup {
    const { table, distinct } = cell
    emitRows(table, this.#columns, undefined, from, count, new Uint8Array(table.keyFields))
    const columns = this.#columns.map(column => firstRows(column, count))
    // Keys stand in the order in which they came.
    const place = (columns.at(-1) as NumberColumn).numbers[0] as number
    return {
      binUs,
      arrivalUs,
      isOld,
      place,
      records: from === 0 ? records - (table.entries - count) : count,
      columns,
      count,
      distinct: distinct.map(counters => Array.from({ length: count }, (_, row) => counters[from + row]?.state)),
    }
  }
}

/** What the aggregation of a part reads: what the whole reads, and where records stood. */
export function partialNeeds(options: AggregateOptions): Needs {
  const { fields } = aggregateNeeds(options)
  return { fields: [...fields, datagramNumber.name], rest: false }
}

/** A copy of the first rows. */
function firstRows(column: Column, count: number): Column {
  switch (column.lane) {
    case 'number':
      return { lane: 'number', numbers: column.numbers.slice(0, count), other: new Map(column.other) }
    case 'address':
      return {
        lane: 'address',
        words: column.words.slice(0, 4 * count),
        family: column.family.slice(0, count),
        other: new Map(column.other),
      }
    case 'value':
      return { lane: 'value', values: column.values.slice(0, count) }
  }
}
