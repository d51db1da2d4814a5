// Where the fields of a template's records stand. A record is cut into segments: the first starts with the record, another
// starts after each variable-length field; a field of fixed length has a fixed offset in its segment.
import { ROWS } from '../../fields/column.ts'
import type { TemplateField } from './template.ts'

/** In a template: the record says the length (RFC 7011 section 7). */
export const VARIABLE = 65535

/** Where the values of a field are: at[i] + offset in the i-th row of a block. */
export interface Place {
  readonly at: Int32Array
  readonly offset: number
  /** Octets, or VARIABLE: then `lengths` says. */
  readonly length: number
  readonly lengths: Int32Array | undefined
}

/** Arrays that all layouts of a decoder share, because one data set is read at a time. */
export class Positions {
  readonly #arrays: Int32Array[] = []

  get(index: number): Int32Array {
    let array = this.#arrays[index]
    if (!array) {
      array = new Int32Array(ROWS)
      this.#arrays[index] = array
    }
    return array
  }
}

export class Layout {
  readonly places: readonly Place[]
  /** The fewest octets of a record; less is padding. */
  readonly minOctets: number
  /** Where the walk stopped. */
  next = 0
  /** True when a record reached beyond its set. */
  broken = false
  readonly #starts: Int32Array
  /** Per variable-length field: octets before it in its segment, its positions, its lengths, starts of the next segment. */
  readonly #gaps: number[] = []
  readonly #ats: Int32Array[] = []
  readonly #lengths: Int32Array[] = []
  readonly #afters: Int32Array[] = []
  readonly #tail: number

  constructor(fields: readonly TemplateField[], positions: Positions) {
    this.#starts = positions.get(0)
    const places: Place[] = []
    let segment = this.#starts
    let offset = 0
    let octets = 0
    for (const { length } of fields) {
      if (length !== VARIABLE) {
        places.push({ at: segment, offset, length, lengths: undefined })
        offset += length
        octets += length
        continue
      }
      const first = 1 + 3 * this.#ats.length
      const [at, lengths, after] = [positions.get(first), positions.get(first + 1), positions.get(first + 2)]
      places.push({ at, offset: 0, length, lengths })
      this.#gaps.push(offset)
      this.#ats.push(at)
      this.#lengths.push(lengths)
      this.#afters.push(after)
      segment = after
      offset = 0
      octets++
    }
    this.#tail = offset
    this.places = places
    this.minOctets = octets
  }

  /** Finds up to `room` records in octets[at..end) and notes their positions; returns how many. */
  walk(octets: Uint8Array, at: number, end: number, room: number): number {
    this.broken = false
    if (this.#ats.length > 0) return this.#walkVariable(octets, at, end, room)
    const starts = this.#starts
    const stride = this.minOctets
    let count = 0
    while (count < room && at + stride <= end) {
      starts[count++] = at
      at += stride
    }
    this.next = at
    return count
  }

  #walkVariable(octets: Uint8Array, at: number, end: number, room: number): number {
    let count = 0
    while (count < room && end - at >= this.minOctets) {
      const after = this.#record(octets, at, end, count)
      if (after < 0) {
        this.broken = true
        this.next = end
        return count
      }
      at = after
      count++
    }
    this.next = at
    return count
  }

  /** The end of the record at `at`, -1 when it is beyond `end`. */
  #record(octets: Uint8Array, at: number, end: number, row: number): number {
    this.#starts[row] = at
    for (let index = 0; index < this.#ats.length; index++) {
      at += this.#gaps[index] as number
      if (at >= end) return -1
      let length = octets[at++] as number
      if (length === 255) {
        if (at + 2 > end) return -1
        length = (octets[at] as number) * 256 + (octets[at + 1] as number)
        at += 2
      }
      ;(this.#ats[index] as Int32Array)[row] = at
      ;(this.#lengths[index] as Int32Array)[row] = length
      at += length
      if (at > end) return -1
      ;(this.#afters[index] as Int32Array)[row] = at
    }
    at += this.#tail
    return at > end ? -1 : at
  }
}
