// Lets through each flow once where several exporters, or both directions of one, report it.
//
// A flow (its key) belongs to the observation point that reported it first. What other points report of it is a duplicate,
// until its owner has said nothing of it for a window of the record clock; then the next point that reports it is the owner.
// So exporters may have different timeouts and clocks, which comparing records with each other does not allow.
import type { Needs, Operator } from '../contract/component.ts'
import type { Host } from '../contract/host.ts'
import { reading } from '../contract/needs.ts'
import { type Batch, recordBatch, type Stream } from '../contract/record.ts'
import { subset } from '../fields/batch.ts'
import { type Column, isAbsent, type NumberColumn, ROWS, takeValue } from '../fields/column.ts'
import { fieldOf, fieldsOf } from '../fields/dictionary.ts'
import type { Field } from '../fields/field.ts'
import { picker } from '../fields/picker.ts'
import { KeyIndex } from './dedupe/key-index.ts'
import { NOBODY, Owners } from './dedupe/owners.ts'

export type Direction = 'ingress' | 'egress'

export interface DedupeOptions {
  /** Fields that say which flow a record is of. */
  readonly key: readonly string[]
  /** Fields that say who saw it where. */
  readonly point: readonly string[]
  /** How long an owner may be silent, ms of the record clock. */
  readonly windowMs: number
  /** Flows that are remembered: twice as many at most. */
  readonly maxFlows: number
  /** Exporters (peer_ip_src) that take a flow over from others, best first. */
  readonly prefer: readonly string[]
  /** Records seen in the other direction are left out before anything is compared. */
  readonly direction: Direction | undefined
  /** Duplicates go on, with `duplicate_of`, the point that owns the flow. */
  readonly mark: boolean
}

export const DEDUPE_DEFAULTS: DedupeOptions = {
  key: ['ip_src', 'ip_dst', 'ip_proto', 'port_src', 'port_dst'],
  point: ['peer_ip_src', 'sampling_direction'],
  windowMs: 120_000,
  maxFlows: 1_000_000,
  prefer: [],
  direction: undefined,
  mark: false,
}

/** Stream time between empty batches that go on where nothing passes, so that clocks downstream go on. */
const CLOCK_STEP_MS = 1000
const OTHER_DIRECTION = { ingress: 'e'.charCodeAt(0), egress: 'i'.charCodeAt(0) }
const COUNTERS = ['bytes', 'packets'] as const
/** Observation points that are told apart; beyond that all flows are forgotten, and counted as `restarts`. */
export const MAX_POINTS = 100_000

const names = (fields: readonly Field[]): string[] => fields.map(({ name }) => name)

/** Columns that are picked: of the key, of the point, then these. */
const FIXED = [...COUNTERS, 'timestamp_arrival', 'sampling_direction', 'peer_ip_src'].map(fieldOf)

function needs({ key, point }: DedupeOptions, wanted: Needs): Needs {
  return reading([...names(key.flatMap(fieldsOf)), ...names(point.flatMap(fieldsOf)), ...names(FIXED)], wanted)
}

/** What has nothing of the key is no flow, and goes on. */
function hasKey(keys: readonly Column[], row: number): boolean {
  return keys.some(column => !isAbsent(column, row))
}

class Dedupe {
  readonly #options: DedupeOptions
  readonly #host: Host
  readonly #pointFields: readonly Field[]
  readonly #keyColumns: number
  readonly #points: KeyIndex
  readonly #owners: Owners
  /** Of each point: its place among the preferred, and what it is called. */
  readonly #ranks: number[] = []
  readonly #texts: string[] = []
  readonly #duplicate = { bytes: 0, packets: 0 }
  readonly pick: ReturnType<typeof picker>
  kept = new Int32Array(ROWS)
  /** Of each row of the batch, when duplicates are marked: its owner, -1 = it is no duplicate. */
  ownerOf = new Int32Array(ROWS)

  constructor(options: DedupeOptions, host: Host) {
    const keyFields = options.key.flatMap(fieldsOf)
    this.#options = options
    this.#host = host
    this.#pointFields = options.point.flatMap(fieldsOf)
    this.#keyColumns = keyFields.length
    this.#points = new KeyIndex(this.#pointFields)
    this.#owners = new Owners(new KeyIndex(keyFields), new KeyIndex(keyFields), options)
    this.pick = picker([...keyFields, ...this.#pointFields, ...FIXED])
    host.watch(() => [
      { name: 'flows_remembered', value: this.#owners.size },
      ...COUNTERS.map(name => ({ name: `duplicate_${name}`, value: this.#duplicate[name] })),
    ])
  }

  /** Puts the rows that go on into `kept`; how many. */
  select(batch: Batch): number {
    const { columns, rows, count } = this.pick(batch)
    if (count > this.kept.length) {
      this.kept = new Int32Array(count)
      this.ownerOf = new Int32Array(count)
    }
    const keys = columns.slice(0, this.#keyColumns)
    const points = columns.slice(this.#keyColumns, this.#keyColumns + this.#pointFields.length)
    const [bytes, packets, arrival, direction, exporter] = columns.slice(-FIXED.length) as [
      NumberColumn,
      NumberColumn,
      NumberColumn,
      NumberColumn,
      Column,
    ]
    if (this.#points.size >= MAX_POINTS) this.#restart()
    const pointIds = this.#points.find(points, rows, count)
    this.#learnPoints(points, exporter, rows, count, pointIds)
    this.#owners.begin(keys, rows, count, batch.now)
    const wrong = this.#options.direction === undefined ? Number.NaN : OTHER_DIRECTION[this.#options.direction]
    let keeps = 0
    let turned = 0
    let duplicates = 0
    for (let index = 0; index < count; index++) {
      const row = rows[index] as number
      if (direction.numbers[row] === wrong) {
        turned++
        continue
      }
      // The record's own time: how batches are cut must not matter.
      const arrivalMs = (arrival.numbers[row] as number) / 1000
      const nowMs = Number.isFinite(arrivalMs) ? arrivalMs : batch.now
      const isFlow = hasKey(keys, row)
      const owner = isFlow ? this.#owners.claim(index, pointIds[index] as number, nowMs, this.#ranks) : NOBODY
      if (owner >= 0) {
        duplicates++
        this.#add('bytes', bytes, row)
        this.#add('packets', packets, row)
        if (!this.#options.mark) continue
      }
      this.ownerOf[keeps] = owner
      this.kept[keeps++] = row
    }
    if (turned > 0) this.#host.count('dropped/direction', turned)
    if (duplicates > 0) this.#host.count(this.#options.mark ? 'duplicates' : 'dropped/duplicate', duplicates)
    return keeps
  }

  #restart(): void {
    this.#points.clear()
    this.#owners.clear()
    this.#ranks.length = 0
    this.#texts.length = 0
    this.#host.count('restarts')
  }

  #add(name: (typeof COUNTERS)[number], { numbers }: NumberColumn, row: number): void {
    const value = numbers[row] as number
    if (Number.isFinite(value)) this.#duplicate[name] += value
  }

  /** Points have a place and a name from their first record on. */
  #learnPoints(
    columns: readonly Column[],
    exporter: Column,
    rows: Int32Array,
    count: number,
    pointIds: Int32Array,
  ): void {
    if (this.#points.size === this.#ranks.length) return
    const { prefer } = this.#options
    for (let index = 0; index < count; index++) {
      const point = pointIds[index] as number
      if (this.#ranks[point] !== undefined) continue
      const row = rows[index] as number
      const place = prefer.indexOf(String(takeValue(fieldOf('peer_ip_src'), exporter, row)))
      this.#ranks[point] = place < 0 ? prefer.length : place
      const values = this.#pointFields.map((field, at) => takeValue(field, columns[at] as Column, row))
      this.#texts[point] = values.filter(value => value !== undefined).join(' ')
    }
  }

  /** The kept rows with `duplicate_of` where they are. */
  marked(batch: Batch, count: number): Batch {
    const { records } = subset(batch, this.kept, count)
    return recordBatch(
      records.map((record, index) => {
        const owner = this.ownerOf[index] as number
        return owner < 0 ? record : { ...record, duplicate_of: this.#texts[owner] ?? '' }
      }),
      batch.now,
    )
  }
}

/** Counts `dropped/duplicate` and `dropped/direction`. Lines that pass keep their octets. */
export async function* dedupe(input: Stream, options: DedupeOptions, host: Host): Stream {
  const work = new Dedupe(options, host)
  let clockMs = 0
  for await (const batch of input) {
    const count = work.select(batch)
    if (count > 0) {
      if (options.mark) yield work.marked(batch, count)
      else yield count === batch.count ? batch : subset(batch, work.kept, count)
    } else if (batch.now - clockMs >= CLOCK_STEP_MS) {
      clockMs = batch.now
      yield recordBatch([], clockMs)
    }
  }
}

export const dedupeOperator: Operator<DedupeOptions> = { needs, apply: dedupe }
