// A cause: what may be the reason that flows and counters differ, with the test on what is known.
import type { Facts } from './facts.ts'

export type Confidence = 'high' | 'medium' | 'low'

export interface Found {
  readonly confidence: Confidence
  readonly explanation: string
  /** One packet in so many is sampled, it seems. */
  readonly likelyRate?: number
}

export interface Cause {
  readonly code: string
  /** It is of the exporter's set-up: other interfaces should show the same. */
  readonly isShared?: true
  test(facts: Facts): Found | undefined
}

/** `0.333`, `12.5`, `1000`: as many digits as tell something. */
export const plain = (value: number): string => String(Number(value.toPrecision(3)))
export const percent = (share: number): string => `${plain(100 * share)} %`
export const timeOf = (ms: number): string => new Date(ms).toISOString().replace('.000Z', 'Z')
