// A host that keeps what a component counts and reports.
import type { Host, Reading } from '../../src/contract/host.ts'
import type { Problem } from '../../src/contract/problem.ts'
import { type Batch, type NetRecord, recordBatch, type Stream } from '../../src/contract/record.ts'

export class TestHost implements Host {
  readonly stop = new AbortController()
  readonly signal: Host['signal'] = this.stop.signal
  reloads = 0
  readonly counters: { [name: string]: number } = {}
  readonly problems: Problem[] = []
  readonly readers: (() => Iterable<Reading>)[] = []

  count(name: string, by = 1): void {
    this.counters[name] = (this.counters[name] ?? 0) + by
  }
  report(problem: Problem): void {
    this.problems.push(problem)
  }
  watch(read: () => Iterable<Reading>): void {
    this.readers.push(read)
  }
  get codes(): string[] {
    return this.problems.map(({ code }) => code)
  }
}

/** Records cut into batches of `size`; now = the newest timestamp_arrival or stamp_updated so far. */
export async function* streamOf(records: readonly NetRecord[], size = 500): Stream {
  let now = 0
  for (let at = 0; at < records.length; at += size) {
    const part = records.slice(at, at + size)
    for (const { timestamp_arrival, stamp_updated } of part) {
      now = Math.max(now, Number(timestamp_arrival ?? stamp_updated ?? 0) * 1000)
    }
    yield recordBatch(part, now)
  }
}

export async function* batchesOf(...batches: Batch[]): Stream {
  yield* batches
}

export async function recordsOf(stream: Stream): Promise<NetRecord[]> {
  const records: NetRecord[] = []
  for await (const batch of stream) records.push(...batch.records)
  return records
}
