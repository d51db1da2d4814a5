// How many different values a field has within a key: exact up to EXACT_VALUES, then a HyperLogLog estimate with a
// standard error of 1.04 / sqrt(4096) = 1.6 % (Flajolet et al. 2007).
import type { Value } from '../../contract/record.ts'
import { jsonText } from '../../stream/json.ts'

export const EXACT_VALUES = 1024
const INDEX_BITS = 12
const REGISTERS = 1 << INDEX_BITS
/** Relative standard error above EXACT_VALUES. */
export const DISTINCT_ERROR = 0.016

/** 32-bit FNV-1a over the text, finished by murmur's mixer. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let index = 0; index < text.length; index++) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193)
  value ^= value >>> 16
  value = Math.imul(value, 0x85ebca6b)
  value ^= value >>> 13
  value = Math.imul(value, 0xc2b2ae35)
  return (value ^ (value >>> 16)) >>> 0
}

/** What a counter knows, to be merged into another: the values, or the registers; undefined = nothing. */
export type DistinctState = readonly string[] | Uint8Array | undefined

export class DistinctCounter {
  #exact: Set<string> | undefined = new Set()
  #registers: Uint8Array | undefined

  add(value: Value): void {
    this.#addText(typeof value === 'string' ? value : jsonText(value))
  }

  #addText(text: string): void {
    if (this.#exact) {
      this.#exact.add(text)
      if (this.#exact.size > EXACT_VALUES) this.#toRegisters(this.#exact)
    } else this.#register(text)
  }

  #toRegisters(values: Set<string>): void {
    this.#registers = new Uint8Array(REGISTERS)
    this.#exact = undefined
    for (const value of values) this.#register(value)
  }

  #register(text: string): void {
    const registers = this.#registers as Uint8Array
    const bits = hash(text)
    const index = bits >>> (32 - INDEX_BITS)
    const rank = Math.min(Math.clz32(bits << INDEX_BITS) + 1, 32 - INDEX_BITS + 1)
    if (rank > (registers[index] as number)) registers[index] = rank
  }

  get state(): DistinctState {
    return this.#exact ? [...this.#exact] : this.#registers
  }

  /** As if the values of the other had been added here: an estimate depends on nothing but which values there were. */
  merge(state: DistinctState): void {
    if (state === undefined) return
    if (state instanceof Uint8Array) {
      if (this.#exact) this.#toRegisters(this.#exact)
      const registers = this.#registers as Uint8Array
      for (let index = 0; index < REGISTERS; index++) {
        if ((state[index] as number) > (registers[index] as number)) registers[index] = state[index] as number
      }
    } else for (const text of state) this.#addText(text)
  }

  get count(): number {
    if (this.#exact) return this.#exact.size
    const registers = this.#registers as Uint8Array
    let sum = 0
    let zeros = 0
    for (const rank of registers) {
      sum += 2 ** -rank
      if (rank === 0) zeros++
    }
    const estimate = ((0.7213 / (1 + 1.079 / REGISTERS)) * REGISTERS * REGISTERS) / sum
    // Small range: linear counting; large range: the 32-bit hash collides.
    if (estimate <= 2.5 * REGISTERS && zeros > 0) return Math.round(REGISTERS * Math.log(REGISTERS / zeros))
    const full = 2 ** 32
    return Math.round(estimate > full / 30 ? -full * Math.log(1 - estimate / full) : estimate)
  }
}
