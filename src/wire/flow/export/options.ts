// What writers of flow messages are told, and give.
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

export interface FlowWriter {
  /** add() takes columns of these, in this order. */
  readonly fields: readonly Field[]
  /** Record time, for what is written from here on. */
  setClock(nowMs: number): void
  /** Adds a row. `left`: a field whose value cannot be said. Returns why the row as a whole cannot. */
  add(columns: readonly Column[], row: number, left: (field: string) => void): string | undefined
  /** Gives what is not yet a full message. */
  flush(): void
}
