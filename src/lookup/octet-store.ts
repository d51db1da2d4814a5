// Octet strings kept once and counted by use: texts that a million entries share. Ids are whole numbers; 0 is the empty string.

/** Octets that one store keeps. */
export const MAX_STORED_OCTETS = 0xffff_ffff
const FIRST_OCTETS = 1 << 16
const FIRST_ENTRIES = 1 << 10
const START = 0
const LENGTH = 1
const HASH = 2
const USES = 3
const FIELDS = 4
/** Octets of strings nobody uses are given back when they are more than half, and worth the copy. */
const COMPACT_OCTETS = 1 << 20

export class OctetStore {
  readonly limit: number
  /** Strings in use, without the empty one. */
  count = 0
  #octets: Uint8Array = new Uint8Array(FIRST_OCTETS)
  #view: DataView = new DataView(this.#octets.buffer)
  #used = 0
  #lost = 0
  /** START, LENGTH, HASH, USES of each id: side by side, in one cache line. */
  #entries: Uint32Array = new Uint32Array(FIELDS * FIRST_ENTRIES)
  #next = 1
  #free: number[] = []
  /** Ids by hash: open addressing, 0 = free. */
  #slots: Uint32Array = new Uint32Array(2 * FIRST_ENTRIES)
  /** Ids whose last use ended while the store was pinned. */
  #unused: number[] | undefined

  constructor(limit = MAX_STORED_OCTETS) {
    this.limit = limit
  }

  /** Octets of all strings in use. */
  get size(): number {
    return this.#used - this.#lost
  }

  /** The id of octets from..to, with one use more; -1 when the store is full. `view` is over the octets. */
  intern(octets: Uint8Array, view: DataView, from: number, to: number): number {
    if (from === to) return 0
    const hash = hashOf(view, from, to)
    const mask = this.#slots.length - 1
    let slot = hash & mask
    for (let id = this.#slots[slot] as number; id !== 0; id = this.#slots[slot] as number) {
      if (this.#entries[FIELDS * id + HASH] === hash && this.#isAt(id, view, from, to)) {
        this.#entries[FIELDS * id + USES]!++
        return id
      }
      slot = (slot + 1) & mask
    }
    return this.#add(octets, from, to, hash, slot)
  }

  retain(id: number): void {
    if (id !== 0) this.#entries[FIELDS * id + USES]!++
  }

  /** Ends one use; the id is another string's when the last one ended. */
  release(id: number): void {
    if (id === 0 || --this.#entries[FIELDS * id + USES]! > 0) return
    if (this.#unused) this.#unused.push(id)
    else this.#remove(id)
  }

  /** Keeps strings that lose their last use until unpin(): a reader has their ids. */
  pin(): void {
    this.#unused ??= []
  }

  unpin(): void {
    const unused = this.#unused ?? []
    this.#unused = undefined
    for (const id of new Set(unused)) if (this.#entries[FIELDS * id + USES] === 0) this.#remove(id)
  }

  /** The octets of a string; valid until the next intern(). */
  octets(id: number): Uint8Array {
    const start = this.#entries[FIELDS * id + START] as number
    return this.#octets.subarray(start, start + (this.#entries[FIELDS * id + LENGTH] as number))
  }

  length(id: number): number {
    return this.#entries[FIELDS * id + LENGTH] as number
  }

  /** Copies a string to octets that `into` is over; returns the position after it. */
  copy(id: number, into: DataView, at: number): number {
    const own = this.#view
    let from = this.#entries[FIELDS * id + START] as number
    const end = from + (this.#entries[FIELDS * id + LENGTH] as number)
    for (; from + 4 <= end; from += 4, at += 4) into.setUint32(at, own.getUint32(from))
    for (; from < end; from++, at++) into.setUint8(at, own.getUint8(from))
    return at
  }

  #isAt(id: number, view: DataView, from: number, to: number): boolean {
    const length = to - from
    if (this.#entries[FIELDS * id + LENGTH] !== length) return false
    const own = this.#view
    const start = this.#entries[FIELDS * id + START] as number
    let at = 0
    // Eight octets at a time, as doubles: unequal ones may still be the same octets (NaN), equal ones other zeros.
    for (; at + 8 <= length; at += 8) {
      const double = own.getFloat64(start + at)
      if (double === view.getFloat64(from + at) && double !== 0) continue
      if (own.getUint32(start + at) !== view.getUint32(from + at)) return false
      if (own.getUint32(start + at + 4) !== view.getUint32(from + at + 4)) return false
    }
    for (; at < length; at++) if (own.getUint8(start + at) !== view.getUint8(from + at)) return false
    return true
  }

  #add(octets: Uint8Array, from: number, to: number, hash: number, slot: number): number {
    const length = to - from
    if (!this.#room(length)) return -1
    const id = this.#free.pop() ?? this.#next++
    if (FIELDS * (id + 1) > this.#entries.length) this.#entries = grown(this.#entries)
    this.#octets.set(octets.subarray(from, to), this.#used)
    this.#entries[FIELDS * id + START] = this.#used
    this.#entries[FIELDS * id + LENGTH] = length
    this.#entries[FIELDS * id + HASH] = hash
    this.#entries[FIELDS * id + USES] = 1
    this.#used += length
    this.#slots[slot] = id
    this.count++
    if (2 * this.count > this.#slots.length) this.#growSlots()
    return id
  }

  #room(length: number): boolean {
    if (this.#lost > COMPACT_OCTETS && 2 * this.#lost > this.#used) this.#compact()
    if (this.#used + length <= this.#octets.length) return true
    if (this.#used + length > this.limit && this.#lost > 0) this.#compact()
    if (this.#used + length > this.limit) return false
    const size = Math.max(Math.ceil(1.5 * this.#octets.length), this.#used + length)
    this.#move(new Uint8Array(Math.min(this.limit, size)))
    return true
  }

  #move(octets: Uint8Array): void {
    octets.set(this.#octets.subarray(0, this.#used))
    this.#octets = octets
    this.#view = new DataView(octets.buffer)
  }

  /** Closes the gaps that removed strings left. */
  #compact(): void {
    const ids: number[] = []
    for (const id of this.#slots) if (id !== 0) ids.push(id)
    ids.sort((a, b) => (this.#entries[FIELDS * a + START] as number) - (this.#entries[FIELDS * b + START] as number))
    let to = 0
    for (const id of ids) {
      const start = this.#entries[FIELDS * id + START] as number
      this.#octets.copyWithin(to, start, start + (this.#entries[FIELDS * id + LENGTH] as number))
      this.#entries[FIELDS * id + START] = to
      to += this.#entries[FIELDS * id + LENGTH] as number
    }
    this.#used = to
    this.#lost = 0
  }

  #remove(id: number): void {
    const mask = this.#slots.length - 1
    let hole = (this.#entries[FIELDS * id + HASH] as number) & mask
    while (this.#slots[hole] !== id) hole = (hole + 1) & mask
    // Entries that were pushed past the hole move back into it, so that a search never stops too early.
    for (let slot = (hole + 1) & mask; this.#slots[slot] !== 0; slot = (slot + 1) & mask) {
      const home = (this.#entries[FIELDS * (this.#slots[slot] as number) + HASH] as number) & mask
      if (((slot - home) & mask) < ((slot - hole) & mask)) continue
      this.#slots[hole] = this.#slots[slot] as number
      hole = slot
    }
    this.#slots[hole] = 0
    this.#lost += this.#entries[FIELDS * id + LENGTH] as number
    this.#free.push(id)
    this.count--
  }

  #growSlots(): void {
    const old = this.#slots
    this.#slots = new Uint32Array(2 * old.length)
    const mask = this.#slots.length - 1
    for (const id of old) {
      if (id === 0) continue
      let slot = (this.#entries[FIELDS * id + HASH] as number) & mask
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask
      this.#slots[slot] = id
    }
  }
}

/** Half as large again, with the same beginning. */
export function grown(array: Uint32Array): Uint32Array {
  const larger = new Uint32Array(Math.ceil(1.5 * array.length))
  larger.set(array)
  return larger
}

function hashOf(view: DataView, from: number, to: number): number {
  let mixed = to - from
  let at = from
  for (; at + 4 <= to; at += 4) {
    mixed = Math.imul(mixed ^ view.getUint32(at), 0x9e3779b1)
    mixed ^= mixed >>> 15
  }
  for (; at < to; at++) mixed = Math.imul(mixed ^ view.getUint8(at), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}
