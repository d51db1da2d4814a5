// A node that sends telemetry: what is remembered of it.
import { Subscriptions } from './subscriptions.ts'

/** Sources of a node whose message numbers are followed: line cards that publish, sensors of JTI. */
const SOURCES_PER_NODE = 1024
/** A message that came after a later one. */
export const LATE = -1
/** A step ahead by more is a restart, not a loss. */
const LARGEST_GAP = 10_000

export class NodeState {
  readonly address: string
  /** Of the connection, or of the first datagram. */
  readonly port: number
  readonly subscriptions: Subscriptions
  lastUs: number
  messages = 0
  /** Messages that did not come before later ones. */
  lost = 0
  readonly #next = new Map<number | string, number>()

  constructor(address: string, port: number, timeUs: number, forgotten: () => void) {
    this.address = address
    this.port = port
    this.lastUs = timeUs
    this.subscriptions = new Subscriptions(forgotten)
  }

  /** Follows the numbers (32 bits) of a source's messages; returns how many are missing before this one, or LATE. */
  follow(source: number | string, number: number): number {
    const next = this.#next.get(source)
    if (next === undefined && this.#next.size >= SOURCES_PER_NODE) return 0
    const missing = next === undefined ? 0 : (number - next) | 0
    // A segment of a message that is known, or the same once more.
    if (missing === -1) return 0
    if (missing < 0 && missing > -LARGEST_GAP) return LATE
    this.#next.set(source, (number + 1) >>> 0)
    // A node that began anew.
    if (missing < 0 || missing > LARGEST_GAP) return 0
    this.lost += missing
    return missing
  }
}
