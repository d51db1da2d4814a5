// A line as the measure of the lines after it: routes of one UPDATE differ in nothing but seq, prefix and path id.

const QUOTE = 34
const ZERO = 48
/** Values that may differ: those of seq, ip_prefix, as_path_id. */
const MOST_HOLES = 3

export class LinePattern {
  /** Where the values that may differ are in the line that was compared last, in the order in which they stand. */
  readonly from = new Int32Array(MOST_HOLES)
  readonly to = new Int32Array(MOST_HOLES)
  /** The kind of member of each. */
  readonly kinds = new Int32Array(MOST_HOLES)
  holes = 0
  #view: DataView = new DataView(new ArrayBuffer(0))
  /** Of the line that is the measure: its ends, and those of its values; start < 0 = there is none. */
  #start = -1
  #end = 0
  readonly #from = new Int32Array(MOST_HOLES)
  readonly #to = new Int32Array(MOST_HOLES)
  #broken = false

  /** Nothing is like the line any more; the octets of the next one are about to change, or it is another kind. */
  forget(): void {
    this.#start = -1
    this.holes = 0
    this.#broken = false
  }

  /** A value that may differ, octets from..to of the line that `set` will take. */
  hole(kind: number, from: number, to: number): void {
    // A key that is there twice: such lines are read one by one.
    for (let index = 0; index < this.holes; index++) if (this.kinds[index] === kind) this.#broken = true
    if (this.#broken) return
    this.kinds[this.holes] = kind
    this.#from[this.holes] = from
    this.#to[this.holes++] = to
  }

  /** The line start..end, which was read, is the measure from now on, for as long as its octets stay. */
  set(view: DataView, start: number, end: number): void {
    if (this.#broken || this.holes === 0) return
    this.#view = view
    this.#start = start
    this.#end = end
  }

  /** Whether the line start..end is the same but for the values that may differ: digits, and a text without escapes. */
  fits(octets: Uint8Array, view: DataView, start: number, end: number): boolean {
    let own = this.#start
    if (own < 0) return false
    let at = start
    for (let index = 0; index < this.holes; index++) {
      const length = (this.#from[index] as number) - own
      if (at + length >= end || !this.#isSame(own, view, at, length)) return false
      at += length
      own = this.#to[index] as number
      this.from[index] = at
      const next = octets[at - 1] === QUOTE ? textEnd(octets, at) : digitsEnd(octets, at)
      // JSON has no empty numbers and none with leading zeros.
      if (next === at || (octets[at] === ZERO && next > at + 1 && octets[at - 1] !== QUOTE)) return false
      at = next
      this.to[index] = at
    }
    return end - at === this.#end - own && this.#isSame(own, view, at, end - at)
  }

  /** Eight octets at a time, as doubles: JSON has no octets that make a double a NaN or a zero. */
  #isSame(own: number, view: DataView, at: number, length: number): boolean {
    const ours = this.#view
    const last = length - 8
    if (last >= 0) {
      for (let index = 0; index < last; index += 8)
        if (ours.getFloat64(own + index) !== view.getFloat64(at + index)) return false
      return ours.getFloat64(own + last) === view.getFloat64(at + last)
    }
    for (let index = 0; index < length; index++)
      if (ours.getUint8(own + index) !== view.getUint8(at + index)) return false
    return true
  }
}

function digitsEnd(octets: Uint8Array, at: number): number {
  for (;;) {
    const digit = (octets[at] as number) - ZERO
    if (!(digit >= 0 && digit <= 9)) return at
    at++
  }
}

/** The texts are addresses: anything else ends them, so that what follows does not fit. */
function textEnd(octets: Uint8Array, at: number): number {
  for (;;) {
    const octet = octets[at] as number
    if (!(octet > 34 && octet < 127 && octet !== 92)) return at
    at++
  }
}
