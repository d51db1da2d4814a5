// The octets of one session, in which messages are found by their length.
import type { Problem } from '../../contract/problem.ts'
import { BMP_HEADER_OCTETS, BMP_MESSAGE_OCTETS, ROUTE_MIRRORING, readBmpHeader } from '../../wire/bmp/message.ts'

const FIRST_OCTETS = 128 * 1024

export class MessageBuffer {
  octets: Uint8Array = new Uint8Array(FIRST_OCTETS)
  view: DataView = new DataView(this.octets.buffer)
  /** The message that `next` found. */
  start = 0
  end = 0
  /** Why no further message can be found. */
  problem: Problem | undefined
  #filled = 0

  /** Takes octets; call `next` until it finds nothing before the next ones. */
  push(octets: Uint8Array, from = 0, to = octets.length): void {
    this.#makeRoom(to - from)
    this.octets.set(from === 0 && to === octets.length ? octets : octets.subarray(from, to), this.#filled)
    this.#filled += to - from
  }

  /** Finds the next whole message, octets[start..end); false when it is still to come, or never will. */
  next(): boolean {
    this.start = this.end
    if (this.problem) return false
    const header = readBmpHeader(this.view, this.start, this.#filled - this.start)
    if (!header) return false
    if ('code' in header) {
      this.problem = header
      return false
    }
    this.end = this.start + header.length
    return true
  }

  /** Octets of a message that is not whole. */
  get rest(): number {
    return this.#filled - this.end
  }

  /** Forgets what is there: the octets that follow on it are lost. */
  clear(): void {
    this.start = 0
    this.end = 0
    this.#filled = 0
    this.problem = undefined
  }

  /** After octets were lost: goes on at what looks like a message. How many octets were passed over. */
  resynchronize(): number {
    const { view } = this
    let at = this.end
    const last = this.#filled - BMP_HEADER_OCTETS
    while (at <= last && !looksLikeMessage(view, at, this.#filled)) at++
    const passed = at - this.end
    this.start = at
    this.end = at
    this.problem = undefined
    return passed
  }

  #makeRoom(octets: number): void {
    if (this.#filled + octets <= this.octets.length) return
    const kept = this.#filled - this.end
    let { length } = this.octets
    // At most a message that is not whole, and what came at once.
    while (length < kept + octets) length *= 2
    const target = length === this.octets.length ? this.octets : new Uint8Array(length)
    if (target === this.octets) target.copyWithin(0, this.end, this.#filled)
    else {
      target.set(this.octets.subarray(this.end, this.#filled))
      this.octets = target
      this.view = new DataView(target.buffer)
    }
    this.#filled = kept
    this.start = 0
    this.end = 0
  }
}

/** Whether a header of a known version, a known type and a sane length stands there, and another one behind it. */
export function looksLikeMessage(view: DataView, at: number, end: number): boolean {
  if (end - at < BMP_HEADER_OCTETS) return false
  const version = view.getUint8(at)
  const length = view.getUint32(at + 1)
  if ((version !== 3 && version !== 4) || length < BMP_HEADER_OCTETS || length > BMP_MESSAGE_OCTETS) return false
  if (view.getUint8(at + 5) > ROUTE_MIRRORING) return false
  return at + length >= end || view.getUint8(at + length) === version
}
