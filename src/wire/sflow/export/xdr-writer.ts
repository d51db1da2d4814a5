// Writing XDR (RFC 4506): big-endian, in fours. What does not fit is not written, and `full` says that it happened.

const encoder = new TextEncoder()
const MOST_OCTETS = 65_536
const UNSIGNED = 2 ** 32

export class XdrWriter {
  readonly octets = new Uint8Array(MOST_OCTETS)
  readonly view = new DataView(this.octets.buffer)
  at = 0
  full = false

  begin(): void {
    this.at = 0
    this.full = false
  }

  #has(octets: number): boolean {
    if (this.at + octets <= MOST_OCTETS) return true
    this.full = true
    return false
  }

  unsigned(...numbers: readonly number[]): void {
    for (const number of numbers) {
      if (!this.#has(4)) return
      this.view.setUint32(this.at, number)
      this.at += 4
    }
  }

  hyper(value: bigint): void {
    if (!this.#has(8)) return
    this.view.setBigUint64(this.at, value)
    this.at += 8
  }

  float(value: number): void {
    if (!this.#has(4)) return
    this.view.setFloat32(this.at, value)
    this.at += 4
  }

  /** Six octets, padded to eight. */
  mac(value: number): void {
    if (!this.#has(8)) return
    this.view.setUint16(this.at, Math.floor(value / UNSIGNED))
    this.view.setUint32(this.at + 2, value % UNSIGNED)
    this.view.setUint16(this.at + 6, 0)
    this.at += 8
  }

  /** Octets of a known length, padded. */
  fixed(octets: Uint8Array): void {
    const padded = octets.length + (-octets.length & 3)
    if (!this.#has(padded)) return
    this.octets.fill(0, this.at + octets.length, this.at + padded)
    this.octets.set(octets, this.at)
    this.at += padded
  }

  /** Octets behind their length. */
  opaque(octets: Uint8Array): void {
    this.unsigned(octets.length)
    this.fixed(octets)
  }

  text(text: string): void {
    this.opaque(encoder.encode(text))
  }

  /** A count, then so many numbers. */
  list(numbers: readonly number[]): void {
    this.unsigned(numbers.length, ...numbers)
  }

  /** Its family, then the address. */
  address(family: number, words: ArrayLike<number>, from = 0): void {
    this.unsigned(family === 4 ? 1 : 2)
    for (let word = 0; word < (family === 4 ? 1 : 4); word++) this.unsigned(words[from + word] as number)
  }

  /** A structure: its format, its length, and what `write` writes. */
  structure(format: number, write: () => void): void {
    this.unsigned(format, 0)
    const start = this.at
    write()
    if (!this.full) this.view.setUint32(start - 4, this.at - start)
  }
}
