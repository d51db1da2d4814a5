// The three kinds of component. A stage of a pipe is one of them, in a process of its own or fused with others.
import type { Host } from './host.ts'
import type { Stream } from './record.ts'

/** Raised when the contract changes in a way that a plugin notices; compared as data, never by instanceof. */
export const CONTRACT_VERSION = 1

/** The fields a stage reads, and whether what it does not read must still be passed on. Absent needs mean all. */
export interface Needs {
  readonly fields: readonly string[]
  readonly rest: boolean
}

/** Everything: what a stage that declares nothing needs. */
export const ALL_FIELDS: Needs = { fields: [], rest: true }

export interface Source<Options> {
  open(options: Options, host: Host, wanted: Needs): Stream
}

export interface Operator<Options> {
  /** What it reads, given what is wanted of it downstream. */
  needs?(options: Options, wanted: Needs): Needs
  apply(input: Stream, options: Options, host: Host, wanted: Needs): Stream
}

export interface Sink<Options> {
  needs?(options: Options): Needs
  drain(input: Stream, options: Options, host: Host): Promise<void>
}
