// What the host lends a component.
import type { Problem } from './problem.ts'

export interface Labels {
  readonly [label: string]: string
}

/** A counter or gauge that a component keeps itself, read when somebody asks. */
export interface Reading {
  name: string
  labels?: Labels
  value: number
}

export interface Host {
  /** Aborted when the component should stop taking input: a signal came, or nobody reads any more. */
  readonly signal: AbortSignal
  /** How often SIGHUP came: a component that has maps compares it between batches and reads them again. */
  readonly reloads: number
  /**
   * Everything that moves gets a counter. The conservation names are counted by the runtime (`in`, `out`) and by the
   * component (`created`, `dropped/<reason>`, `merged`, `held`): in + created = out + dropped + merged + held.
   */
  count(name: string, by?: number): void
  /**
   * Records of a source that its output has: written to the pipe, or handed to the next stage. What a source of messages may
   * acknowledge. Undefined where nobody counts them: then a batch is taken when the next one is asked for.
   */
  readonly taken?: number
  /** Counted by code, printed at most once a second a code. */
  report(problem: Problem): void
  /** Registers readings that the component keeps itself (per-exporter counters, table sizes). */
  watch(read: () => Iterable<Reading>): void
}
