// Points as samples of Prometheus: one a value, grouped by series, in the order of their times.
import {
  type DeliveryBatch,
  type Host,
  isNumeric,
  type Point,
  type Rejected,
  rejectedRecords,
  SeriesPoints,
  Slots,
} from 'netally'
import { labelPairs, metricName, PLAIN_LABELS } from './names.ts'
import type { PrometheusOptions } from './options.ts'
import { type LabelledSeries, labelOctets, type Sample } from './write-request.ts'

/** Series whose labels are kept as octets. */
const REMEMBERED = 20_000

type Pairs = [name: string, text: string][]

/** The tags are in order; only those with a capital letter first stand before __name__. */
function inOrder(pairs: Pairs): Pairs {
  const [name, next] = pairs
  return name && next && next[0] < name[0] ? pairs.sort(([a], [b]) => (a < b ? -1 : 1)) : pairs
}

export interface PointSample extends Sample {
  readonly metric: string
  readonly point: Point
}

export class Samples {
  readonly #options: PrometheusOptions
  readonly #host: Host
  readonly #points: SeriesPoints
  readonly #slots = new Slots('ms')
  readonly #labels = new Map<string, Uint8Array>()
  #hasTold = false

  constructor(options: PrometheusOptions, host: Host) {
    this.#options = options
    this.#host = host
    this.#points = new SeriesPoints(options.series, PLAIN_LABELS)
  }

  of(batch: DeliveryBatch): { readonly samples: readonly PointSample[]; readonly rejected: readonly Rejected[] } {
    const { points, rejected } = this.#points.of(batch)
    const timeText = this.#slots.of(batch.id)
    const samples: PointSample[] = []
    const refused: { point: Point; reason: string }[] = []
    const metrics = this.#points.values.map(({ name }) => metricName(this.#options.prefix, name))
    for (const point of points) {
      const timeMs = Number(timeText(point.timeUs, point.occurrence))
      const bad = point.values.findIndex(value => value !== undefined && !isNumeric(value))
      if (bad >= 0) refused.push({ point, reason: `${this.#points.values[bad]?.name} is no number` })
      else {
        point.values.forEach((value, place) => {
          if (isNumeric(value))
            samples.push({ metric: metrics[place] as string, timeMs, value: this.#double(value), point })
        })
      }
    }
    samples.sort((a, b) => a.timeMs - b.timeMs)
    return { samples, rejected: [...rejected, ...rejectedRecords(refused)] }
  }

  /** All numbers of Prometheus are doubles. */
  #double(value: number | bigint): number {
    const double = Number(value)
    if (typeof value === 'number' || BigInt(double) === value) return double
    this.#host.count('values_rounded')
    if (!this.#hasTold) {
      this.#hasTold = true
      this.#host.report({
        code: 'prometheus/rounded',
        message: `${value} is more than Prometheus can hold exactly; it has ${double}`,
        hint: 'smaller bins have smaller sums; all that are rounded are counted as values_rounded',
        note: true,
      })
    }
    return double
  }

  #labelsOf(metric: string, tags: string): Uint8Array {
    const key = `${metric}\n${tags}`
    let octets = this.#labels.get(key)
    if (!octets) {
      if (this.#labels.size >= REMEMBERED) this.#labels.clear()
      octets = labelOctets(inOrder([['__name__', metric], ...labelPairs(tags)]))
      this.#labels.set(key, octets)
    }
    return octets
  }

  /** Samples, which are in the order of their times, by series. */
  grouped(samples: readonly PointSample[]): Iterable<LabelledSeries> {
    const all = new Map<Uint8Array, { labels: Uint8Array; samples: Sample[] }>()
    for (const sample of samples) {
      const labels = this.#labelsOf(sample.metric, sample.point.tags)
      const series = all.get(labels)
      if (series) series.samples.push(sample)
      else all.set(labels, { labels, samples: [sample] })
    }
    return all.values()
  }
}
