// Reading XDR (RFC 4506) up to an end. What lies beyond it reads as nothing, and `broken` says that it happened.
import { dotted, ipv6Text } from '../../octets/address.ts'

const decoder = new TextDecoder()
/** Longer texts are cut: no field of sFlow has more. */
const TEXT_OCTETS = 1024

/** An sFlow address. */
export class Address {
  readonly words = new Uint32Array(4)
  /** 0 = unknown. */
  family = 0

  get text(): string | undefined {
    const [a, b, c, d] = this.words as unknown as [number, number, number, number]
    if (this.family === 0) return undefined
    return this.family === 4 ? dotted(a) : ipv6Text(a, b, c, d)
  }
}

export class Xdr {
  view: DataView = new DataView(new ArrayBuffer(0))
  at = 0
  end = 0
  broken = false
  /** Where the datagram ends: a few agents say that a sample ends before its last record does. */
  lastEnd = 0

  begin(view: DataView, at: number, end: number, lastEnd = end): void {
    this.view = view
    this.at = at
    this.end = end
    this.lastEnd = lastEnd
    this.broken = false
  }

  /** True when so many octets are left. */
  has(octets: number): boolean {
    if (this.end - this.at >= octets) return true
    this.broken = true
    this.at = this.end
    return false
  }

  skip(octets: number): void {
    if (this.has(octets)) this.at += octets
  }

  unsigned(): number {
    if (!this.has(4)) return 0
    this.at += 4
    return this.view.getUint32(this.at - 4)
  }

  signed(): number {
    return this.unsigned() | 0
  }

  /** A number up to 2^53, a BigInt above. */
  hyper(): number | bigint {
    if (!this.has(8)) return 0
    this.at += 8
    const whole = this.view.getBigUint64(this.at - 8)
    return whole <= Number.MAX_SAFE_INTEGER ? Number(whole) : whole
  }

  float(): number {
    if (!this.has(4)) return 0
    this.at += 4
    return this.view.getFloat32(this.at - 4)
  }

  /** Six octets, padded to eight. */
  mac(): number {
    if (!this.has(8)) return Number.NaN
    const { view, at } = this
    this.at += 8
    return view.getUint16(at) * 0x1_0000_0000 + view.getUint32(at + 2)
  }

  text(): string {
    const octets = this.unsigned()
    if (octets > this.end - this.at) this.broken = true
    const stop = Math.min(this.end, this.at + octets)
    const { view, at } = this
    this.at = Math.min(this.end, at + octets + (-octets & 3))
    return decoder.decode(new Uint8Array(view.buffer, view.byteOffset + at, Math.min(stop - at, TEXT_OCTETS)))
  }

  numbers(count: number): number[] {
    const numbers: number[] = []
    for (let left = Math.min(count, (this.end - this.at) >>> 2); left > 0; left--) numbers.push(this.unsigned())
    if (numbers.length < count) this.has(4)
    return numbers
  }

  /** A length, then so many numbers. */
  list(): number[] {
    return this.numbers(this.unsigned())
  }

  words(into: Uint32Array, count: number): void {
    for (let word = 0; word < count; word++) into[word] = this.unsigned()
  }

  address(into: Address): void {
    const type = this.unsigned()
    into.family = type === 1 ? 4 : type === 2 ? 6 : 0
    if (into.family > 0) this.words(into.words, into.family === 4 ? 1 : 4)
    if (this.broken) into.family = 0
  }
}
