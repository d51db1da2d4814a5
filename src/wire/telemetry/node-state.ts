// A node that sends telemetry: what is remembered of it.
import { Subscriptions } from './subscriptions.ts'

/** Publishers of a node whose message numbers are followed: line cards. */
const PUBLISHERS_PER_NODE = 1024
/** A step ahead by more is a restart, not a loss. */
const LARGEST_GAP = 10_000

export class NodeState {
  readonly address: string
  /** Of the connection, or of the first datagram. */
  readonly port: number
  readonly subscriptions: Subscriptions
  lastUs: number
  messages = 0
  /** Messages of UDP-notif that did not come. */
  lost = 0
  readonly #next = new Map<number, number>()

  constructor(address: string, port: number, timeUs: number, forgotten: () => void) {
    this.address = address
    this.port = port
    this.lastUs = timeUs
    this.subscriptions = new Subscriptions(forgotten)
  }

  /** Follows the numbers of a publisher's messages; returns how many are missing before this one. */
  follow(publisher: number, message: number): number {
    const next = this.#next.get(publisher)
    if (next === undefined && this.#next.size >= PUBLISHERS_PER_NODE) return 0
    const missing = next === undefined ? 0 : (message - next) | 0
    // A segment of a message that is known, one that was overtaken, or a node that began anew far behind.
    if (missing < 0 && missing > -LARGEST_GAP) return 0
    this.#next.set(publisher, (message + 1) >>> 0)
    if (missing < 0 || missing > LARGEST_GAP) return 0
    this.lost += missing
    return missing
  }
}
