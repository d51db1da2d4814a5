// Lets through the N records with the greatest values of a field: of all, of each group, of each interval.
import type { Needs, Operator } from '../contract/component.ts'
import type { Host } from '../contract/host.ts'
import { reading } from '../contract/needs.ts'
import { type Batch, type NetRecord, RECORDS_PER_BATCH, recordBatch, type Stream } from '../contract/record.ts'
import { subset } from '../fields/batch.ts'
import { CLOCK_FIELDS, clockUs } from '../fields/clock.ts'
import { type Column, type NumberColumn, takeValue } from '../fields/column.ts'
import { fieldOf, fieldsOf } from '../fields/dictionary.ts'
import type { Field } from '../fields/field.ts'
import { picker } from '../fields/picker.ts'
import { jsonText } from '../stream/json.ts'
import { TopHeap } from './heap.ts'

export interface TopOptions {
  readonly by: string
  readonly count: number
  /** The top of each different value of these. */
  readonly per: readonly string[]
  /** Length of an interval on the record clock, seconds; 0 = one emission at the end. */
  readonly everySeconds: number
  /** The records with the least values instead. */
  readonly least: boolean
}

export const TOP_DEFAULTS: TopOptions = { by: 'bytes', count: 10, per: [], everySeconds: 0, least: false }

/** Groups held; records of more are dropped and counted. */
export const GROUPS = 100_000
/** Bins come together: after so long on the clock without more records, one is complete. */
const COMPLETE_MS = 5000
const SECOND_US = 1_000_000

const TIME_FIELDS = [fieldOf('stamp_inserted'), ...CLOCK_FIELDS]
const NO_INTERVAL = Number.NEGATIVE_INFINITY

/** In which interval records are, by their bin, else by the newest time so far. */
class Intervals {
  clockUs = 0
  /** Whether the last record had a bin. */
  stamped = false
  readonly #everyUs: number

  constructor(everySeconds: number) {
    this.#everyUs = everySeconds * SECOND_US
  }

  of(columns: readonly Column[], row: number, batch: Batch): number {
    if (this.#everyUs === 0) return 0
    const stampUs = (columns[0] as NumberColumn).numbers[row] as number
    const timeUs = clockUs(columns, 1, row)
    this.clockUs = Math.max(this.clockUs, Number.isFinite(timeUs) ? timeUs : batch.now * 1000)
    this.stamped = Number.isFinite(stampUs)
    return this.start(this.stamped ? stampUs : this.clockUs)
  }

  start(us: number): number {
    return Math.floor(us / this.#everyUs) * this.#everyUs
  }

  /** Whether the interval that began at `openUs` is over when the clock says `nowUs` and nothing comes. */
  isOver(openUs: number, nowUs: number): boolean {
    if (this.#everyUs === 0 || openUs === NO_INTERVAL) return false
    return this.stamped ? nowUs - this.clockUs >= COMPLETE_MS * 1000 : this.start(nowUs) > openUs
  }
}

class Top {
  readonly #options: TopOptions
  readonly #host: Host
  readonly #groups = new Map<string, TopHeap<NetRecord>>()
  #order = 0

  constructor(options: TopOptions, host: Host) {
    this.#options = options
    this.#host = host
  }

  offer(rank: number | bigint, group: string, record: () => NetRecord): void {
    const heap = this.#groups.get(group) ?? this.#newGroup(group)
    if (!heap) this.#host.count('dropped/too-many-groups')
    else if (!heap.admits(rank)) this.#host.count('dropped/top')
    else {
      const isMore = heap.add({ rank, order: this.#order++, item: record() })
      this.#host.count(isMore ? 'held' : 'dropped/top')
    }
  }

  #newGroup(group: string): TopHeap<NetRecord> | undefined {
    if (this.#groups.size >= GROUPS) return undefined
    const heap = new TopHeap<NetRecord>(this.#options.count)
    this.#groups.set(group, heap)
    return heap
  }

  /** Groups in the order in which they came, the greatest record of each first. */
  *emit(now: number): Generator<Batch> {
    const records = [...this.#groups.values()].flatMap(heap => heap.sorted())
    this.#groups.clear()
    if (records.length > 0) this.#host.count('held', -records.length)
    for (let from = 0; from < records.length; from += RECORDS_PER_BATCH) {
      yield recordBatch(records.slice(from, from + RECORDS_PER_BATCH), now)
    }
  }
}

/** The number to go by, greater is better; undefined when the record has none. */
function rankOf(field: Field, column: Column, row: number, least: boolean): number | bigint | undefined {
  const value = takeValue(field, column, row)
  if (typeof value !== 'number' && typeof value !== 'bigint') return undefined
  return least ? -value : value
}

function needs({ by, per }: TopOptions, wanted: Needs): Needs {
  const fields = [fieldOf(by), ...per.flatMap(fieldsOf), ...TIME_FIELDS]
  return reading(
    fields.map(({ name }) => name),
    wanted,
  )
}

/** Counts `held`, `dropped/top`, `dropped/without-value`, `dropped/too-many-groups`. */
export async function* top(input: Stream, options: TopOptions, host: Host): Stream {
  const by = fieldOf(options.by)
  const per = options.per.flatMap(fieldsOf)
  const fields = [...TIME_FIELDS, by, ...per]
  const pick = picker(fields)
  const intervals = new Intervals(options.everySeconds)
  const state = new Top(options, host)
  let openUs = NO_INTERVAL
  let now = 0
  for await (const batch of input) {
    now = Math.max(now, batch.now)
    if (batch.count === 0 && intervals.isOver(openUs, now * 1000)) {
      yield* state.emit(now)
      openUs = NO_INTERVAL
    }
    const { columns, rows, count } = pick(batch)
    for (let index = 0; index < count; index++) {
      const row = rows[index] as number
      const startUs = intervals.of(columns, row, batch)
      if (startUs > openUs) {
        if (openUs !== NO_INTERVAL) yield* state.emit(now)
        openUs = startUs
      }
      const rank = rankOf(by, columns[TIME_FIELDS.length] as Column, row, options.least)
      if (rank === undefined) host.count('dropped/without-value')
      else state.offer(rank, groupOf(per, columns, row), () => recordAt(batch, row))
    }
  }
  yield* state.emit(now)
}

function groupOf(per: readonly Field[], columns: readonly Column[], row: number): string {
  const first = TIME_FIELDS.length + 1
  return per.map((field, index) => jsonText(takeValue(field, columns[first + index] as Column, row) ?? null)).join(' ')
}

function recordAt(batch: Batch, row: number): NetRecord {
  return subset(batch, Int32Array.of(row), 1).records[0] as NetRecord
}

export const topOperator: Operator<TopOptions> = { needs, apply: top }
