// The sampling rate of each record and where it came from; renormalised counters.
import { ABSENT, type NumberColumn, ODD, type ValueColumn } from '../../fields/column.ts'
import type { Field } from '../../fields/field.ts'
import type { Block, Step } from './block.ts'
import { templateRate } from './learn.ts'
import { HEADER_HAS_RATE, KNOWS_DEFAULT_RATE, KNOWS_RATES, type Learned } from './learned.ts'
import { makeOrdinary } from './ordinary.ts'
import type { Maker, Planner } from './planner.ts'
import { readWhole } from './read-number.ts'

/** Reads an element into a column of its own; undefined when the template does not have it. */
function elementColumn(planner: Planner, part: string, ...ids: number[]): NumberColumn | undefined {
  for (const id of ids) {
    const place = planner.place(id)
    if (!place) continue
    const column = planner.columns.numbers('sampling_rate', part)
    const read = readWhole(column, place)
    if (!read) continue
    planner.steps.push(read)
    return column
  }
  return undefined
}

interface RateColumns {
  readonly sampler: NumberColumn | undefined
  readonly interval: NumberColumn | undefined
  /** so many taken of so many: IE 305 and 306, or 309 and 310. */
  readonly taken: NumberColumn | undefined
  readonly of: NumberColumn | undefined
  readonly ofIsGap: boolean
}

function rateColumns(planner: Planner): RateColumns {
  const sampler = elementColumn(planner, 'sampler', 48, 302)
  const interval = elementColumn(planner, 'interval', 50, 34)
  const packets = planner.has(305) && planner.has(306)
  const taken = elementColumn(planner, 'taken', packets ? 305 : 309)
  const of = elementColumn(planner, 'of', packets ? 306 : 310)
  return { sampler, interval, taken, of, ofIsGap: packets }
}

/** The rate in the record itself, 0 = none. */
function recordRate({ interval, taken, of, ofIsGap }: RateColumns, row: number): number {
  const direct = interval ? (interval.numbers[row] as number) : 0
  if (direct > 0 && direct !== ODD) return direct
  if (!taken) return 0
  const [part, other] = [taken.numbers[row] as number, of ? (of.numbers[row] as number) : 0]
  if (!(part > 0)) return 0
  if (!of) return part
  return Math.round((ofIsGap ? part + other : other) / part) || 0
}

/** A rate that holds for all rows of a block, 0 = unknown. */
interface BlockRate {
  readonly rate: number
  readonly source: string
}

function blockRate({ domain, header }: Block, template: number, fixed: number): BlockRate {
  const options = domain.learned.rate(templateRate(template)) ?? domain.learned.anyRate
  if (options > 0) return { rate: options, source: 'options' }
  if (header.samplingRate > 0) return { rate: header.samplingRate, source: 'header' }
  return { rate: fixed, source: 'static' }
}

/** Rates by sampler id; records of a block mostly name the same one. */
class SamplerRates {
  #id = Number.NaN
  #rate = 0

  forget(): void {
    this.#id = Number.NaN
  }
  get(learned: Learned, id: number): number {
    if (id !== this.#id) {
      this.#id = id
      this.#rate = learned.rate(id) ?? 0
    }
    return this.#rate
  }
}

function ratesStep(planner: Planner, from: RateColumns, rates: NumberColumn, sources: ValueColumn): Step {
  const { samplingMap, staticSamplingRate = 0, renormalize } = planner.options
  const template = planner.template.id
  const ifaceIn = samplingMap && planner.numbers('iface_in')
  const ifaceOut = samplingMap && planner.numbers('iface_out')
  const { numbers } = rates
  const { values } = sources
  const samplers = new SamplerRates()
  return block => {
    const { row, count, domain } = block
    const base = blockRate(block, template, staticSamplingRate)
    samplers.forget()
    let unknown = 0
    for (let at = row; at < row + count; at++) {
      let rate = samplingMap?.(domain.exporterAddress.text, indexAt(ifaceIn, at), indexAt(ifaceOut, at)) ?? 0
      let source = 'map'
      if (rate === 0 && from.sampler) {
        rate = samplers.get(domain.learned, from.sampler.numbers[at] as number)
        source = 'sampler'
      }
      if (rate === 0) {
        rate = recordRate(from, at)
        source = 'record'
      }
      if (rate === 0) {
        rate = base.rate
        source = base.source
      }
      numbers[at] = rate > 0 ? rate : ABSENT
      values[at] = rate > 0 ? source : undefined
      if (!(rate > 0)) unknown++
    }
    if (renormalize && unknown > 0) planner.count('renormalize/unknown-rate', unknown)
  }
}

const indexAt = (column: NumberColumn | undefined, row: number): number => {
  const index = column ? (column.numbers[row] as number) : 0
  return Number.isNaN(index) ? 0 : index
}

/** True when this template, exporter and options can give a rate. */
function canHaveRate(planner: Planner): boolean {
  const { samplingMap, staticSamplingRate, renormalize } = planner.options
  if (samplingMap || staticSamplingRate || renormalize) return true
  if (planner.knows(HEADER_HAS_RATE | KNOWS_DEFAULT_RATE)) return true
  if (planner.knows(KNOWS_RATES)) return true
  return [34, 50, 305, 309].some(id => planner.has(id))
}

/** Fills `sampling_rate/raw` and sampling_source. */
const samplingSource: Maker = planner => {
  if (planner.template.options || planner.isEvent) return false
  const from = rateColumns(planner) // marks the elements as known even where no rate comes of them
  if (!canHaveRate(planner)) return false
  const rates = planner.columns.numbers('sampling_rate', 'raw')
  planner.steps.push(ratesStep(planner, from, rates, planner.columns.values('sampling_source')))
  return true
}

/** The rate, or 1 where the counters were multiplied by it. */
const samplingRate: Maker = planner => {
  if (!planner.values('sampling_source')) return false
  const raw = planner.columns.numbers('sampling_rate', 'raw').numbers
  const { numbers } = planner.columns.numbers('sampling_rate')
  const { renormalize } = planner.options
  planner.steps.push(({ row, count }) => {
    for (let at = row; at < row + count; at++) {
      const rate = raw[at] as number
      numbers[at] = renormalize && rate > 0 ? 1 : rate
    }
  })
  return true
}

function multiply(counter: NumberColumn, row: number, rate: number): void {
  const count = counter.numbers[row] as number
  const product = count * rate
  if (product <= Number.MAX_SAFE_INTEGER) {
    counter.numbers[row] = product
    return
  }
  if (Number.isNaN(product)) return
  const exact = count === ODD ? (counter.other.get(row) as bigint) : BigInt(count)
  counter.numbers[row] = ODD
  counter.other.set(row, exact * BigInt(rate))
}

/** An ordinary counter, then times the rate under --renormalize. */
export function renormalized(planner: Planner, field: Field, make: Maker = makeOrdinary): boolean {
  if (!make(planner, field)) return false
  if (!planner.options.renormalize || !planner.values('sampling_source')) return true
  const counter = planner.columns.numbers(field.name)
  const rates = planner.columns.numbers('sampling_rate', 'raw').numbers
  planner.steps.push(({ row, count }) => {
    for (let at = row; at < row + count; at++) {
      const rate = rates[at] as number
      if (rate > 1) multiply(counter, at, rate)
    }
  })
  return true
}

export const SAMPLING_MAKERS: { readonly [name: string]: Maker } = {
  sampling_source: samplingSource,
  sampling_rate: samplingRate,
  packets_reverse: renormalized,
  bytes_reverse: renormalized,
  packets_out: renormalized,
  bytes_out: renormalized,
  packets_total: renormalized,
  bytes_total: renormalized,
}
