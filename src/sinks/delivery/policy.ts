// How records are delivered: what the flags of every such sink say (runtime/delivery-flags.ts).
import type { TriggerOptions } from '../bin-trigger.ts'
import type { Cut } from './assembler.ts'
import type { RetryPolicy } from './retry.ts'
import type { SpoolOptions } from './spool/options.ts'

export interface DeliveryPolicy {
  readonly cut: Cut
  /** The first record of a batch waits no longer than this, on the clock of the wall. */
  readonly ageMs: number
  readonly inFlight: number
  readonly retry: RetryPolicy
  /** Of one connect, write or close. */
  readonly timeoutMs: number
  /** From the signal to the end. */
  readonly graceMs: number
  /** NDJSON of the records that the backend refused. */
  readonly rejects: string | undefined
  readonly spool: SpoolOptions | undefined
  readonly trigger: TriggerOptions | undefined
}
