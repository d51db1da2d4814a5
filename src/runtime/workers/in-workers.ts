// What stages say of themselves, so that a line can be shared out among threads.
import type { Host } from '../../contract/host.ts'
import type { Outlets } from '../../sources/udp-thread-messages.ts'

export interface SourceInWorkers {
  readonly count: number
  /** Off the network: time goes on where nothing comes. */
  readonly isLive: boolean
  /** Of the ring of a worker. */
  readonly ringOctets: number
  /** A file with what its exporters said before. */
  readonly templateStore: string | undefined
  /** Puts the input into the rings of the workers; resolves when that is all. */
  readonly steer: (outlets: Outlets, signal: AbortSignal, host: Host) => Promise<void>
}

/** `each`: record by record, without memory; `sums`: an aggregation whose parts can be merged; else why it is one for all. */
export type OperatorInWorkers = 'each' | 'sums' | { readonly why: string } | undefined
