// Telemetry in the flat form that pmacct had up to 1.7.9: without what it did not tell.
import { type Batch, type NetRecord, recordBatch, type Stream } from '../../contract/record.ts'

export async function* oldForm(input: Stream): Stream {
  for await (const batch of input) yield oldFormOf(batch)
}

function oldFormOf(batch: Batch): Batch {
  return recordBatch(batch.records.map(oldRecord), batch.now)
}

function oldRecord({ session_protocol, yang_push_subscription, private_encoding, ...rest }: NetRecord): NetRecord {
  return rest
}
