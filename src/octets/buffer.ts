// A growing run of octets to write text into.

const encoder = new TextEncoder()

export class OctetBuffer {
  octets: Uint8Array
  view: DataView
  length = 0

  /** `memory` is used instead of new one, until that is too small. */
  constructor(capacity: number, memory = new ArrayBuffer(capacity)) {
    this.octets = new Uint8Array(memory)
    this.view = new DataView(this.octets.buffer)
  }

  /** Makes room for `more` octets after `length`. */
  reserve(more: number): void {
    if (this.length + more <= this.octets.length) return
    const octets = new Uint8Array(Math.max(2 * this.octets.length, this.length + more))
    octets.set(this.octets.subarray(0, this.length))
    this.octets = octets
    this.view = new DataView(octets.buffer)
  }

  append(octets: Uint8Array): void {
    this.reserve(octets.length)
    this.octets.set(octets, this.length)
    this.length += octets.length
  }

  appendText(text: string): void {
    this.reserve(3 * text.length)
    this.length += encoder.encodeInto(text, this.octets.subarray(this.length)).written
  }

  /** What was written, without a copy; valid until the next write. */
  written(): Uint8Array {
    return this.octets.subarray(0, this.length)
  }
}
