// What reconcile is told.
import type { Stream } from '../../contract/record.ts'
import type { CounterMap } from '../../maps/counter-map.ts'
import type { InterfaceNames } from '../../maps/interface-names.ts'
import type { Readable } from '../enrich/reloaded.ts'

export interface ReconcileOptions {
  /** Streams of counters beside the flows; counters among the flows are taken too. */
  readonly counters: readonly Stream[]
  readonly windowMs: number
  /** How long a window waits for flows and counters after its end. */
  readonly lateMs: number
  /** Length of the bins of records that say no more than stamp_inserted. */
  readonly binMs: number
  /** By how much sums may differ and still agree, 0..1. */
  readonly tolerance: number
  /** Interfaces that are kept. */
  readonly maxInterfaces: number
  /** One record an interface and direction at the end, none for windows. */
  readonly totalsOnly: boolean
  /** Whoever writes the records makes a table of them. */
  readonly asTable: boolean
  readonly counterMap: Readable<CounterMap> | undefined
  readonly interfaceNames: Readable<InterfaceNames> | undefined
  /** Whether records of this receive time come from a network now, and not from a capture. */
  readonly isLive: (nowMs: number) => boolean
}

export const RECONCILE_DEFAULTS: ReconcileOptions = {
  counters: [],
  windowMs: 300_000,
  lateMs: 600_000,
  binMs: 300_000,
  tolerance: 0.05,
  maxInterfaces: 10_000,
  totalsOnly: false,
  asTable: false,
  counterMap: undefined,
  interfaceNames: undefined,
  isLive: () => false,
}
