// Crypto-PAn: addresses to addresses, one to one, so that two addresses that share their first n bits share n bits afterwards
// as well (Xu, Fan, Ammar, Moon: Prefix-Preserving IP Address Anonymization, 2002). IPv6 is done alike, over 128 bits.
import { type Cipheriv, createCipheriv } from 'node:crypto'

/** Octets of a key: sixteen of AES, sixteen that become the padding. */
export const KEY_OCTETS = 32
const BLOCK = 16

/** Bit n of the answer is a function of the first n bits: all of them are encrypted at once, a block each. */
function flips(cipher: Cipheriv, pad: Buffer, address: Uint8Array): Uint8Array {
  const bits = 8 * address.length
  const blocks = Buffer.alloc(BLOCK * bits)
  for (let bit = 0; bit < bits; bit++) {
    const at = BLOCK * bit
    pad.copy(blocks, at)
    const whole = bit >> 3
    for (let octet = 0; octet < whole; octet++) blocks[at + octet] = address[octet] as number
    if ((bit & 7) === 0) continue
    const mask = 0xff & (0xff00 >> (bit & 7))
    blocks[at + whole] = ((address[whole] as number) & mask) | ((pad[whole] as number) & ~mask)
  }
  const encrypted = cipher.update(blocks)
  const flipped = new Uint8Array(address.length)
  for (let bit = 0; bit < bits; bit++) {
    const top = (encrypted[BLOCK * bit] as number) >> 7
    flipped[bit >> 3] = (flipped[bit >> 3] as number) | (top << (7 - (bit & 7)))
  }
  return flipped
}

export class CryptoPan {
  readonly #cipher: Cipheriv
  readonly #pad: Buffer
  readonly #four = new Uint8Array(4)
  readonly #sixteen = new Uint8Array(16)

  /** Takes KEY_OCTETS octets. */
  constructor(key: Uint8Array) {
    this.#cipher = createCipheriv('aes-128-ecb', key.subarray(0, BLOCK), null).setAutoPadding(false)
    this.#pad = Buffer.from(this.#cipher.update(key.subarray(BLOCK, KEY_OCTETS)))
  }

  /** The number of an IPv4 address to another. */
  ipv4(address: number): number {
    const octets = this.#four
    const view = new DataView(octets.buffer)
    view.setUint32(0, address)
    const flipped = new DataView(flips(this.#cipher, this.#pad, octets).buffer)
    return (address ^ flipped.getUint32(0)) >>> 0
  }

  /** The four words of an IPv6 address to others. */
  ipv6(words: readonly number[]): [number, number, number, number] {
    const view = new DataView(this.#sixteen.buffer)
    for (let index = 0; index < 4; index++) view.setUint32(4 * index, words[index] as number)
    const flipped = new DataView(flips(this.#cipher, this.#pad, this.#sixteen).buffer)
    const word = (index: number) => ((words[index] as number) ^ flipped.getUint32(4 * index)) >>> 0
    return [word(0), word(1), word(2), word(3)]
  }

  /** 48 bits to 48 bits, not preserving prefixes: `kept` octets stay, the others become a keyed hash of all. */
  mac(address: number, kept: 0 | 3): number {
    const block = Buffer.from(this.#pad)
    block.writeUIntBE(address, 10, 6)
    const hash = this.#cipher.update(block).readUIntBE(0, 6)
    const low = 2 ** (8 * (6 - kept))
    return address - (address % low) + (hash % low)
  }
}
