// The destinations of a route table: prefixes, and anything else that has routes (an EVPN or FlowSpec route), each with
// the table (scope) it belongs to. A destination has an id while it has routes.

import { grown } from './octet-store.ts'
import { maskWord } from './prefix.ts'

/** In place of a prefix length: the destination is no prefix; its first word is the id of its text. */
export const NO_PREFIX = 255
/** The scope of an id that is free. */
const NO_SCOPE = 0xffff_ffff
const FIRST_PREFIXES = 1 << 10
const WORDS = 4
/** Numbers a slot. */
const SLOT = 2

/** Who keeps something up with the destinations. */
export interface PrefixWatcher {
  added(id: number): void
  /** Before the id is free for another destination. */
  removed(id: number): void
}

export class RoutePrefixes {
  count = 0
  watcher: PrefixWatcher | undefined
  #words: Uint32Array = new Uint32Array(WORDS * FIRST_PREFIXES)
  #scopes: Uint32Array = new Uint32Array(FIRST_PREFIXES)
  #lengths: Uint8Array = new Uint8Array(FIRST_PREFIXES)
  /** First route of each; 0 = none. */
  heads: Uint32Array = new Uint32Array(FIRST_PREFIXES)
  #next = 1
  #free: number[] = []
  /** Id and hash of each slot, side by side: open addressing, id 0 = free. The hash saves most looks at other prefixes. */
  #slots: Uint32Array = new Uint32Array(SLOT * 2 * FIRST_PREFIXES)
  /** Prefixes of each length, by scope: which lengths a longest match must try. */
  readonly #perLength: Uint32Array[] = []

  /** One past the largest id. */
  get end(): number {
    return this.#next
  }

  scope(id: number): number {
    return this.#scopes[id] as number
  }

  length(id: number): number {
    return this.#lengths[id] as number
  }

  /** Word 0..3 of the address. */
  word(id: number, index: number): number {
    return this.#words[WORDS * id + index] as number
  }

  /** The id of a destination, 0 = it has none. Bits beyond the length are zero. */
  find(scope: number, a: number, b: number, c: number, d: number, length: number): number {
    const hash = hashOf(scope, a, b, c, d, length)
    return this.#slots[this.#slotOf(hash, scope, a, b, c, d, length)] as number
  }

  /** The id of a destination; a new one when it has none. */
  make(scope: number, a: number, b: number, c: number, d: number, length: number): number {
    const hash = hashOf(scope, a, b, c, d, length)
    const slot = this.#slotOf(hash, scope, a, b, c, d, length)
    const known = this.#slots[slot] as number
    if (known !== 0) return known
    const id = this.#free.pop() ?? this.#next++
    if (id >= this.#scopes.length) this.#grow()
    const at = WORDS * id
    this.#words[at] = a
    this.#words[at + 1] = b
    this.#words[at + 2] = c
    this.#words[at + 3] = d
    this.#scopes[id] = scope
    this.#lengths[id] = length
    this.heads[id] = 0
    this.#slots[slot] = id
    this.#slots[slot + 1] = hash
    this.count++
    this.#lengthsOf(scope)[length]!++
    if (2 * SLOT * this.count > this.#slots.length) this.#growSlots()
    this.watcher?.added(id)
    return id
  }

  /** The id may be another destination's afterwards. */
  remove(id: number): void {
    this.watcher?.removed(id)
    const slots = this.#slots
    const mask = slots.length - 1
    let hole = (SLOT * this.#hash(id)) & mask
    while (slots[hole] !== id) hole = (hole + SLOT) & mask
    // Entries that were pushed past the hole move back into it, so that a search never stops too early.
    for (let slot = (hole + SLOT) & mask; slots[slot] !== 0; slot = (slot + SLOT) & mask) {
      const home = (SLOT * (slots[slot + 1] as number)) & mask
      if (((slot - home) & mask) < ((slot - hole) & mask)) continue
      slots[hole] = slots[slot] as number
      slots[hole + 1] = slots[slot + 1] as number
      hole = slot
    }
    slots[hole] = 0
    this.#lengthsOf(this.scope(id))[this.length(id)]!--
    this.#scopes[id] = NO_SCOPE
    this.#free.push(id)
    this.count--
  }

  /** The longest prefix of at most `length` bits that holds the address and that `accepts`; 0 = none. */
  longest(
    scope: number,
    address: readonly [number, number, number, number],
    length: number,
    accepts: (id: number) => boolean,
  ): number {
    const lengths = this.#perLength[scope]
    if (!lengths) return 0
    const [a, b, c, d] = address
    for (let bits = length; bits >= 0; bits--) {
      if (lengths[bits] === 0) continue
      const id = this.find(
        scope,
        maskWord(a, bits),
        maskWord(b, bits - 32),
        maskWord(c, bits - 64),
        maskWord(d, bits - 96),
        bits,
      )
      if (id !== 0 && accepts(id)) return id
    }
    return 0
  }

  #lengthsOf(scope: number): Uint32Array {
    this.#perLength[scope] ??= new Uint32Array(256)
    return this.#perLength[scope]
  }

  /** Where the destination's slot begins, or the free one where it belongs. */
  #slotOf(hash: number, scope: number, a: number, b: number, c: number, d: number, length: number): number {
    const slots = this.#slots
    const mask = slots.length - 1
    const words = this.#words
    let slot = (SLOT * hash) & mask
    for (let id = slots[slot] as number; id !== 0; id = slots[slot] as number) {
      const at = WORDS * id
      if (
        slots[slot + 1] === hash &&
        words[at] === a &&
        words[at + 1] === b &&
        words[at + 2] === c &&
        words[at + 3] === d &&
        this.#lengths[id] === length &&
        this.#scopes[id] === scope
      ) {
        return slot
      }
      slot = (slot + SLOT) & mask
    }
    return slot
  }

  #hash(id: number): number {
    const words = this.#words
    const at = WORDS * id
    const a = words[at] as number
    const b = words[at + 1] as number
    const c = words[at + 2] as number
    const d = words[at + 3] as number
    return hashOf(this.scope(id), a, b, c, d, this.length(id))
  }

  #grow(): void {
    this.#scopes = grown(this.#scopes)
    const words = new Uint32Array(WORDS * this.#scopes.length)
    words.set(this.#words)
    this.#words = words
    this.heads = grown(this.heads)
    const lengths = new Uint8Array(this.#scopes.length)
    lengths.set(this.#lengths)
    this.#lengths = lengths
  }

  #growSlots(): void {
    const old = this.#slots
    const slots = new Uint32Array(2 * old.length)
    const mask = slots.length - 1
    for (let from = 0; from < old.length; from += SLOT) {
      if (old[from] === 0) continue
      let slot = (SLOT * (old[from + 1] as number)) & mask
      while (slots[slot] !== 0) slot = (slot + SLOT) & mask
      slots[slot] = old[from] as number
      slots[slot + 1] = old[from + 1] as number
    }
    this.#slots = slots
  }
}

function hashOf(scope: number, a: number, b: number, c: number, d: number, length: number): number {
  let mixed = Math.imul(a, 0x85ebca6b) ^ Math.imul(b, 0xc2b2ae35) ^ Math.imul(c, 0x27d4eb2f)
  mixed = Math.imul(mixed ^ (mixed >>> 15) ^ d, 0x2c1b3c6d) ^ Math.imul(256 * scope + length, 0x9e3779b1)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0x297a2d39)
  return (mixed ^ (mixed >>> 16)) >>> 0
}
