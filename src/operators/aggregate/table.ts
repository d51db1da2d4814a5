// The table of sums: keys as runs of 32-bit words, found by open addressing; sums as columns of doubles.
//
// A key is its shape (two bits a field, sixteen fields a word) and the words of its fields:
//   number lane   0 absent, 1 whole number below 2^32 (one word), 2 any double (two words), 3 interned value
//   address lane  0 absent, 1 IPv4 (one word), 2 IPv6 (four words), 3 interned value
//   value lane    0 absent, 1 interned value
// So an IPv4 5-tuple takes six words, and nothing is turned into text to be compared.
import type { Value } from '../../contract/record.ts'
import { jsonText } from '../../stream/json.ts'

const FIRST_ENTRIES = 1024
/** Words a key takes at most for each field. */
const WORDS_PER_FIELD = 4

export class Table {
  readonly keyFields: number
  readonly sumCount: number
  /** Pairs of hash and entry + 1 (0 = free), by hash: the hash stands beside so that a miss costs one look. At most half full. */
  slots = new Int32Array(4 * FIRST_ENTRIES)
  /** Where an entry's key starts in `keys`. */
  keyAt = new Uint32Array(FIRST_ENTRIES)
  keys: Uint32Array
  keyWords = 0
  /** The sums of an entry side by side; NaN = no record had the field, Infinity = see `big`. */
  sums: Float64Array
  #capacity = FIRST_ENTRIES
  /** Sums above 2^53, exact, by sum and entry. */
  readonly big: Map<number, bigint>[]
  readonly interned: Value[] = []
  readonly internedIds = new Map<string, number>()
  entries = 0
  /** Keeps the kernel's look ahead from being optimised away. */
  touched = 0

  constructor(keyFields: number, sumCount: number) {
    this.keyFields = keyFields
    this.sumCount = sumCount
    this.keys = new Uint32Array(FIRST_ENTRIES * 4)
    this.sums = new Float64Array(FIRST_ENTRIES * sumCount)
    this.big = Array.from({ length: sumCount }, () => new Map())
  }

  /** Makes room for `more` new entries, so that none need grow while rows are added. */
  reserve(more: number): void {
    const entries = this.entries + more
    if (entries > this.#capacity) this.#growEntries(Math.max(entries, 2 * this.#capacity))
    const words = this.keyWords + more * (this.keyFields * WORDS_PER_FIELD + (this.keyFields >> 4) + 1)
    if (words > this.keys.length) {
      const keys = new Uint32Array(Math.max(words, 2 * this.keys.length))
      keys.set(this.keys)
      this.keys = keys
    }
  }

  #growEntries(capacity: number): void {
    this.#capacity = capacity
    const keyAt = new Uint32Array(capacity)
    keyAt.set(this.keyAt)
    this.keyAt = keyAt
    const sums = new Float64Array(capacity * this.sumCount)
    sums.set(this.sums)
    this.sums = sums
    this.#rehash(2 ** Math.ceil(Math.log2(2 * capacity)))
  }

  #rehash(size: number): void {
    const slots = new Int32Array(2 * size)
    const mask = size - 1
    const before = this.slots
    for (let at = 0; at < before.length; at += 2) {
      if (before[at + 1] === 0) continue
      const hash = before[at] as number
      let slot = hash & mask
      while (slots[2 * slot + 1] !== 0) slot = (slot + 1) & mask
      slots[2 * slot] = hash
      slots[2 * slot + 1] = before[at + 1] as number
    }
    this.slots = slots
  }

  /** The id of a value that has no words of its own. */
  intern(value: Value): number {
    const key = typeof value === 'string' ? `"${value}` : jsonText(value)
    let id = this.internedIds.get(key)
    if (id === undefined) {
      id = this.interned.push(value) - 1
      this.internedIds.set(key, id)
    }
    return id
  }

  /** Adds to a sum that left the exact doubles, or is about to. */
  addBig(sum: number, entry: number, value: Value): void {
    const big = this.big[sum] as Map<number, bigint>
    const before = this.sums[entry * this.sumCount + sum] as number
    const known = Number.isNaN(before)
      ? 0n
      : before === Number.POSITIVE_INFINITY
        ? (big.get(entry) ?? 0n)
        : BigInt(before)
    const more =
      typeof value === 'bigint' ? value : typeof value === 'number' && Number.isInteger(value) ? BigInt(value) : 0n
    big.set(entry, known + more)
    this.sums[entry * this.sumCount + sum] = Number.POSITIVE_INFINITY
  }

  /** A value above 2^53 is the least only where no smaller one was. */
  leastBig(sum: number, entry: number, value: Value): void {
    if (typeof value !== 'bigint') return
    const before = this.sumValue(sum, entry)
    if (before === undefined || value < (before as bigint)) this.#setBig(sum, entry, value)
  }

  greatestBig(sum: number, entry: number, value: Value): void {
    if (typeof value !== 'bigint') return
    const before = this.sumValue(sum, entry)
    if (before === undefined || value > (before as bigint)) this.#setBig(sum, entry, value)
  }

  #setBig(sum: number, entry: number, value: bigint): void {
    this.big[sum]?.set(entry, value)
    this.sums[entry * this.sumCount + sum] = Number.POSITIVE_INFINITY
  }

  /** The exact sum; undefined when no record had the field. */
  sumValue(sum: number, entry: number): Value | undefined {
    const value = this.sums[entry * this.sumCount + sum] as number
    if (value === Number.POSITIVE_INFINITY) return this.big[sum]?.get(entry)
    return Number.isNaN(value) ? undefined : value
  }

  /** Empty again, keeping its arrays: the next bin most likely is as large. */
  clear(): void {
    this.slots.fill(0)
    this.entries = 0
    this.keyWords = 0
    for (const big of this.big) big.clear()
    this.interned.length = 0
    this.internedIds.clear()
  }
}
