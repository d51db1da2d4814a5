// What writers of flow messages are told, and give.
import type { NetRecord } from '../../../contract/record.ts'
import type { Column } from '../../../fields/column.ts'
import type { Field } from '../../../fields/field.ts'

export interface ExportOptions {
  /** Source id of v9, observation domain of IPFIX; of v5 engine type * 256 + engine id. */
  readonly domain: number
  /** Each peer_ip_src has a domain of its own, from the one above that on. */
  readonly domainPerExporter: boolean
  /** The most octets of a message. */
  readonly messageOctets: number
  /** Templates are sent again after so long, by the clock of the records. */
  readonly refreshMs: number
  /** And after so many messages. */
  readonly refreshMessages: number
  /** Times of IPFIX in microseconds. */
  readonly microseconds: boolean
  /** Sampling rates in options, and only the number of a sampler in records. */
  readonly samplers: boolean
  /** What was exported so far, in options, whenever templates are sent again. */
  readonly statistics: boolean
  /** sFlow: each packet as an Ethernet frame. */
  readonly frames: boolean
  /** sFlow: the agent of records that name no exporter. */
  readonly agent?: string | undefined
  /** RFC 5610: what the elements of an enterprise are, in options. */
  readonly elementTypes: boolean
  /** Names of interfaces that records do not say, by ifIndex; those of one exporter, where each has its domain. */
  readonly interfaces: (exporter: string | undefined) => ReadonlyMap<number, string>
}

/** As nobody asked for anything. */
export const EXPORT_DEFAULTS: ExportOptions = {
  domain: 0,
  domainPerExporter: false,
  messageOctets: 1452,
  refreshMs: 60_000,
  refreshMessages: 1000,
  microseconds: false,
  samplers: false,
  statistics: false,
  frames: false,
  elementTypes: false,
  interfaces: () => new Map(),
}

/** Takes a message that is whole, with so many records. `counted`: by how much the next one's sequence number is higher (IPFIX). */
export type Give = (message: Uint8Array, records: number, counted?: number) => void

/** Takes the name of a field whose value cannot be said. */
export type Left = (field: string) => void

/** Takes the reason why records that were added cannot be said after all. */
export type Drop = (reason: string, records: number) => void

export interface FlowWriter {
  /** add() takes columns of these, in this order. */
  readonly fields: readonly Field[]
  /** Fields that a collector has without being told: they follow from others. */
  readonly implied: ReadonlySet<string>
  /** Record time of the rows that are added from here on, and the places of the fields that any of them has. */
  begin(nowMs: number, present: readonly number[]): void
  /** Adds a row, `record` makes it whole. Returns why it cannot be said. */
  add(columns: readonly Column[], row: number, left: Left, record: () => NetRecord): string | undefined
  /** Asks for the names of interfaces again: some are others now. */
  rename?(): void
  /** Gives what is not yet a full message. */
  flush(): void
  /** Gives what a collector must know before it can read what comes: templates. */
  announce(): void
}
