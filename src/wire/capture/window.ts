// The octets that a capture is read through: [kept | chunk | scratch]. A chunk is always read to the same place; what
// the parser could not take yet (a record cut by the chunk's end) is moved to right before it.
import { MAX_FRAME_OCTETS } from './block.ts'

/** The largest record that is read as a whole: a frame and its pcapng options. */
export const MAX_RECORD_OCTETS = 2 * MAX_FRAME_OCTETS
export const CHUNK_OCTETS = 1024 * 1024
/** Room for reassembled datagrams. */
const SCRATCH_OCTETS = 256 * 1024
const CHUNK_START = MAX_RECORD_OCTETS
export const SCRATCH_START = CHUNK_START + CHUNK_OCTETS

export class CaptureWindow {
  readonly octets = new Uint8Array(SCRATCH_START + SCRATCH_OCTETS)
  readonly view = new DataView(this.octets.buffer)
  /** First octet not taken by the parser; past `end` when octets that are still to come shall be skipped. */
  start = CHUNK_START
  /** One past the last octet read. */
  end = CHUNK_START
  /** Where octets[0] is in the capture. */
  #origin = -CHUNK_START
  readonly #chunk = this.octets.subarray(CHUNK_START, SCRATCH_START)

  /** Where in the capture an octet of the window is. */
  position(at: number): number {
    return this.#origin + at
  }

  /** Keeps what was not taken and returns where the next octets go; report them with `filled`. */
  room(): Uint8Array {
    const unread = this.end - this.start
    if (unread > CHUNK_START) throw new RangeError(`a record of ${unread} octets cannot be kept`)
    if (unread > 0) this.octets.copyWithin(CHUNK_START - unread, this.start, this.end)
    this.#origin += this.end - CHUNK_START
    this.start = CHUNK_START - unread
    this.end = CHUNK_START
    return this.#chunk
  }

  filled(octets: number): void {
    this.end = CHUNK_START + octets
  }
}
