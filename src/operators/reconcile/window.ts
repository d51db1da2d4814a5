// One window of an interface in one direction, in slots: what flows say and what counters say, side by side.
// Flows and growth of counters are spread over the time that they lasted; slots make it possible to compare only the time
// that counters cover, and to see when no flows came.
import type { FlowFacts } from './flow-facts.ts'
import { noFacts } from './flow-facts.ts'

export const SLOTS = 20

/** What a slot has: sums, and for how long counters were there, ms. */
export const LANE = {
  bytes: 0,
  packets: 1,
  scaledBytes: 2,
  scaledPackets: 3,
  counterBytes: 4,
  counterPackets: 5,
  bytesCoveredMs: 6,
  packetsCoveredMs: 7,
} as const
const LANES = 8

/** Lanes with what they get, one after the other: lane, amount, lane, amount. */
export type Amounts = readonly number[] | Float64Array

export class Window {
  readonly startMs: number
  readonly slotMs: number
  readonly #lanes = new Float64Array(LANES * SLOTS)
  readonly facts: FlowFacts = noFacts()
  /** Growth of counters of IPv4 and of IPv6 octets. */
  readonly familyCounters = { ipv4: 0, ipv6: 0 }

  constructor(startMs: number, windowMs: number) {
    this.startMs = startMs
    this.slotMs = windowMs / SLOTS
  }

  at(lane: number, slot: number): number {
    return this.#lanes[lane * SLOTS + slot] as number
  }

  /** Shares a part of amounts out over the slots from `fromMs` to `toMs`, which lie in the window; one moment is one slot. */
  add(fromMs: number, toMs: number, amounts: Amounts, part: number): void {
    const first = this.#slotOf(fromMs)
    const last = Math.max(first, toMs > fromMs ? this.#slotOf(toMs - 1e-6) : first)
    for (let slot = first; slot <= last; slot++) {
      const slotStart = this.startMs + slot * this.slotMs
      const overlap = Math.min(toMs, slotStart + this.slotMs) - Math.max(fromMs, slotStart)
      const share = first === last ? part : (part * overlap) / (toMs - fromMs)
      for (let index = 0; index < amounts.length; index += 2) {
        const at = (amounts[index] as number) * SLOTS + slot
        this.#lanes[at] = (this.#lanes[at] as number) + (amounts[index + 1] as number) * share
      }
    }
  }

  #slotOf(ms: number): number {
    return Math.min(SLOTS - 1, Math.max(0, Math.floor((ms - this.startMs) / this.slotMs)))
  }
}
