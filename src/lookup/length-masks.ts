// Which prefix lengths there are around an address: bit n of a mask = some prefix of n bits begins like it.
import { maskWord } from './prefix.ts'
import { WordTable } from './word-table.ts'

/** IPv4: lengths up to 15 by the first 8 bits, up to 19 by the first 16, longer ones by the first 20. */
export class LengthMasks4 {
  /** /0 to /7. */
  #short = 0
  readonly #by8 = new Uint16Array(2 ** 8)
  /** Bit n = length 16 + n. */
  readonly #by16 = new Uint8Array(2 ** 16)
  /** Bit n = length 20 + n. */
  readonly #by20 = new Uint16Array(2 ** 20)

  add(address: number, length: number): void {
    if (length < 8) this.#short |= 1 << length
    else if (length < 16) this.#by8[address >>> 24]! |= 1 << length
    else if (length < 20) this.#by16[address >>> 16]! |= 1 << (length - 16)
    else this.#by20[address >>> 12]! |= 1 << (length - 20)
  }

  top(): number {
    return 0
  }

  /** Lengths 0..31 (index 0) or 32 (index 1) around an address. */
  word(address: number, _top: number, index: number): number {
    const long = this.#by20[address >>> 12] as number
    if (index === 1) return long >>> 12
    const middle = ((this.#by16[address >>> 16] as number) << 16) | ((long & 0xfff) << 20)
    return (this.#short | (this.#by8[address >>> 24] as number) | middle) >>> 0
  }
}

/** Lengths 0..127 and, in a word of its own, 128. */
const MASK_WORDS = 5
const TOP_BITS = 32

/** IPv6: lengths up to 31 anywhere, longer ones by the first 32 bits. */
export class LengthMasks6 {
  /** First word -> place in #masks; 0 is for prefixes of up to 31 bits. */
  readonly #tops = new WordTable()
  #masks: number[] = new Array<number>(MASK_WORDS).fill(0)

  add(word: number, length: number): void {
    let top = 0
    if (length >= TOP_BITS) {
      const key = maskWord(word, TOP_BITS)
      top = this.#tops.get(key, 0, 0)
      if (top === 0) {
        top = this.#masks.length / MASK_WORDS
        this.#tops.set(key, 0, 0, top)
        for (let index = 0; index < MASK_WORDS; index++) this.#masks.push(0)
      }
    }
    const at = MASK_WORDS * top + (length >>> 5)
    this.#masks[at] = ((this.#masks[at] as number) | (1 << (length & 31))) >>> 0
  }

  /** Which masks a route of `length` bits has; 0 = only short prefixes can cover it. */
  top(word: number, length: number): number {
    return length < TOP_BITS ? 0 : this.#tops.get(word, 0, 0)
  }

  /** Lengths 32 * index .. 32 * index + 31. */
  word(_word: number, top: number, index: number): number {
    const short = this.#masks[index] as number
    return top === 0 ? short : (short | (this.#masks[MASK_WORDS * top + index] as number)) >>> 0
  }
}
