// How long to wait before another attempt: exponential back-off with full jitter, so that many senders do not come back at
// the same moment.

export interface RetryPolicy {
  /** The longest first pause. */
  readonly firstMs: number
  /** No pause is longer. */
  readonly mostMs: number
  /** How long the backend may fail without taking anything; Infinity = for ever. */
  readonly giveUpMs: number
}

/** The pause before attempt `attempt` + 1; `random` in 0..1. */
export function pauseMs({ firstMs, mostMs }: RetryPolicy, attempt: number, random: number): number {
  return Math.ceil(random * Math.min(mostMs, firstMs * 2 ** Math.min(attempt - 1, 40)))
}
