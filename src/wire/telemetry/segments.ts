// Messages of UDP-notif that came in segments, until they are whole. All bounds are of the whole receiver.
import type { UdpNotifHeader } from './udp-notif.ts'

/** Messages that wait for segments; then the oldest is given up. */
export const INCOMPLETE_MESSAGES = 1000
export const INCOMPLETE_OCTETS = 64 * 1024 * 1024
/** A segment that is so late will not come any more. */
export const SEGMENT_WAIT_US = 30_000_000

interface Incomplete {
  readonly segments: Map<number, Uint8Array>
  readonly sinceUs: number
  octets: number
  /** Number of the last segment, once seen. */
  last: number | undefined
  /** The highest number so far. */
  highest: number
}

/** What happened, for counters. */
export type SegmentEvent = 'incomplete' | 'segments-lost' | 'segments-out-of-order' | 'doubled' | 'too-long'

export class Segments {
  readonly #maxOctets: number
  readonly #tell: (event: SegmentEvent, by?: number) => void
  readonly #messages = new Map<string, Incomplete>()
  #octets = 0

  /** `maxOctets`: of one message. */
  constructor(maxOctets: number, tell: (event: SegmentEvent, by?: number) => void) {
    this.#maxOctets = maxOctets
    this.#tell = tell
  }

  get size(): number {
    return this.#messages.size
  }

  get octets(): number {
    return this.#octets
  }

  /** Takes a segment; returns the payload when the message is whole. */
  add(sender: string, header: UdpNotifHeader, octets: Uint8Array, timeUs: number): Uint8Array | undefined {
    const { segment, start, end } = header
    if (!segment) return octets.subarray(start, end)
    this.expire(timeUs)
    const key = `${sender} ${header.publisher} ${header.message}`
    const known = this.#messages.get(key) ?? this.#open(key, timeUs)
    if (known.segments.has(segment.number)) {
      this.#tell('doubled')
      return undefined
    }
    if (known.octets + end - start > this.#maxOctets) {
      this.#drop(key, known, 'too-long')
      return undefined
    }
    known.segments.set(segment.number, new Uint8Array(octets.subarray(start, end)))
    known.octets += end - start
    this.#octets += end - start
    if (segment.isLast) known.last = segment.number
    if (segment.number < known.highest) this.#tell('segments-out-of-order')
    else known.highest = segment.number
    if (known.last !== undefined && known.segments.size > known.last) return this.#whole(key, known)
    if (this.#octets > INCOMPLETE_OCTETS) this.#dropOldest()
    return undefined
  }

  /** Gives up what waits too long. */
  expire(timeUs: number): void {
    for (const [key, message] of this.#messages) {
      if (timeUs - message.sinceUs <= SEGMENT_WAIT_US) return
      this.#drop(key, message, 'incomplete')
    }
  }

  /** Nothing more will come. */
  finish(): void {
    for (const [key, message] of this.#messages) this.#drop(key, message, 'incomplete')
  }

  #open(key: string, sinceUs: number): Incomplete {
    if (this.#messages.size >= INCOMPLETE_MESSAGES) this.#dropOldest()
    const made: Incomplete = { segments: new Map(), sinceUs, octets: 0, last: undefined, highest: -1 }
    this.#messages.set(key, made)
    return made
  }

  #dropOldest(): void {
    for (const [key, message] of this.#messages) {
      this.#drop(key, message, 'incomplete')
      return
    }
  }

  #drop(key: string, message: Incomplete, why: SegmentEvent): void {
    this.#forget(key, message)
    this.#tell(why)
    // Without the last one, that one too, and who knows how many before it.
    const count = (message.last ?? message.highest + 1) + 1
    if (why === 'incomplete') this.#tell('segments-lost', Math.max(1, count - message.segments.size))
  }

  #forget(key: string, message: Incomplete): void {
    this.#messages.delete(key)
    this.#octets -= message.octets
  }

  /** Undefined when a segment after the last one came: then some in between are missing. */
  #whole(key: string, message: Incomplete): Uint8Array | undefined {
    const whole = new Uint8Array(message.octets)
    let at = 0
    for (let number = 0; number < message.segments.size; number++) {
      const part = message.segments.get(number)
      if (!part) {
        this.#drop(key, message, 'incomplete')
        return undefined
      }
      whole.set(part, at)
      at += part.length
    }
    this.#forget(key, message)
    return whole
  }
}
