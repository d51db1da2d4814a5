// What moves through netally: records in batches. A record is exactly what JSON.parse would give.

export type Value = string | number | bigint | boolean | null | Value[] | { [name: string]: Value }

/** One flow, route, message or sum. Keys are pmacct's JSON names; an absent value is an absent key. */
export type NetRecord = { [name: string]: Value }

/** The most records a batch holds: larger batches were measured to gain nothing (docs/decisions/0002). */
export const RECORDS_PER_BATCH = 500

/**
 * Up to RECORDS_PER_BATCH records. `records` may be built on first use from octets or columns that the source
 * uses again: a batch is valid until the next one is asked for, the record objects themselves are yours to keep.
 */
export interface Batch {
  readonly count: number
  readonly records: NetRecord[]
  /** Newest receive time seen so far, Unix ms: the only clock. 0 = not known yet. */
  readonly now: number
}

export type Stream = AsyncIterable<Batch>

/** A batch of plain records; what third parties yield. */
export function recordBatch(records: NetRecord[], now: number): Batch {
  return { records, count: records.length, now }
}
