// aggregate: records in, sums out; by keys, over time bins, on the records' own clock.

import type { Needs } from '../../contract/component.ts'
import type { Host } from '../../contract/host.ts'
import { reading } from '../../contract/needs.ts'
import type { Batch, Stream } from '../../contract/record.ts'
import { CLOCK_NAMES } from '../../fields/clock.ts'
import type { NumberColumn } from '../../fields/column.ts'
import { fieldOf } from '../../fields/dictionary.ts'
import type { Field } from '../../fields/field.ts'
import { type Picked, type Picker, picker } from '../../fields/picker.ts'
import { Accumulator } from './accumulator.ts'
import { BothEnds, withOtherEnds } from './both-ends.ts'
import { Buckets } from './buckets.ts'
import type { AggregateOptions } from './options.ts'

const SPAN = ['timestamp_start', 'timestamp_end'] as const

export const timed = (options: AggregateOptions): boolean =>
  options.bin !== undefined || options.refreshSeconds !== undefined

/** Fields that are read besides keys and sums: the clock, and what puts a record into its bin. */
export function timeFields(options: AggregateOptions): Field[] {
  return [...(timed(options) ? CLOCK_NAMES : []), ...(options.bin ? SPAN : [])].map(fieldOf)
}

export function aggregateNeeds(options: AggregateOptions): Needs {
  const sums = options.sums.flatMap(sum => (sum.field ? [sum.field] : []))
  const distinct = options.distinct.map(({ field }) => field)
  const fields = withOtherEnds([...options.keys, ...sums, ...distinct, ...timeFields(options)], options.otherEnds)
  return reading(
    fields.map(field => field.name),
    { fields: [], rest: false },
  )
}

/** Names of all fields that are written. */
export function aggregateOutputs(options: AggregateOptions): string[] {
  const { keys, sums, distinct } = options
  const made = [...keys, ...sums.map(({ output }) => output), ...distinct.map(({ output }) => output)]
  return [
    ...made.map(field => field.name),
    ...(options.bin ? ['stamp_inserted'] : []),
    ...(timed(options) ? ['stamp_updated'] : []),
  ]
}

/** What picks the fields, and what makes the entries of picked records: themselves, unless both ends are summed. */
export function entriesOf(
  fields: readonly Field[],
  { otherEnds }: AggregateOptions,
  host: Host,
): { readonly pick: Picker; readonly entries: (picked: Picked) => Iterable<Picked> } {
  if (!otherEnds) return { pick: picker(fields), entries: picked => [picked] }
  const all = withOtherEnds(fields, otherEnds)
  const both = new BothEnds(fields, all, otherEnds, host)
  return { pick: picker(all), entries: picked => both.entries(picked) }
}

/**
 * Sums of the input. Emission is driven by each record's own receive time, never by how batches are cut, so that fused,
 * piped and replayed runs give the same octets.
 */
export async function* aggregate(input: Stream, options: AggregateOptions, host: Host): Stream {
  const accumulator = new Accumulator(options, host)
  const fields = [...accumulator.fields, ...timeFields(options)]
  const { pick, entries } = entriesOf(fields, options, host)
  const timeAt = accumulator.fields.length
  const buckets = options.lists?.length ? new Buckets(options.lists, options.keys, host) : undefined
  for await (const batch of input) {
    if (batch.count === 0) {
      // A heartbeat: time passes on a silent input.
      if (timed(options)) yield* accumulator.advance(batch.now * 1000)
      continue
    }
    if (buckets) await buckets.refresh()
    for (const picked of entries(pick(batch))) {
      const { rows, count } = picked
      const columns = buckets ? buckets.apply(picked) : picked.columns
      if (!timed(options)) yield* accumulator.addAll(columns, rows, count)
      else yield* accumulator.addTimed(columns, rows, count, columns.slice(timeAt) as NumberColumn[])
    }
  }
  yield* accumulator.finish()
}

export type { Batch }
