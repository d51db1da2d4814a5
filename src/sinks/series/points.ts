// The records of a delivery as points: those of one series and time are merged, so that none replaces another.
import type { DeliveryBatch, Rejected } from '../../contract/backend.ts'
import type { Batch, Value } from '../../contract/record.ts'
import { type Column, takeValue } from '../../fields/column.ts'
import type { Picked } from '../../fields/picker.ts'
import { SeriesLayout, type SeriesValue } from './layout.ts'
import { merged } from './merge.ts'
import type { SeriesOptions, TagStyle } from './options.ts'

export interface Point {
  /** Pieces of the tags, in the order of their names. */
  readonly tags: string
  /** Unix microseconds. */
  readonly timeUs: number
  /** How many points of this series and time came before it in the delivery; 0 where values can be merged. */
  readonly occurrence: number
  /** In the order of SeriesPoints.values; undefined or missing = absent. */
  readonly values: (Value | undefined)[]
  /** Place of its records in the delivery. */
  readonly records: number[]
}

export interface DeliveredPoints {
  /** In the order in which the first record of each came. */
  readonly points: readonly Point[]
  readonly rejected: readonly Rejected[]
}

const NO_VALUE = 'it has no value: none of its fields is a counter, or one of --values'

/** Unix microseconds of a row: the first time that there is. */
function timeOf(columns: readonly Column[], count: number, row: number, fallbackUs: number): number {
  for (let index = 0; index < count; index++) {
    const column = columns[index] as Column
    const time =
      column.lane === 'number'
        ? (column.numbers[row] as number)
        : Number(column.lane === 'value' && column.values[row]) * 1e6
    if (Number.isFinite(time) && time > 0) return Math.round(time)
  }
  return fallbackUs
}

function valueAt({ field }: SeriesValue, column: Column, row: number): Value | undefined {
  if (column.lane === 'number' && (field.type.name === 'counter' || field.type.name === 'unsigned')) {
    const number = column.numbers[row] as number
    if (Number.isFinite(number)) return number
  }
  return takeValue(field, column, row)
}

/** Points of one delivery, found again by series and time. */
class Gathering {
  readonly points: Point[] = []
  readonly rejected: Rejected[] = []
  readonly #byKey = new Map<string, Point>()
  readonly #layout: SeriesLayout

  constructor(layout: SeriesLayout) {
    this.#layout = layout
  }

  add(tags: string, timeUs: number, values: (Value | undefined)[], index: number): void {
    if (values.every(value => value === undefined)) {
      this.rejected.push({ index, reason: NO_VALUE })
      return
    }
    const key = `${timeUs} ${tags}`
    const known = this.#byKey.get(key)
    if (known && this.#layout.merges) {
      this.#layout.values.forEach(({ role }, place) => {
        known.values[place] = merged(role, known.values[place], values[place])
      })
      known.records.push(index)
      return
    }
    const point = { tags, timeUs, occurrence: known ? known.occurrence + 1 : 0, values, records: [index] }
    this.#byKey.set(key, point)
    this.points.push(point)
  }
}

export class SeriesPoints {
  readonly #options: SeriesOptions
  readonly #layout: SeriesLayout
  readonly #texts: string[] = []

  constructor(options: SeriesOptions, style: TagStyle) {
    this.#options = options
    this.#layout = new SeriesLayout(options, style)
  }

  /** Values that came so far, or that are named. */
  get values(): readonly SeriesValue[] {
    return this.#layout.values
  }

  of(delivery: DeliveryBatch): DeliveredPoints {
    const gathering = new Gathering(this.#layout)
    let base = 0
    for (const batch of delivery.batches()) base += this.#take(batch, base, delivery.takenMs * 1000, gathering)
    return gathering
  }

  /** Adds the records of a batch, the first of which is number `base`; how many they are. */
  #take(batch: Batch, base: number, fallbackUs: number, gathering: Gathering): number {
    const layout = this.#layout
    if (!layout.isNamed) layout.learn(batch.records)
    const picked = layout.pick(batch)
    const { rows, count, columns } = picked
    const texts = this.#tagTexts(picked)
    const times = this.#options.times.length
    const { values } = layout
    for (let index = 0; index < count; index++) {
      const row = rows[index] as number
      const own = values.map((value, place) => valueAt(value, columns[times + place] as Column, row))
      gathering.add(texts[index] as string, timeOf(columns, times, row, fallbackUs), own, base + row)
    }
    return count
  }

  #tagTexts({ rows, count, columns }: Picked): readonly string[] {
    const texts = this.#texts
    for (let index = 0; index < count; index++) texts[index] = ''
    for (const tag of this.#layout.tags) tag.append(texts, rows, count, columns)
    return texts
  }
}

/** What became of points, as records. */
export const rejectedRecords = (refused: Iterable<{ readonly point: Point; readonly reason: string }>): Rejected[] =>
  [...refused].flatMap(({ point, reason }) => point.records.map(index => ({ index, reason })))
