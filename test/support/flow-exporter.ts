// Records through a writer of flow messages, and what a collector makes of them.
import { type NetRecord, RECORDS_PER_BATCH, recordBatch } from '../../src/contract/record.ts'
import { placesWithValues } from '../../src/fields/column.ts'
import { picker } from '../../src/fields/picker.ts'
import { Netflow5Writer } from '../../src/wire/flow/export/netflow5-writer.ts'
import {
  type Drop,
  EXPORT_DEFAULTS,
  type ExportOptions,
  type FlowWriter,
  type Give,
} from '../../src/wire/flow/export/options.ts'
import { TemplateWriter } from '../../src/wire/flow/export/template-writer.ts'
import { SflowWriter } from '../../src/wire/sflow/export/sflow-writer.ts'

export type Version = 'netflow5' | 'netflow9' | 'ipfix' | 'sflow'

const MAKE: { readonly [version in Version]: (options: ExportOptions, give: Give, drop: Drop) => FlowWriter } = {
  netflow5: (options, give) => new Netflow5Writer(options, give),
  netflow9: (options, give, drop) => new TemplateWriter(9, options, give, drop),
  ipfix: (options, give, drop) => new TemplateWriter(10, options, give, drop),
  sflow: (options, give, drop) => new SflowWriter(options, give, drop),
}

export const NOW_MS = 1_700_000_000_000

export class Exporter {
  readonly messages: Uint8Array[] = []
  /** Records of messages that were given. */
  records = 0
  readonly left: { [field: string]: number } = {}
  readonly dropped: { [reason: string]: number } = {}
  readonly writer: FlowWriter
  readonly #pick

  constructor(version: Version, options: Partial<ExportOptions> = {}) {
    const give: Give = (octets, records) => {
      this.messages.push(octets)
      this.records += records
    }
    const drop: Drop = (reason, records) => {
      this.dropped[reason] = (this.dropped[reason] ?? 0) + records
    }
    this.writer = MAKE[version]({ ...EXPORT_DEFAULTS, ...options }, give, drop)
    this.#pick = picker(this.writer.fields)
  }

  send(records: readonly NetRecord[], nowMs = NOW_MS): this {
    for (let at = 0; at < records.length; at += RECORDS_PER_BATCH) {
      const some = records.slice(at, at + RECORDS_PER_BATCH)
      const { columns, rows, count } = this.#pick(recordBatch([...some], nowMs))
      this.writer.begin(nowMs, placesWithValues(columns, rows, count))
      for (let index = 0; index < count; index++) {
        const left = (field: string) => {
          this.left[field] = (this.left[field] ?? 0) + 1
        }
        const refusal = this.writer.add(columns, rows[index] as number, left, () => some[index] as NetRecord)
        if (refusal !== undefined) this.dropped[refusal] = (this.dropped[refusal] ?? 0) + 1
      }
      this.writer.flush()
    }
    return this
  }

  /** Takes the messages given so far. */
  take(): Uint8Array[] {
    return this.messages.splice(0)
  }
}
