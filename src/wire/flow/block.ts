// Rows of one data set on their way into columns, and the steps that read them.
import type { Domain } from './domain.ts'
import type { MessageHeader } from './message.ts'

/** One object a decoder, filled again for each data set. */
export interface Block {
  octets: Uint8Array
  /** Over exactly the same octets. */
  view: DataView
  /** Where in the columns the rows go. */
  row: number
  count: number
  header: MessageHeader
  domain: Domain
}

/** Fills one column, or a few that belong together, for all rows of a block. */
export type Step = (block: Block) => void
