// Lets through some of the records: the first ones, every so many, at random, or always the same values.
import type { Needs, Operator } from '../contract/component.ts'
import type { Host } from '../contract/host.ts'
import { reading } from '../contract/needs.ts'
import { type NetRecord, recordBatch, type Stream, type Value } from '../contract/record.ts'
import { subset } from '../fields/batch.ts'
import { type Column, ROWS, takeValue } from '../fields/column.ts'
import { fieldsOf, knownField } from '../fields/dictionary.ts'
import type { Field } from '../fields/field.ts'
import { picker } from '../fields/picker.ts'
import { jsonText } from '../stream/json.ts'
import { hashFraction, seededRandom } from './seeded-random.ts'

export type SampleMethod = 'first' | 'every' | 'random' | 'hash'

export interface SampleOptions {
  readonly method: SampleMethod
  /** `first`: how many records; else one of so many, 1 or more, need not be whole for random and hash. */
  readonly rate: number
  /** random and hash: another seed, another choice. */
  readonly seed: number
  /** hash: records with the same values of these are all kept or all left out. */
  readonly by: readonly string[]
  /** Multiply the counters by the rate, so that sums come out as if nothing was left out. */
  readonly scale: boolean
  /** Multiply sampling_rate by the rate, for a renormalization later. */
  readonly markRate: boolean
}

export const SAMPLE_DEFAULTS: SampleOptions = {
  method: 'every',
  rate: 1,
  seed: 1,
  by: [],
  scale: false,
  markRate: false,
}

/** Stream time between empty batches that go on where nothing passes, so that clocks downstream go on. */
const CLOCK_STEP_MS = 1000

/** Whether a row is kept. */
type Choose = (columns: readonly Column[], row: number) => boolean

function chooser({ method, rate, seed }: SampleOptions, fields: readonly Field[]): Choose {
  let seen = 0
  const random = seededRandom(seed)
  const choosers: { readonly [method in SampleMethod]: Choose } = {
    first: () => seen++ < rate,
    every: () => seen++ % rate === 0,
    random: () => random() * rate < 1,
    hash: (columns, row) => hashFraction(keyText(fields, columns, row), seed) * rate < 1,
  }
  return choosers[method]
}

function keyText(fields: readonly Field[], columns: readonly Column[], row: number): string {
  return fields.map((field, index) => jsonText(takeValue(field, columns[index] as Column, row) ?? null)).join(' ')
}

/** A number times the rate: exact where both are whole, rounded where the rate is not. */
export function scaled(value: Value, rate: number): Value {
  if (typeof value === 'bigint') {
    return Number.isSafeInteger(rate) ? value * BigInt(rate) : BigInt(Math.round(Number(value) * rate))
  }
  if (typeof value !== 'number') return value
  const product = Math.round(value * rate)
  if (Number.isSafeInteger(product)) return product
  return Number.isSafeInteger(value) && Number.isSafeInteger(rate) ? BigInt(value) * BigInt(rate) : value * rate
}

function adjusted(record: NetRecord, { rate, scale, markRate }: SampleOptions): NetRecord {
  const out: NetRecord = { ...record }
  if (scale) {
    for (const name in out) if (knownField(name)?.role === 'sum') out[name] = scaled(out[name] as Value, rate)
    // What is there is an estimate of all of it, as after a renormalization.
    out.sampling_rate ??= 1
  }
  if (markRate) out.sampling_rate = scaled(out.sampling_rate || 1, rate)
  return out
}

function needs({ by, scale, markRate }: SampleOptions, wanted: Needs): Needs {
  return reading(
    [...by.flatMap(fieldsOf).map(({ name }) => name), ...(scale || markRate ? ['sampling_rate'] : [])],
    wanted,
  )
}

/** Counts `dropped/sampled`. Lines that are kept as they are keep their octets. */
export async function* sample(input: Stream, options: SampleOptions, host: Host): Stream {
  const fields = options.by.flatMap(fieldsOf)
  const pick = picker(fields)
  const choose = chooser(options, fields)
  let kept = new Int32Array(ROWS)
  let left = options.method === 'first' ? options.rate : Number.POSITIVE_INFINITY
  let clockMs = 0
  if (left === 0) return
  for await (const batch of input) {
    const { columns, rows, count } = pick(batch)
    if (count > kept.length) kept = new Int32Array(count)
    let keeps = 0
    for (let index = 0; index < count; index++) {
      const row = rows[index] as number
      if (choose(columns, row)) kept[keeps++] = row
    }
    if (keeps < count) host.count('dropped/sampled', count - keeps)
    if (keeps > 0) {
      const some = keeps === batch.count ? batch : subset(batch, kept, keeps)
      const changes = options.scale || options.markRate
      yield changes
        ? recordBatch(
            some.records.map(record => adjusted(record, options)),
            batch.now,
          )
        : some
    } else if (batch.now - clockMs >= CLOCK_STEP_MS) {
      clockMs = batch.now
      yield recordBatch([], clockMs)
    }
    left -= keeps
    if (left === 0) return
  }
}

export const sampleOperator: Operator<SampleOptions> = { needs, apply: sample }
