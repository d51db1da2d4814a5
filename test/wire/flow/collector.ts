import { ALL_FIELDS, type Needs } from '../../../src/contract/component.ts'
import type { Host } from '../../../src/contract/host.ts'
import type { Problem } from '../../../src/contract/problem.ts'
import type { Batch, NetRecord } from '../../../src/contract/record.ts'
import { ColumnBatch } from '../../../src/fields/batch.ts'
import { FlowDecoder } from '../../../src/wire/flow/decoder.ts'
import type { Exporter, FlowDecoderOptions } from '../../../src/wire/flow/options.ts'

export const EXPORTER: Exporter = { address: '192.0.2.1', port: 40000, family: 4 }
/** 2023-11-14 22:13:20 UTC. */
export const EXPORT_TIME_S = 1_700_000_000
export const ARRIVAL_US = EXPORT_TIME_S * 1e6 + 250_000

/** A decoder with a host that remembers, fed whole messages. */
export class Collector {
  readonly counts = new Map<string, number>()
  readonly problems: Problem[] = []
  readonly decoder: FlowDecoder
  readonly batches: { form: object; count: number; now: number }[] = []

  constructor(options: FlowDecoderOptions = {}, wanted: Needs = ALL_FIELDS) {
    const host: Host = {
      signal: new AbortController().signal,
      reloads: 0,
      count: (name, by = 1) => this.counts.set(name, (this.counts.get(name) ?? 0) + by),
      report: problem => this.problems.push(problem),
      watch: () => {},
    }
    this.decoder = new FlowDecoder(options, host, wanted)
  }

  /** Records of full batches only. */
  feed(message: Uint8Array, exporter = EXPORTER, arrivalUs = ARRIVAL_US, transport?: object): NetRecord[] {
    const view = new DataView(message.buffer, message.byteOffset, message.length)
    return this.#take(this.decoder.decode(message, view, 0, message.length, exporter, arrivalUs, transport))
  }

  /** Records of the message, and all that waited in the open batch. */
  read(message: Uint8Array, exporter = EXPORTER, arrivalUs = ARRIVAL_US, transport?: object): NetRecord[] {
    return [...this.feed(message, exporter, arrivalUs, transport), ...this.flush()]
  }

  flush(): NetRecord[] {
    return this.#take(this.decoder.flush())
  }

  #take(batches: Generator<Batch>): NetRecord[] {
    const records: NetRecord[] = []
    for (const batch of batches) {
      const form = batch instanceof ColumnBatch ? batch.form : {}
      this.batches.push({ form, count: batch.count, now: batch.now })
      records.push(...batch.records)
    }
    return records
  }

  codes(): string[] {
    return this.problems.map(problem => problem.code)
  }

  /** A reading of the one exporter, or of the decoder. */
  reading(name: string): number | undefined {
    return [...this.decoder.readings()].find(reading => reading.name === name)?.value
  }
}

/** The named fields of a record, in that order; absent ones are left out. */
export function pick(record: NetRecord | undefined, ...names: string[]): NetRecord {
  return Object.fromEntries(names.flatMap(name => (record?.[name] === undefined ? [] : [[name, record[name]]])))
}
