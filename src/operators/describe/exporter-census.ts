// What one exporter sends: how much, at which sampling rates, and how far its clock is off.
import type { NetRecord, Value } from '../../contract/record.ts'
import { share } from './field-census.ts'
import { MedianSample } from './median.ts'

/** Different rates, versions, observation domains that are listed of an exporter. */
const LISTED = 16

const isNumber = (value: Value | undefined): value is number => typeof value === 'number'

/** Microseconds are all that the times have. */
const rounded = (seconds: number): number => Math.round(seconds * 1e6) / 1e6

type Listed = 'sampling_rates' | 'versions' | 'observation_domains'

export class ExporterCensus {
  #records = 0
  readonly #listed: { readonly [name in Listed]: Set<Value> } = {
    sampling_rates: new Set(),
    versions: new Set(),
    observation_domains: new Set(),
  }
  readonly #skew = new MedianSample()
  #skewMin = Number.POSITIVE_INFINITY
  #skewMax = Number.NEGATIVE_INFINITY
  #first = Number.POSITIVE_INFINITY
  #last = Number.NEGATIVE_INFINITY

  add(record: NetRecord): void {
    this.#records++
    this.#list('sampling_rates', record.sampling_rate)
    this.#list('versions', record.export_proto_version)
    this.#list('observation_domains', record.export_proto_sysid)
    const { timestamp_arrival: arrival, timestamp_export: exported } = record
    if (!isNumber(arrival)) return
    this.#first = Math.min(this.#first, arrival)
    this.#last = Math.max(this.#last, arrival)
    if (!isNumber(exported)) return
    const skew = rounded(arrival - exported)
    this.#skew.add(skew)
    this.#skewMin = Math.min(this.#skewMin, skew)
    this.#skewMax = Math.max(this.#skewMax, skew)
  }

  #list(name: Listed, value: Value | undefined): void {
    const values = this.#listed[name]
    if (value !== undefined && values.size < LISTED) values.add(value)
  }

  /** Clock skew is arrival minus export time in seconds, so it has the way to the collector in it. */
  record(address: string, records: number): NetRecord {
    const median = this.#skew.median
    const listed = Object.entries(this.#listed).filter(([, values]) => values.size > 0)
    return {
      event_type: 'describe',
      kind: 'exporter',
      name: address,
      records: this.#records,
      share: share(this.#records, records),
      ...Object.fromEntries(listed.map(([name, values]) => [name, [...values]])),
      ...(median === undefined
        ? {}
        : { clock_skew_min: this.#skewMin, clock_skew_median: median, clock_skew_max: this.#skewMax }),
      ...(Number.isFinite(this.#first) ? { first_arrival: this.#first, last_arrival: this.#last } : {}),
    }
  }
}
