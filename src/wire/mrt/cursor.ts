// Reads the fields of a record one after another; what is not there makes it `cut`, and 0 is read in its place.
import { addressText } from '../bgp/nlri/prefix-text.ts'

export class Cursor {
  readonly octets: Uint8Array
  readonly view: DataView
  at: number
  readonly end: number
  cut = false

  constructor(octets: Uint8Array, view: DataView, start: number, end: number) {
    this.octets = octets
    this.view = view
    this.at = start
    this.end = end
  }

  get rest(): number {
    return this.end - this.at
  }

  u8(): number {
    return this.#take(1) ? this.view.getUint8(this.at - 1) : 0
  }

  u16(): number {
    return this.#take(2) ? this.view.getUint16(this.at - 2) : 0
  }

  u32(): number {
    return this.#take(4) ? this.view.getUint32(this.at - 4) : 0
  }

  /** AS number of two or four octets. */
  as(wide: boolean): number {
    return wide ? this.u32() : this.u16()
  }

  address(octets: 4 | 16): string {
    return this.#take(octets) ? addressText(this.octets, this.at - octets, octets) : ''
  }

  /** Passes over octets; where they begin. */
  skip(octets: number): number {
    return this.#take(octets) ? this.at - octets : this.at
  }

  #take(octets: number): boolean {
    if (this.at + octets > this.end) {
      this.cut = true
      return false
    }
    this.at += octets
    return true
  }
}
