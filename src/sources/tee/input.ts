// Where tee's datagrams come from.
import type { Exporter } from '../../wire/flow/options.ts'

/** The datagram that `next` found: octets[start..end), until `done`. */
export interface Datagrams {
  readonly octets: Uint8Array
  readonly view: DataView
  readonly start: number
  readonly end: number
  /** Arrival, Unix microseconds. */
  readonly timeUs: number
  readonly peer: Exporter
  /** False when nothing is there. */
  next(): boolean
}

export interface TeeInput {
  readonly datagrams: Datagrams
  /** What was read so far was sent; `isFull`: it was not asked for more. True: there may be more. */
  done(isFull: boolean): boolean | Promise<boolean>
  /** Until something may be there, the input ended, or `ring` is called. */
  wait(): Promise<void>
  ring(): void
  /** Called about once a second: counts, and says what was lost. */
  keepUp(): void
  /** Takes no more than what is there already; `ended` says when that was all. */
  drain(): void
  readonly ended: boolean
  close(): Promise<void>
}
