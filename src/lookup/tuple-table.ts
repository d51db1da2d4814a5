// Tuples of numbers to small whole numbers: open addressing in typed arrays, no strings and no objects a key.

const FIRST_SLOTS = 16
const HIGH = 0x1_0000_0000

/** Values are whole numbers >= 0; a tuple has `width` numbers, none of them NaN. */
export class TupleTable {
  readonly width: number
  size = 0
  #slots = FIRST_SLOTS
  #keys: Float64Array
  /** Value + 1; 0 = free slot. */
  #values: Int32Array

  constructor(width: number) {
    this.width = width
    this.#keys = new Float64Array(width * FIRST_SLOTS)
    this.#values = new Int32Array(FIRST_SLOTS)
  }

  /** The value of a tuple, or -1. */
  get(tuple: Float64Array): number {
    return (this.#values[this.#slotOf(tuple)] as number) - 1
  }

  set(tuple: Float64Array, value: number): void {
    const slot = this.#slotOf(tuple)
    if (this.#values[slot] === 0) {
      for (let index = 0; index < this.width; index++) this.#keys[slot * this.width + index] = tuple[index] as number
      this.size++
    }
    this.#values[slot] = value + 1
    if (this.size * 4 > this.#slots * 3) this.#grow()
  }

  /** False when the tuple was not there. */
  delete(tuple: Float64Array): boolean {
    let hole = this.#slotOf(tuple)
    if (this.#values[hole] === 0) return false
    this.size--
    const mask = this.#slots - 1
    // Entries that were pushed past the hole move back into it, so that a search never stops too early.
    for (let slot = (hole + 1) & mask; this.#values[slot] !== 0; slot = (slot + 1) & mask) {
      const home = this.#hashAt(slot)
      if (((slot - home) & mask) < ((slot - hole) & mask)) continue
      this.#keys.copyWithin(hole * this.width, slot * this.width, (slot + 1) * this.width)
      this.#values[hole] = this.#values[slot] as number
      hole = slot
    }
    this.#values[hole] = 0
    return true
  }

  /** The slot that holds the tuple, or the free one where it belongs. */
  #slotOf(tuple: Float64Array): number {
    const { width } = this
    const keys = this.#keys
    const values = this.#values
    const mask = this.#slots - 1
    let slot = hash(tuple, 0, width) & mask
    while (values[slot] !== 0) {
      const at = slot * width
      let index = 0
      while (index < width && keys[at + index] === tuple[index]) index++
      if (index === width) return slot
      slot = (slot + 1) & mask
    }
    return slot
  }

  #hashAt(slot: number): number {
    return hash(this.#keys, slot * this.width, this.width) & (this.#slots - 1)
  }

  #grow(): void {
    const { width } = this
    const keys = this.#keys
    const values = this.#values
    this.#slots *= 2
    this.#keys = new Float64Array(width * this.#slots)
    this.#values = new Int32Array(this.#slots)
    for (let slot = 0; slot < values.length; slot++) {
      if (values[slot] === 0) continue
      const tuple = keys.subarray(slot * width, (slot + 1) * width)
      const to = this.#slotOf(tuple)
      this.#keys.set(tuple, to * width)
      this.#values[to] = values[slot] as number
    }
  }
}

/** Mixes both halves of every number (they go up to 2^53). */
function hash(numbers: Float64Array, at: number, width: number): number {
  let mixed = 0x9e3779b9
  for (let index = 0; index < width; index++) {
    const number = numbers[at + index] as number
    mixed = Math.imul(mixed ^ number, 0x85ebca6b)
    mixed ^= mixed >>> 15
    mixed = Math.imul(mixed ^ (number / HIGH), 0xc2b2ae35)
    mixed ^= mixed >>> 13
  }
  return mixed >>> 0
}
