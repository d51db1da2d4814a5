// A stream of octets as messages; after a gap, from the next thing that looks like the start of one.
import {
  EXTENDED_MESSAGE_OCTETS,
  HEADER_OCTETS,
  MESSAGE_OCTETS,
  type MessageHeader,
  readHeader,
} from '../../wire/bgp/message.ts'
import { type BgpProblem, isBgpProblem } from '../../wire/bgp/notification.ts'

/** The largest message that is not whole yet, and what one read gives. */
const BUFFER_OCTETS = 128 * 1024
const MARKER_OCTETS = 16
const NOTHING = new Uint8Array(0)

export class MessageBuffer {
  readonly octets = new Uint8Array(BUFFER_OCTETS)
  readonly view = new DataView(this.octets.buffer)
  /** The message that `next` found: its header. */
  start = 0
  maxOctets = MESSAGE_OCTETS
  #end = 0
  #filled = 0
  #chunk: Uint8Array = NOTHING
  #searching = false

  /** Octets that follow; `next` must have returned undefined before more are given. They are copied by `next`. */
  give(chunk: Uint8Array): void {
    this.#chunk = chunk
  }

  /** What was there of a message is thrown away, and the start of another looked for. */
  resynchronize(): void {
    this.#searching = true
    this.start = this.#end
  }

  /** Whether octets of a message that is not whole wait. */
  get rest(): number {
    return this.#filled - this.#end
  }

  /** The next whole message; undefined when more octets are needed; a problem once, and then no more. */
  next(): MessageHeader | BgpProblem | undefined {
    this.start = this.#end
    for (;;) {
      if (this.#searching && !this.#search()) {
        if (!this.#fill()) return undefined
        continue
      }
      const header = readHeader(this.view, this.start, this.#filled - this.start, this.maxOctets)
      if (header) {
        if (!isBgpProblem(header)) this.#end = this.start + header.length
        return header
      }
      if (!this.#fill()) return undefined
    }
  }

  /** Moves to the next marker with a header behind it that may be one. */
  #search(): boolean {
    let ones = 0
    for (let at = this.start; at < this.#filled; at++) {
      ones = this.octets[at] === 255 ? ones + 1 : 0
      if (ones < MARKER_OCTETS) continue
      const from = at + 1 - MARKER_OCTETS
      const header = readHeader(this.view, from, this.#filled - from, EXTENDED_MESSAGE_OCTETS)
      const isCut = this.#filled - from < HEADER_OCTETS
      if (!isCut && header && isBgpProblem(header)) continue
      this.start = from
      this.#end = from
      this.#searching = isCut
      return !isCut
    }
    this.start = Math.max(this.start, this.#filled - MARKER_OCTETS - HEADER_OCTETS)
    this.#end = this.start
    return false
  }

  #fill(): boolean {
    if (this.#chunk.length === 0) return false
    this.octets.copyWithin(0, this.start, this.#filled)
    this.#filled -= this.start
    this.start = 0
    this.#end = 0
    const taken = this.#chunk.subarray(0, BUFFER_OCTETS - this.#filled)
    this.octets.set(taken, this.#filled)
    this.#filled += taken.length
    this.#chunk = this.#chunk.subarray(taken.length)
    return true
  }
}
