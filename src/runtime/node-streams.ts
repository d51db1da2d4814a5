// Node's streams and ours, for programs that use netally as a library: the `ndjson` package on both edges, because its
// streams are what people know. Commands do not go through here: see fields/line-reader.ts and write-stream.ts.
import { Readable } from 'node:stream'
import ndjson from 'ndjson'
import { type NetRecord, RECORDS_PER_BATCH, recordBatch, type Stream } from '../contract/record.ts'

/** Records of NDJSON text, lines that are no objects left out. Whole numbers above 2^53 are rounded here. */
export async function* streamOf(text: Readable): Stream {
  let records: NetRecord[] = []
  let now = 0
  for await (const value of text.pipe(ndjson.parse({ strict: false }))) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) continue
    records.push(value as NetRecord)
    now = Math.max(now, Number((value as NetRecord).timestamp_arrival ?? 0) * 1000)
    if (records.length === RECORDS_PER_BATCH) {
      yield recordBatch(records, now)
      records = []
    }
  }
  if (records.length > 0) yield recordBatch(records, now)
}

/** NDJSON text of a stream's records. */
export function readableOf(stream: Stream): Readable {
  async function* records() {
    for await (const batch of stream) yield* batch.records
  }
  return Readable.from(records()).pipe(ndjson.stringify()) as unknown as Readable
}
