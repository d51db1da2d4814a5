// What a sink plugin implements: a connection to a backend that takes batches. Batching, retries, spool, counters and the
// end of the command are the runtime's (docs/sinks.md).
import type { Host } from './host.ts'
import type { Problem } from './problem.ts'
import type { Batch, NetRecord } from './record.ts'

/** Records that are handed over together: all of them taken, or the batch comes again. */
export interface DeliveryBatch {
  /**
   * The same whenever the same records come again: at every attempt and, with a spool, after a restart. Letters, digits, `-`
   * and `.`, at most 64. A backend that can (insert tokens, message ids) uses it to leave out what it has already.
   */
  readonly id: string
  /** 1 at the first attempt of this process. */
  readonly attempt: number
  readonly count: number
  /** When the first record was taken in, Unix ms. */
  readonly takenMs: number
  /** As JSON.parse gives them, whole numbers exact. Made on first use. */
  readonly records: readonly NetRecord[]
  /** NDJSON: a line a record, each with its line feed. Made on first use; must not be changed. */
  readonly octets: Uint8Array
  /** The lines of `octets` as texts, without line feeds. */
  readonly lines: readonly string[]
  /** The same records in batches that a picker() takes: columns without a parse of what is not wanted. */
  batches(): Iterable<Batch>
}

/** A record that the backend will never take: it is set aside, the others of its batch are delivered. */
export interface Rejected {
  /** Of the batch's records. */
  readonly index: number
  readonly reason: string
}

export interface Backend {
  /**
   * Resolves when the backend durably has every record; refused ones are returned, mostly `[]`. A rejection means that none or some
   * were taken and the whole batch comes again, unless it is a PermanentError. After `signal` aborts (a timeout, the end of
   * the grace time) the result is no longer looked at.
   */
  write(batch: DeliveryBatch, signal: AbortSignal): Promise<readonly Rejected[]>
  /** Called once, when no write runs; also after a failed write, before the next connection is made. */
  close(): Promise<void>
}

/** Bounds that a backend has whatever the user asks for. */
export interface BackendLimits {
  /** Records of a batch. */
  readonly records?: number
  /** NDJSON octets of a batch (one record may be longer). */
  readonly octets?: number
  /** Batches under way at a time. */
  readonly inFlight?: number
}

/** How records are best kept until they are sent; both forms can be asked for in any case. */
export type DeliveryForm = 'records' | 'octets'

export interface DeliveryDefaults {
  readonly records: number
  readonly octets: number
  /** 1 keeps the order of the records. */
  readonly inFlight: number
}

/** Makes a connection, and tries it: rejects when the backend cannot take records now. */
export type Connect<Options> = (options: Options, host: Host, signal: AbortSignal) => Promise<Backend>

/**
 * What no second attempt can mend. Thrown by connect (a wrong password, no such database): the command ends. Thrown by
 * write: the batch is given up, and the next one tried.
 */
export class PermanentError extends Error {
  readonly permanent = true
  readonly problem: Problem
  constructor(problem: Problem) {
    super(problem.message)
    this.name = 'PermanentError'
    this.problem = problem
  }
}

/** Told by data, not by class: a plugin may carry a netally of its own. */
export function isPermanent(error: unknown): error is PermanentError {
  return error instanceof Error && 'permanent' in error && error.permanent === true && 'problem' in error
}
