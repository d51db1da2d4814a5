// Three 32-bit words to a 32-bit number that is not 0: open addressing, one cache line a probe.

const FIRST_SLOTS = 64
const STRIDE = 4

export class WordTable {
  size = 0
  #mask = FIRST_SLOTS - 1
  /** Three key words and the value of each slot; value 0 = free. */
  #slots = new Uint32Array(STRIDE * FIRST_SLOTS)

  /** The value of a key, or 0. */
  get(a: number, b: number, c: number): number {
    const slots = this.#slots
    const mask = this.#mask
    let slot = hash(a, b, c) & mask
    for (;;) {
      const at = STRIDE * slot
      const value = slots[at + 3] as number
      if (value === 0 || (slots[at] === a && slots[at + 1] === b && slots[at + 2] === c)) return value
      slot = (slot + 1) & mask
    }
  }

  set(a: number, b: number, c: number, value: number): void {
    const at = this.#find(a, b, c)
    if (this.#slots[at + 3] === 0) this.size++
    this.#write(at, a, b, c, value)
    if (this.size * 5 > (this.#mask + 1) * 3) this.#grow()
  }

  delete(a: number, b: number, c: number): void {
    const slots = this.#slots
    let hole = this.#find(a, b, c)
    if (slots[hole + 3] === 0) return
    this.size--
    const last = STRIDE * (this.#mask + 1) - 1
    // Entries that were pushed past the hole move back into it, so that a search never stops too early.
    for (let at = (hole + STRIDE) & last; slots[at + 3] !== 0; at = (at + STRIDE) & last) {
      const home = STRIDE * (this.#hashAt(at) & this.#mask)
      if (((at - home) & last) < ((at - hole) & last)) continue
      slots.copyWithin(hole, at, at + STRIDE)
      hole = at
    }
    slots[hole + 3] = 0
  }

  #find(a: number, b: number, c: number): number {
    const slots = this.#slots
    let slot = hash(a, b, c) & this.#mask
    for (;;) {
      const at = STRIDE * slot
      if (slots[at + 3] === 0 || (slots[at] === a && slots[at + 1] === b && slots[at + 2] === c)) return at
      slot = (slot + 1) & this.#mask
    }
  }

  #hashAt(at: number): number {
    return hash(this.#slots[at] as number, this.#slots[at + 1] as number, this.#slots[at + 2] as number)
  }

  #write(at: number, a: number, b: number, c: number, value: number): void {
    const slots = this.#slots
    slots[at] = a
    slots[at + 1] = b
    slots[at + 2] = c
    slots[at + 3] = value
  }

  #grow(): void {
    const old = this.#slots
    this.#mask = 2 * this.#mask + 1
    this.#slots = new Uint32Array(STRIDE * (this.#mask + 1))
    for (let at = 0; at < old.length; at += STRIDE) {
      const [a = 0, b = 0, c = 0, value = 0] = old.subarray(at, at + STRIDE)
      if (value !== 0) this.#write(this.#find(a, b, c), a, b, c, value)
    }
  }
}

function hash(a: number, b: number, c: number): number {
  let mixed = Math.imul(a, 0x85ebca6b) ^ Math.imul(b, 0xc2b2ae35) ^ Math.imul(c, 0x27d4eb2f)
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d)
  return mixed ^ (mixed >>> 13)
}
