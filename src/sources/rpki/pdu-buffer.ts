// A stream of octets as PDUs.
import type { RtrProblem } from '../../wire/rtr/errors.ts'
import { PDU_OCTETS, type Pdu, readPdu } from '../../wire/rtr/pdu.ts'

/** The largest PDU that is not whole yet, and what one read gives. */
const BUFFER_OCTETS = 2 * PDU_OCTETS
const NOTHING = new Uint8Array(0)

export class PduBuffer {
  readonly octets = new Uint8Array(BUFFER_OCTETS)
  readonly view = new DataView(this.octets.buffer)
  /** Where the PDU that `next` found begins. */
  start = 0
  #end = 0
  #filled = 0
  #chunk: Uint8Array = NOTHING

  /** Octets that follow; `next` must have returned undefined before more are given. They are copied by `next`. */
  give(chunk: Uint8Array): void {
    this.#chunk = chunk
  }

  /** What is there from `start` on. */
  get rest(): Uint8Array {
    return this.octets.subarray(this.start, this.#filled)
  }

  /** The next whole PDU; undefined when more octets are needed; a problem, after which there are no more. */
  next(): Pdu | RtrProblem | undefined {
    this.start = this.#end
    for (;;) {
      const pdu = readPdu(this.view, this.start, this.#filled - this.start)
      if (pdu) {
        if ('length' in pdu) this.#end = this.start + pdu.length
        return pdu
      }
      if (this.#chunk.length === 0) return undefined
      this.octets.copyWithin(0, this.start, this.#filled)
      this.#filled -= this.start
      this.start = this.#end = 0
      const taken = this.#chunk.subarray(0, BUFFER_OCTETS - this.#filled)
      this.octets.set(taken, this.#filled)
      this.#filled += taken.length
      this.#chunk = this.#chunk.subarray(taken.length)
    }
  }
}
