// A census of records: which fields, types and values, unknown elements, exporters and their clocks.
import type { Needs, Operator } from '../contract/component.ts'
import { ALL_FIELDS } from '../contract/component.ts'
import type { Host } from '../contract/host.ts'
import { type NetRecord, RECORDS_PER_BATCH, recordBatch, type Stream, type Value } from '../contract/record.ts'
import { allFields } from '../fields/dictionary.ts'
import { ElementCensus } from './describe/element-census.ts'
import { ExactSum } from './describe/exact-sum.ts'
import { ExporterCensus } from './describe/exporter-census.ts'
import { FieldCensus } from './describe/field-census.ts'

/** Names that a census is kept of; what comes after is counted together. */
export const FIELDS = 1000
export const ELEMENTS = 1000
export const EXPORTERS = 10_000

/** Sums of the whole stream, and the bounds of its times. */
const COUNTERS = ['flows', 'packets', 'bytes'] as const
const TIMES = ['timestamp_arrival', 'timestamp_start', 'timestamp_end', 'stamp_inserted'] as const

/** A map that makes what it lacks, up to a limit. */
class Bounded<Item> {
  readonly map = new Map<string, Item>()
  readonly #limit: number
  readonly #make: (name: string) => Item
  /** How often something had no room. */
  left = 0

  constructor(limit: number, make: (name: string) => Item) {
    this.#limit = limit
    this.#make = make
  }

  get(name: string): Item | undefined {
    const known = this.map.get(name)
    if (known) return known
    if (this.map.size >= this.#limit) {
      this.left++
      return undefined
    }
    const made = this.#make(name)
    this.map.set(name, made)
    return made
  }
}

class Census {
  #records = 0
  readonly #fields = new Bounded(FIELDS, name => new FieldCensus(name))
  readonly #elements = new Bounded(ELEMENTS, () => new ElementCensus())
  readonly #exporters = new Bounded(EXPORTERS, () => new ExporterCensus())
  readonly #sums = new Map<string, ExactSum>()
  readonly #times = new Map<string, [number, number]>()

  add(record: NetRecord): void {
    this.#records++
    for (const name in record) this.#fields.get(name)?.add(record[name] as Value)
    const { unknown, peer_ip_src: exporter } = record
    if (typeof unknown === 'object' && unknown !== null && !Array.isArray(unknown)) {
      for (const name in unknown) this.#elements.get(name)?.add(unknown[name] as Value)
    }
    if (typeof exporter === 'string') this.#exporters.get(exporter)?.add(record)
    for (const name of COUNTERS) this.#sum(name, record[name])
    for (const name of TIMES) this.#time(name, record[name])
  }

  #sum(name: string, value: Value | undefined): void {
    if (typeof value !== 'number' && typeof value !== 'bigint') return
    let sum = this.#sums.get(name)
    if (!sum) {
      sum = new ExactSum()
      this.#sums.set(name, sum)
    }
    sum.add(value)
  }

  #time(name: string, value: Value | undefined): void {
    if (typeof value !== 'number') return
    const bounds = this.#times.get(name)
    if (!bounds) this.#times.set(name, [value, value])
    else {
      bounds[0] = Math.min(bounds[0], value)
      bounds[1] = Math.max(bounds[1], value)
    }
  }

  /** The stream, its fields in the dictionary's order, elements, exporters. */
  *report(): Generator<NetRecord> {
    yield this.#stream()
    const known = allFields().map(({ name }) => name)
    const names = new Set([...known.filter(name => this.#fields.map.has(name)), ...this.#fields.map.keys()])
    for (const name of names) yield (this.#fields.map.get(name) as FieldCensus).record(this.#records)
    for (const [name, element] of this.#elements.map) yield element.record(name, this.#records)
    for (const [address, exporter] of this.#exporters.map) yield exporter.record(address, this.#records)
  }

  #stream(): NetRecord {
    const times = [...this.#times].flatMap(([name, [first, last]]) => [
      [`${name}_first`, first],
      [`${name}_last`, last],
    ])
    const left = { fields: this.#fields.left, elements: this.#elements.left, exporters: this.#exporters.left }
    return {
      event_type: 'describe',
      kind: 'stream',
      name: 'all',
      records: this.#records,
      ...Object.fromEntries([...this.#sums].map(([name, sum]) => [name, sum.value])),
      ...Object.fromEntries(times),
      fields: this.#fields.map.size,
      exporters: this.#exporters.map.size,
      ...(left.fields + left.elements + left.exporters > 0 ? { not_described: left } : {}),
    }
  }
}

/** Takes all records in (counted as merged), gives the census at the end. */
export async function* describe(input: Stream, _options: unknown, host: Host): Stream {
  const census = new Census()
  let now = 0
  for await (const batch of input) {
    now = Math.max(now, batch.now)
    const { records } = batch
    for (const record of records) census.add(record)
    host.count('merged', records.length)
  }
  const report = [...census.report()]
  host.count('created', report.length)
  for (let from = 0; from < report.length; from += RECORDS_PER_BATCH) {
    yield recordBatch(report.slice(from, from + RECORDS_PER_BATCH), now)
  }
}

export const describeOperator: Operator<unknown> = { needs: (): Needs => ALL_FIELDS, apply: describe }
