// Validated ROA payloads, and the origin validation of RFC 6811 on them. 500,000 take some 50 MB.
//
// Payloads hang in a list on their prefix. Masks (length-masks.ts) say which prefix lengths there are around an address, so
// that a look-up asks for one or two prefixes instead of thirty.
import { LengthMasks4, LengthMasks6 } from './length-masks.ts'
import { grown } from './octet-store.ts'
import { makePrefix, maskWord, type Prefix } from './prefix.ts'
import { RoutePrefixes } from './route-prefixes.ts'
import type { Vrp } from './rpki-payload.ts'

/** Payloads in one table: five times what the RPKI has today. */
export const MAX_VRPS = 4_000_000
const FIRST_VRPS = 1 << 10

/** Numbers of a payload. */
const PREFIX = 0
const NEXT = 1
const ASN = 2
const MAX_LENGTH = 3
const FIELDS = 4

/** RFC 6811 section 2: a covering payload, and one that matches. */
export type Origin = 'valid' | 'invalid' | 'unknown'

export class RoaTable {
  readonly limit: number
  /** Payloads. */
  size = 0
  readonly #prefixes = new RoutePrefixes()
  #vrps: Uint32Array = new Uint32Array(FIELDS * FIRST_VRPS)
  #next = 1
  /** First of the payloads that are free, linked by NEXT. */
  #free = 0
  /** Bits stay when prefixes go. */
  readonly #masks = { 4: new LengthMasks4(), 6: new LengthMasks6() }

  constructor(limit = MAX_VRPS) {
    this.limit = limit
  }

  /** `there` when the table has it already, `full` when there is no room. */
  add({ prefix, maxLength, asn }: Vrp): 'added' | 'there' | 'full' {
    const { family, words, length } = prefix
    const id = this.#prefixes.make(family, words[0], words[1], words[2], words[3], length)
    if (this.#find(id, maxLength, asn) !== 0) return 'there'
    const { heads } = this.#prefixes
    if (this.size >= this.limit) {
      if (heads[id] === 0) this.#prefixes.remove(id)
      return 'full'
    }
    const vrp = this.#allocate()
    const at = FIELDS * vrp
    this.#vrps[at + PREFIX] = id
    this.#vrps[at + NEXT] = heads[id] as number
    this.#vrps[at + ASN] = asn
    this.#vrps[at + MAX_LENGTH] = maxLength
    heads[id] = vrp
    this.size++
    this.#masks[family].add(words[0], length)
    return 'added'
  }

  has({ prefix, maxLength, asn }: Vrp): boolean {
    const { family, words, length } = prefix
    const id = this.#prefixes.find(family, words[0], words[1], words[2], words[3], length)
    return id !== 0 && this.#find(id, maxLength, asn) !== 0
  }

  /** False when it was not there. */
  remove({ prefix, maxLength, asn }: Vrp): boolean {
    const { family, words, length } = prefix
    const id = this.#prefixes.find(family, words[0], words[1], words[2], words[3], length)
    const vrp = id === 0 ? 0 : this.#find(id, maxLength, asn)
    if (vrp === 0) return false
    const { heads } = this.#prefixes
    const vrps = this.#vrps
    const next = vrps[FIELDS * vrp + NEXT] as number
    if (heads[id] === vrp) heads[id] = next
    else {
      let before = heads[id] as number
      while (vrps[FIELDS * before + NEXT] !== vrp) before = vrps[FIELDS * before + NEXT] as number
      vrps[FIELDS * before + NEXT] = next
    }
    vrps[FIELDS * vrp + PREFIX] = 0
    vrps[FIELDS * vrp + NEXT] = this.#free
    this.#free = vrp
    this.size--
    if (heads[id] === 0) this.#prefixes.remove(id)
    return true
  }

  /** The state of a route to `prefix` that `origin` originates; AS 0 stands for no AS (an AS_SET): it matches nothing. */
  validate(prefix: Prefix, origin: number): Origin {
    const { family, words, length } = prefix
    return this.validateWords(family, words[0], words[1], words[2], words[3], length, origin)
  }

  /** As validate(); bits of the words beyond `length` do not matter. */
  validateWords(family: 4 | 6, a: number, b: number, c: number, d: number, length: number, origin: number): Origin {
    const masks = this.#masks[family]
    const top = masks.top(a, length)
    let covered = false
    for (let word = length >>> 5; word >= 0; word--) {
      // Only lengths up to that of the route cover it.
      let mask = masks.word(a, top, word)
      if (word === length >>> 5) mask = (mask & (2 ** ((length & 31) + 1) - 1)) >>> 0
      while (mask !== 0) {
        const bit = 31 - Math.clz32(mask)
        mask = (mask ^ (1 << bit)) >>> 0
        const id = this.#idOf(family, a, b, c, d, 32 * word + bit)
        if (id === 0) continue
        if (this.#matches(id, length, origin)) return 'valid'
        covered = true
      }
    }
    return covered ? 'invalid' : 'unknown'
  }

  *[Symbol.iterator](): Generator<Vrp> {
    for (let vrp = 1; vrp < this.#next; vrp++) {
      const at = FIELDS * vrp
      const id = this.#vrps[at + PREFIX] as number
      if (id === 0) continue
      const word = (index: number) => this.#prefixes.word(id, index)
      const family = this.#prefixes.scope(id) as 4 | 6
      const prefix = makePrefix(family, [word(0), word(1), word(2), word(3)], this.#prefixes.length(id))
      yield {
        kind: 'roa',
        prefix,
        maxLength: this.#vrps[at + MAX_LENGTH] as number,
        asn: this.#vrps[at + ASN] as number,
      }
    }
  }

  #idOf(family: 4 | 6, a: number, b: number, c: number, d: number, length: number): number {
    return this.#prefixes.find(
      family,
      maskWord(a, length),
      maskWord(b, length - 32),
      maskWord(c, length - 64),
      maskWord(d, length - 96),
      length,
    )
  }

  #matches(id: number, length: number, origin: number): boolean {
    if (origin === 0) return false
    const vrps = this.#vrps
    let vrp = this.#prefixes.heads[id] as number
    while (vrp !== 0) {
      const at = FIELDS * vrp
      if (vrps[at + ASN] === origin && length <= (vrps[at + MAX_LENGTH] as number)) return true
      vrp = vrps[at + NEXT] as number
    }
    return false
  }

  #find(id: number, maxLength: number, asn: number): number {
    const vrps = this.#vrps
    let vrp = this.#prefixes.heads[id] as number
    while (vrp !== 0 && (vrps[FIELDS * vrp + ASN] !== asn || vrps[FIELDS * vrp + MAX_LENGTH] !== maxLength))
      vrp = vrps[FIELDS * vrp + NEXT] as number
    return vrp
  }

  #allocate(): number {
    const free = this.#free
    if (free !== 0) {
      this.#free = this.#vrps[FIELDS * free + NEXT] as number
      return free
    }
    if (FIELDS * (this.#next + 1) > this.#vrps.length) this.#vrps = grown(this.#vrps)
    return this.#next++
  }
}
