// One counter: what it was, and by how much it grew. A counter that became less has wrapped at 32 or 64 bits, or was reset;
// which of them is told by how fast it grew before and by the speed of the interface.

export type Growth = 'first' | 'late' | 'reset' | 'gap' | { readonly amount: number; readonly wrapped: boolean }

/** Counters that were silent for longer say nothing about when they grew. */
export const LONGEST_INTERVAL_MS = 86_400_000
const WRAP_32 = 2n ** 32n
const WRAP_64 = 2n ** 64n
/** A wrap is believed when the counter would have grown at most so many times as fast as before. */
const FASTER = 4

export class CounterTrack {
  #value: number | bigint = 0
  timeMs = Number.NaN
  /** A millisecond, over the last interval; 0 = not known. */
  #pace = 0

  /** `mostPerMs`: what the interface can do at most, 0 = not known. */
  grow(value: number | bigint, timeMs: number, mostPerMs: number): Growth {
    const lastMs = this.timeMs
    // Two leaves or samples of one moment: the counter was read once.
    if (timeMs <= lastMs) return 'late'
    const before = this.#value
    this.#value = value
    this.timeMs = timeMs
    if (Number.isNaN(lastMs)) return 'first'
    const spentMs = timeMs - lastMs
    if (spentMs > LONGEST_INTERVAL_MS) return 'gap'
    const plain = difference(value, before)
    const amount = plain >= 0 ? plain : this.#wrapped(value, before, spentMs, mostPerMs)
    if (amount === undefined) {
      this.#pace = 0
      return 'reset'
    }
    this.#pace = amount / spentMs
    return { amount, wrapped: plain < 0 }
  }

  #wrapped(value: number | bigint, before: number | bigint, spentMs: number, mostPerMs: number): number | undefined {
    const size = BigInt(before) < WRAP_32 ? WRAP_32 : WRAP_64
    const amount = Number(BigInt(value) + size - BigInt(before))
    const limits = [mostPerMs, FASTER * this.#pace].filter(limit => limit > 0)
    return limits.length > 0 && amount <= Math.min(...limits) * spentMs ? amount : undefined
  }

  /** The growth that a rate (a second) tells, where the counter itself is not told. */
  growAtRate(rate: number, timeMs: number): Growth {
    const lastMs = this.timeMs
    if (timeMs <= lastMs) return 'late'
    this.timeMs = timeMs
    if (Number.isNaN(lastMs)) return 'first'
    const spentMs = timeMs - lastMs
    return spentMs > LONGEST_INTERVAL_MS ? 'gap' : { amount: (rate * spentMs) / 1000, wrapped: false }
  }
}

function difference(value: number | bigint, before: number | bigint): number {
  if (typeof value === 'number' && typeof before === 'number') return value - before
  return Number(BigInt(value) - BigInt(before))
}
