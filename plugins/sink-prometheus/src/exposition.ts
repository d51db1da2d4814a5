// Sums of a stream by labels, as Prometheus scrapes them: counters that only grow, in a bounded number of series.
import {
  type DeliveryBatch,
  isNumeric,
  type Point,
  type Rejected,
  rejectedRecords,
  SeriesPoints,
  type SeriesValue,
  sum,
} from 'netally'
import { metricName, TEXT_LABELS } from './names.ts'
import type { PrometheusOptions } from './options.ts'

/** What is beyond the limit of series is here. */
const OTHER = ',other="true"'
const SWEEP_MS = 1000

interface Sums {
  readonly values: (number | bigint | undefined)[]
  seenMs: number
}

export type TextForm = 'text' | 'openmetrics'

export const CONTENT_TYPES: { readonly [form in TextForm]: string } = {
  text: 'text/plain; version=0.0.4; charset=utf-8',
  openmetrics: 'application/openmetrics-text; version=1.0.0; charset=utf-8',
}

const isCounter = ({ role }: SeriesValue): boolean => role === 'sum'

const helpText = ({ field: { summary, unit } }: SeriesValue): string =>
  `${summary}${unit === undefined || summary === unit ? '' : `, in ${unit}`}`
    .replace(/\\/g, '\\\\')
    .replace(/\n/g, '\\n')

/** Name of the family, and that of its samples. */
function familyOf(prefix: string, value: SeriesValue): { family: string; sample: string } {
  const name = metricName(prefix, value.name)
  if (isCounter(value)) return { family: name, sample: `${name}_total` }
  // ..._total would be taken for a counter, and is the name of that of ...
  const plain = name.endsWith('_total') ? `${name}_${value.role}` : name
  return { family: plain, sample: plain }
}

export class Exposition {
  readonly #options: PrometheusOptions
  readonly #points: SeriesPoints
  readonly #series = new Map<string, Sums>()
  #sweptMs = 0
  /** Records that went into the series of what is beyond. */
  beyond = 0
  expired = 0

  constructor(options: PrometheusOptions) {
    this.#options = options
    this.#points = new SeriesPoints(options.series, TEXT_LABELS)
  }

  get series(): number {
    return this.#series.size
  }

  take(batch: DeliveryBatch, nowMs: number): Rejected[] {
    this.#sweep(nowMs)
    const { points, rejected } = this.#points.of(batch)
    const refused: { point: Point; reason: string }[] = []
    for (const point of points) {
      const bad = point.values.findIndex(value => value !== undefined && !isNumeric(value))
      if (bad >= 0) refused.push({ point, reason: `${this.#points.values[bad]?.name} is no number` })
      else this.#add(point, nowMs)
    }
    return [...rejected, ...rejectedRecords(refused)]
  }

  #add({ tags, values, records }: Point, nowMs: number): void {
    const sums = this.#sumsOf(tags, records.length, nowMs)
    sums.seenMs = nowMs
    values.forEach((value, place) => {
      if (!isNumeric(value)) return
      const old = sums.values[place]
      const counts = isCounter(this.#points.values[place] as SeriesValue)
      sums.values[place] = counts && old !== undefined ? sum(old, value) : value
    })
  }

  #sumsOf(tags: string, records: number, nowMs: number): Sums {
    let sums = this.#series.get(tags)
    if (sums) return sums
    const isFull = this.#series.size - (this.#series.has(OTHER) ? 1 : 0) >= this.#options.cardinality
    if (isFull && tags !== OTHER) {
      this.beyond += records
      return this.#sumsOf(OTHER, records, nowMs)
    }
    sums = { values: [], seenMs: nowMs }
    this.#series.set(tags, sums)
    return sums
  }

  /** Forgets series that nothing came for. */
  #sweep(nowMs: number): void {
    const { expireMs } = this.#options
    if (expireMs === 0 || nowMs - this.#sweptMs < Math.min(SWEEP_MS, expireMs)) return
    this.#sweptMs = nowMs
    for (const [tags, { seenMs }] of this.#series) {
      if (nowMs - seenMs < expireMs) continue
      this.#series.delete(tags)
      this.expired++
    }
  }

  text(form: TextForm, nowMs: number): string {
    this.#sweep(nowMs)
    const parts: string[] = []
    this.#points.values.forEach((value, place) => {
      const { family, sample } = familyOf(this.#options.prefix, value)
      const named = form === 'openmetrics' ? family : sample
      const lines: string[] = []
      for (const [tags, { values }] of this.#series) {
        const number = values[place]
        if (number === undefined) continue
        lines.push(`${sample}${tags === '' ? '' : `{${tags.slice(1)}}`} ${number}\n`)
      }
      if (lines.length === 0) return
      const type = isCounter(value) ? 'counter' : 'gauge'
      parts.push(`# HELP ${named} ${helpText(value)}\n# TYPE ${named} ${type}\n`, ...lines)
    })
    return parts.join('') + (form === 'openmetrics' ? '# EOF\n' : '')
  }
}

/** OpenMetrics where the scraper would rather have it. */
export function formWanted(accept: string | undefined): TextForm {
  const quality = (type: string): number => {
    const part = (accept ?? '').split(',').find(one => one.trim().startsWith(type))
    return part === undefined ? 0 : Number(/;\s*q=([0-9.]+)/.exec(part)?.[1] ?? 1)
  }
  const open = quality('application/openmetrics-text')
  return open > 0 && open >= quality('text/plain') ? 'openmetrics' : 'text'
}
