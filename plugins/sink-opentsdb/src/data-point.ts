// Points as OpenTSDB's data points: one a value, with a metric, a time, a number and at least one tag.
import {
  type DeliveryBatch,
  isNumeric,
  type Point,
  type Rejected,
  rejectedRecords,
  SeriesPoints,
  Slots,
  type TagStyle,
} from 'netally'
import type { OpentsdbOptions } from './options.ts'

/** What a name or a tag may have; the protocol has no way to write other letters. */
const STRANGE = /[^\p{L}\p{N}\-_./]/gu
const GREATEST = 2n ** 63n - 1n
const LEAST = -(2n ** 63n)
/** A data point needs a tag. */
const ONLY_TAG = ' source=netally'

export const allowed = (text: string): string => text.replace(STRANGE, '_')

/** Pieces as telnet has them: ` name=text`. */
export const OPENTSDB_TAGS: TagStyle = {
  name: allowed,
  piece: (name, text) => ` ${name}=${allowed(text)}`,
}

export interface DataPoint {
  readonly metric: string
  readonly time: string
  /** A decimal number. */
  readonly value: string
  /** As telnet has them. */
  readonly tags: string
  readonly point: Point
}

export interface Prepared {
  readonly dataPoints: readonly DataPoint[]
  readonly rejected: readonly Rejected[]
}

/** The number's text, or why there is none. */
function numberText(value: Point['values'][number]): string | { readonly reason: string } {
  if (!isNumeric(value)) return { reason: `no number: ${String(value)}` }
  if (typeof value === 'bigint') {
    return value <= GREATEST && value >= LEAST
      ? String(value)
      : { reason: `does not fit a number of 64 bits: ${value}` }
  }
  return Number.isFinite(value) ? String(value) : { reason: 'no finite number' }
}

const tagCount = (tags: string): number => tags.split(' ').length - 1

export class DataPoints {
  readonly #points: SeriesPoints
  readonly #slots: Slots
  readonly #options: OpentsdbOptions
  readonly #metrics = new Map<string, string>()

  constructor(options: OpentsdbOptions) {
    this.#options = options
    this.#points = new SeriesPoints(options.series, OPENTSDB_TAGS)
    this.#slots = new Slots(options.precision)
  }

  #metric(name: string): string {
    let metric = this.#metrics.get(name)
    if (metric === undefined) {
      const [before, after] = this.#options.metric
      metric = before + allowed(name) + after
      this.#metrics.set(name, metric)
    }
    return metric
  }

  of(batch: DeliveryBatch): Prepared {
    const { points, rejected } = this.#points.of(batch)
    const timeText = this.#slots.of(batch.id)
    const dataPoints: DataPoint[] = []
    const refused: { point: Point; reason: string }[] = []
    for (const point of points) {
      const made = this.#ofPoint(point, timeText(point.timeUs, point.occurrence))
      if ('reason' in made) refused.push({ point, reason: made.reason })
      else dataPoints.push(...made)
    }
    return { dataPoints, rejected: [...rejected, ...rejectedRecords(refused)] }
  }

  /** All of a record or nothing of it. */
  #ofPoint(point: Point, time: string): DataPoint[] | { readonly reason: string } {
    const tags = point.tags === '' ? ONLY_TAG : point.tags
    const count = tagCount(tags)
    if (count > this.#options.mostTags) {
      return { reason: `${count} tags, and OpenTSDB takes ${this.#options.mostTags}: name some with --tags` }
    }
    const made: DataPoint[] = []
    const about = this.#points.values
    for (let place = 0; place < point.values.length; place++) {
      const value = point.values[place]
      if (value === undefined || value === null) continue
      const name = about[place]?.name ?? ''
      const text = numberText(value)
      if (typeof text !== 'string') return { reason: `${name}: ${text.reason}` }
      made.push({ metric: this.#metric(name), time, value: text, tags, point })
    }
    return made
  }
}
