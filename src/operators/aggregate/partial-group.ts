// Sums that were made of a part of the records, on their way to where the parts become one.
import type { Column } from '../../fields/column.ts'
import type { Field } from '../../fields/field.ts'
import { TYPES } from '../../fields/types.ts'
import type { DistinctState } from './distinct.ts'
import type { Combine } from './kernel.ts'
import type { AggregateOptions } from './options.ts'

/** Sums of one bin, up to RECORDS_PER_BATCH keys, as structured clone can send them. */
export interface PartialGroup {
  /** Start of the bin, microseconds; NO_BIN without bins. */
  readonly binUs: number
  /** Newest receive time of its records, microseconds; 0 = they do not say. */
  readonly arrivalUs: number
  /** Its records are older than the clock, and only the place among all records says what the clock was then. */
  readonly isOld: boolean
  /** Place of the first record among all, see PLACES_PER_DATAGRAM. */
  readonly place: number
  /** Records in the sums; where a part is several groups, the first has them and the others one a key. */
  readonly records: number
  /** The keys', the sums', and the places of first records. */
  readonly columns: readonly Column[]
  readonly count: number
  /** By distinct field and row. */
  readonly distinct: readonly (readonly DistinctState[])[]
}

/** The place of a record is the number of its datagram times this, and its place in there. */
export const PLACES_PER_DATAGRAM = 65_536

/** Kept beside the sums that the user asks for, never written. */
export const PLACE: Field = {
  name: 'netally_place',
  type: TYPES.counter,
  role: 'key',
  summary: 'where the first record of a key stood',
}

/** Options of the aggregation of a part. */
export function partOptions(options: AggregateOptions): AggregateOptions {
  return { ...options, sums: [...options.sums, { field: PLACE, combine: 'first', output: PLACE }], hiddenSums: 1 }
}

function ofParts(combine: Combine): Combine {
  if (combine === 'count') return 'sum'
  return combine === 'first' ? 'min' : combine
}

/** Options of the aggregation of parts: it sums what they summed, and writes entries in the order of all records. */
export function wholeOptions(options: AggregateOptions): AggregateOptions {
  const parts = partOptions(options)
  const sums = parts.sums.map(({ combine, output }) => ({ field: output, combine: ofParts(combine), output }))
  return { ...parts, sums, lists: undefined }
}
