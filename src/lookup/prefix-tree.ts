// Longest prefix match for IPv4 and IPv6, on words. Values are whole numbers >= 0: indexes into the caller's own list.
//
// IPv4 prefixes, and IPv6 ones below 32 bits, are in a Trie, IPv6 ones up to 64 bits in Segments. Longer ones are few and spread far: they
// are in a hash table, and for each /64 that has some, a mask says which lengths to try, longest first.
import { maskWord, type Prefix } from './prefix.ts'
import { Segments } from './segments.ts'
import { Trie } from './trie.ts'
import { TupleTable } from './tuple-table.ts'
import { WordTable } from './word-table.ts'

/** Prefixes in one tree: four times today's routing table of the internet. */
export const MAX_PREFIXES = 5_000_000

type Words = Prefix['words']

export class PrefixTree {
  readonly limit: number
  #size = 0
  #four = new ShortPrefixes()
  #six: ShortPrefixes | undefined
  #middle: MiddlePrefixes | undefined
  #long: LongPrefixes | undefined

  constructor(limit = MAX_PREFIXES) {
    this.limit = limit
  }

  get size(): number {
    return this.#size
  }

  /** Value of the longest prefix that holds the IPv4 address, or -1. */
  lookup4(address: number): number {
    return this.#four.lookup(address)
  }

  /** Value of the longest prefix that holds the IPv6 address, or -1. */
  lookup6(a: number, b: number, c: number, d: number): number {
    if (this.#long) {
      const value = this.#long.lookup(a, b, c, d)
      if (value >= 0) return value
    }
    if (this.#middle) {
      const value = this.#middle.segments.lookup(a, b)
      if (value >= 0) return value
    }
    return this.#six ? this.#six.lookup(a) : -1
  }

  /** Puts a prefix in, over one that was there. False, and nothing done, when the tree is full. */
  insert(prefix: Prefix, value: number): boolean {
    const part = this.#part(prefix, true)
    if (this.#size >= this.limit && part.get(prefix.words, prefix.length) < 0) return false
    if (part.insert(prefix.words, prefix.length, value)) this.#size++
    return true
  }

  /** Value of exactly this prefix, or -1. */
  get(prefix: Prefix): number {
    return this.#part(prefix, false)?.get(prefix.words, prefix.length) ?? -1
  }

  /** False when the prefix was not there. */
  remove(prefix: Prefix): boolean {
    const part = this.#part(prefix, false)
    if (!part || part.get(prefix.words, prefix.length) < 0) return false
    this.#size--
    part.remove(prefix.words, prefix.length)
    return true
  }

  #part(prefix: Prefix, make: true): Part
  #part(prefix: Prefix, make: false): Part | undefined
  #part({ family, length }: Prefix, make: boolean): Part | undefined {
    if (family === 4) return this.#four
    if (make) {
      if (length < 32) this.#six ??= new ShortPrefixes()
      else if (length <= 64) this.#middle ??= new MiddlePrefixes()
      else this.#long ??= new LongPrefixes()
    }
    if (length < 32) return this.#six
    return length <= 64 ? this.#middle : this.#long
  }
}

/** Where prefixes of some lengths live. */
interface Part {
  get(words: Words, length: number): number
  /** Whether the prefix was not there. */
  insert(words: Words, length: number, value: number): boolean
  remove(words: Words, length: number): void
}

/** Prefixes of up to 32 bits: the trie for look-ups, and each prefix by itself for changes. */
class ShortPrefixes {
  readonly trie = new Trie()
  /** Address, length -> value + 1. */
  #exact = new WordTable()
  #perLength = new Uint32Array(33)
  /** /0 would fill every entry, so it waits here. */
  default = -1

  lookup(address: number): number {
    const value = this.trie.lookup(address)
    return value < 0 ? this.default : value
  }

  get([address]: Words, length: number): number {
    return length === 0 ? this.default : this.#exact.get(address, length, 0) - 1
  }

  insert([address]: Words, length: number, value: number): boolean {
    if (length === 0) {
      const isNew = this.default < 0
      this.default = value
      return isNew
    }
    const { size } = this.#exact
    this.#exact.set(address, length, 0, value + 1)
    this.trie.insert(address, length, value)
    if (this.#exact.size === size) return false
    this.#perLength[length]!++
    return true
  }

  remove([address]: Words, length: number): void {
    if (length === 0) {
      this.default = -1
      return
    }
    this.#exact.delete(address, length, 0)
    this.#perLength[length]!--
    let cover = 0
    let shorter = length
    while (cover === 0 && --shorter > 0) {
      if (this.#perLength[shorter] !== 0) cover = this.#exact.get(maskWord(address, shorter), shorter, 0)
    }
    this.trie.remove(address, length, cover - 1, shorter)
  }
}

/** IPv6 prefixes of 32 to 64 bits. */
class MiddlePrefixes {
  readonly segments = new Segments()

  get([a, b]: Words, length: number): number {
    return this.segments.get(a, b, length)
  }

  insert([a, b]: Words, length: number, value: number): boolean {
    const isNew = this.segments.get(a, b, length) < 0
    this.segments.insert(a, b, length, value)
    return isNew
  }

  remove([a, b]: Words, length: number): void {
    this.segments.remove(a, b, length)
  }
}

/** IPv6 prefixes of 65 bits and more: hosts and point-to-point links. */
class LongPrefixes {
  #table = new TupleTable(4)
  #key = new Float64Array(4)
  /** First and second word -> place in #lengths + 1. */
  #tops = new WordTable()
  /** Two words a place: bit n of word w = some prefix of length 65 + 32 * w + n. Bits stay when prefixes go. */
  #lengths: number[] = []

  lookup(a: number, b: number, c: number, d: number): number {
    const top = this.#tops.get(a, b, 0)
    if (top === 0) return -1
    for (let word = 1; word >= 0; word--) {
      let mask = this.#lengths[2 * top - 2 + word] as number
      while (mask !== 0) {
        const bit = 31 - Math.clz32(mask)
        const value = this.#find(a, b, c, d, 65 + 32 * word + bit)
        if (value >= 0) return value
        mask = (mask ^ (1 << bit)) >>> 0
      }
    }
    return -1
  }

  get(words: Words, length: number): number {
    return this.#find(words[0], words[1], words[2], words[3], length)
  }

  insert(words: Words, length: number, value: number): boolean {
    const [a, b, c, d] = words
    this.#setKey(a, b, c, d, length)
    const isNew = this.#table.get(this.#key) < 0
    this.#table.set(this.#key, value)
    let top = this.#tops.get(a, b, 0)
    if (top === 0) {
      top = this.#tops.size + 1
      this.#tops.set(a, b, 0, top)
      this.#lengths.push(0, 0)
    }
    const at = 2 * top - 2 + ((length - 65) >>> 5)
    this.#lengths[at] = ((this.#lengths[at] as number) | (1 << ((length - 65) & 31))) >>> 0
    return isNew
  }

  remove(words: Words, length: number): void {
    this.#setKey(words[0], words[1], words[2], words[3], length)
    this.#table.delete(this.#key)
  }

  #find(a: number, b: number, c: number, d: number, length: number): number {
    this.#setKey(a, b, c, d, length)
    return this.#table.get(this.#key)
  }

  #setKey(a: number, b: number, c: number, d: number, length: number): void {
    const key = this.#key
    key[0] = a * 256 + length
    key[1] = b
    key[2] = maskWord(c, length - 64)
    key[3] = maskWord(d, length - 96)
  }
}
