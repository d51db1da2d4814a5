// What writers of flow messages are told, and give.
import type { NetRecord } from '../../../contract/record.ts'
import type { Column } from '../../../fields/column.ts'
import type { Field } from '../../../fields/field.ts'

export interface ExportOptions {
  /** Source id of v9, observation domain of IPFIX; of v5 engine type * 256 + engine id. */
  readonly domain: number
  /** The most octets of a message. */
  readonly messageOctets: number
  /** Templates are sent again after so long, by the clock of the records. */
  readonly refreshMs: number
}

/** Takes a message that is whole, with so many records. */
export type Give = (message: Uint8Array, records: number) => void

/** Takes the name of a field whose value cannot be said. */
export type Left = (field: string) => void

/** Takes the reason why records that were added cannot be said after all. */
export type Drop = (reason: string, records: number) => void

export interface FlowWriter {
  /** add() takes columns of these, in this order. */
  readonly fields: readonly Field[]
  /** Fields that a collector has without being told: they follow from others. */
  readonly implied: ReadonlySet<string>
  /** Record time, for what is written from here on. */
  setClock(nowMs: number): void
  /** Adds a row, `record` makes it whole. Returns why it cannot be said. */
  add(columns: readonly Column[], row: number, left: Left, record: () => NetRecord): string | undefined
  /** Gives what is not yet a full message. */
  flush(): void
  /** Gives what a collector must know before it can read what comes: templates. */
  announce(): void
}
