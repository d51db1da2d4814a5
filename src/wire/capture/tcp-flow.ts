// One direction of a TCP connection: segments in any order become octets in order (RFC 9293 section 3.4).
import type { CapturePeer } from './block.ts'

/** Octets that wait for a missing one; then the gap is given up. */
export const MAX_HELD_OCTETS = 4 * 1024 * 1024
export const MAX_HELD_SEGMENTS = 4096

/** What follows next in a direction. One object is used for all. */
export class TcpEvent {
  flow!: TcpFlow
  /** `octets`: octets[start..end); `lost`: so many octets are not in the capture; `end`: nothing more will come. */
  kind: 'octets' | 'lost' | 'end' = 'end'
  /** Valid until the next event is asked for. */
  octets: Uint8Array = new Uint8Array(0)
  start = 0
  end = 0
  lost = 0
  timeUs = 0
}

interface Held {
  /** Relative to the first octet of the direction. */
  readonly at: number
  readonly octets: Uint8Array
  /** Octets it had on the wire. */
  readonly length: number
}

/** A segment with its place: octets[start..end) were captured of `length`. */
export interface Segment {
  readonly octets: Uint8Array
  readonly start: number
  readonly end: number
  readonly length: number
}

export class TcpFlow {
  readonly source: CapturePeer
  readonly destination: CapturePeer
  /** The other direction, once seen. */
  reverse: TcpFlow | undefined
  /** Nothing more comes. */
  ended = false
  /** The start was seen: a SYN. */
  readonly whole: boolean
  /** Sequence number of the first octet. */
  readonly first: number
  /** Octets given or lost so far. */
  #next = 0
  /** Sequence number of octet #next. */
  #sequence: number
  #held: Held[] = []
  #heldOctets = 0
  /** Where the FIN is. */
  #last = Number.POSITIVE_INFINITY

  constructor(source: CapturePeer, destination: CapturePeer, sequence: number, whole: boolean) {
    this.source = source
    this.destination = destination
    this.first = sequence
    this.#sequence = sequence
    this.whole = whole
  }

  /** How far a sequence number is ahead of what was given. */
  ahead(sequence: number): number {
    return (sequence - this.#sequence) | 0
  }

  /** Takes a segment; gives what is now in order. */
  *take(sequence: number, segment: Segment, event: TcpEvent): Generator<TcpEvent> {
    const at = this.#next + this.ahead(sequence)
    if (segment.length === 0) return
    if (at <= this.#next) yield* this.#give(at, segment, event)
    else this.#hold(at, segment)
    yield* this.#release(event, false)
    if (this.#heldOctets > MAX_HELD_OCTETS || this.#held.length > MAX_HELD_SEGMENTS) yield* this.#release(event, true)
  }

  /** The other end has what comes before this number: a gap before it is the capture's, and will not be filled. */
  *acknowledged(sequence: number, event: TcpEvent): Generator<TcpEvent> {
    const first = this.#held[0]
    if (first && this.#next + this.ahead(sequence) >= first.at + first.length) yield* this.#release(event, true)
  }

  finAt(sequence: number): void {
    this.#last = this.#next + this.ahead(sequence)
  }

  /** Whether all up to the FIN was given. */
  get isFinished(): boolean {
    return this.#next >= this.#last
  }

  /** No more segments will come: gives what is held, with its gaps. */
  *close(event: TcpEvent): Generator<TcpEvent> {
    while (this.#held.length > 0) yield* this.#release(event, true)
    if (this.ended) return
    this.ended = true
    event.flow = this
    event.kind = 'end'
    yield event
  }

  *#give(at: number, { octets, start, end, length }: Segment, event: TcpEvent): Generator<TcpEvent> {
    const from = Math.max(start, start + this.#next - at)
    if (from < end) {
      this.#advance(end - from)
      event.flow = this
      event.kind = 'octets'
      event.octets = octets
      event.start = from
      event.end = end
      yield event
    }
    if (at + length > this.#next) yield* this.#lose(at + length - this.#next, event)
  }

  *#lose(octets: number, event: TcpEvent): Generator<TcpEvent> {
    this.#advance(octets)
    event.flow = this
    event.kind = 'lost'
    event.lost = octets
    yield event
  }

  #advance(octets: number): void {
    this.#next += octets
    this.#sequence = (this.#sequence + octets) >>> 0
  }

  #hold(at: number, { octets, start, end, length }: Segment): void {
    const held = this.#held
    let index = held.length
    while (index > 0 && (held[index - 1] as Held).at > at) index--
    held.splice(index, 0, { at, octets: octets.slice(start, end), length })
    this.#heldOctets += end - start
  }

  /** Gives what is held and in order; `skipping` gives up the first gap. */
  *#release(event: TcpEvent, skipping: boolean): Generator<TcpEvent> {
    let given = 0
    for (; given < this.#held.length; given++) {
      const { at, octets, length } = this.#held[given] as Held
      if (at > this.#next) {
        if (!skipping) break
        skipping = false
        yield* this.#lose(at - this.#next, event)
      }
      this.#heldOctets -= octets.length
      yield* this.#give(at, { octets, start: 0, end: octets.length, length }, event)
    }
    if (given > 0) this.#held.splice(0, given)
  }
}
