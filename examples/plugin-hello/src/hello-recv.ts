// A source: yields batches until it is done, or until it is told to stop.
import { Flags, type NetRecord, RECORDS_PER_BATCH, recordBatch, sourceCommand } from 'netally'

/** Where its clock starts, Unix seconds. A source that hears something takes the time at which it heard it. */
const START = 1_764_000_000

export const helloRecv = sourceCommand({
  summary: 'receive greetings; write one record a greeting',
  examples: ['netally hello-recv --count 3'],
  flags: { count: Flags.integer({ summary: 'greetings, at most', helpValue: 'N', default: 3, min: 0 }) },
  prepare: parsed => ({ count: Number(parsed.count) }),
  async *open({ count }, host) {
    for (let from = 0; from < count && !host.signal.aborted; from += RECORDS_PER_BATCH) {
      const to = Math.min(from + RECORDS_PER_BATCH, count)
      const records: NetRecord[] = []
      for (let n = from; n < to; n++) records.push({ label: `hello ${n}`, timestamp_arrival: START + n })
      yield recordBatch(records, (START + to - 1) * 1000)
    }
  },
})
