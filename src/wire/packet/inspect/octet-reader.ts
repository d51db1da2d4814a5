// Reading octets of a payload up to an end; `isCut` says that something was not there.

const decoder = new TextDecoder('latin1')

export class PayloadReader {
  readonly view: DataView
  at: number
  readonly end: number
  isCut = false

  constructor(view: DataView, at: number, end: number) {
    this.view = view
    this.at = at
    this.end = end
  }

  has(octets: number): boolean {
    if (this.at + octets <= this.end) return true
    this.isCut = true
    this.at = this.end
    return false
  }
  u8(): number {
    if (!this.has(1)) return 0
    return this.view.getUint8(this.at++)
  }
  u16(): number {
    if (!this.has(2)) return 0
    this.at += 2
    return this.view.getUint16(this.at - 2)
  }
  u24(): number {
    return this.u8() * 65_536 + this.u16()
  }
  u32(): number {
    if (!this.has(4)) return 0
    this.at += 4
    return this.view.getUint32(this.at - 4)
  }
  /** Of QUIC: two bits say the length (RFC 9000 section 16). */
  varint(): number {
    const first = this.u8()
    let value = first & 0x3f
    for (let more = (1 << (first >>> 6)) - 1; more > 0; more--) value = value * 256 + this.u8()
    return value
  }
  skip(octets: number): void {
    if (this.has(octets)) this.at += octets
  }
  octets(count: number): Uint8Array {
    if (!this.has(count)) return new Uint8Array(0)
    this.at += count
    return new Uint8Array(this.view.buffer, this.view.byteOffset + this.at - count, count)
  }
  text(count: number): string {
    return decoder.decode(this.octets(count))
  }
  /** The next octets as a reader of their own, as far as they are there. */
  part(octets: number): PayloadReader {
    const start = this.at
    const end = Math.min(this.end, start + octets)
    if (start + octets > this.end) this.isCut = true
    this.at = end
    const part = new PayloadReader(this.view, start, end)
    part.isCut = start + octets > this.end
    return part
  }
}
