// Answers kept for addresses that come again, while the tables stay as they are. Direct-mapped: a new answer takes the place
// of the old one with the same hash. What is asked and what is answered stand in one cache line.
import type { RouteInfo } from './route-info.ts'

const BITS = 16
const PLACES = 1 << BITS
/** Numbers of a place: address, whom it was asked of, when, route, and the rest of the answer in one. */
const STRIDE = 8
const ASKED = 4
const GENERATION = 5
const ROUTE = 6
const REST = 7

export interface Answer {
  readonly info: RouteInfo | undefined
  readonly route: number
  /** Length of the prefix, 0..128. */
  readonly length: number
  /** 0..7. */
  readonly miss: number
  readonly isFallback: boolean
}

export class RouteCache {
  readonly #numbers = new Uint32Array(STRIDE * PLACES)
  readonly #infos: (RouteInfo | undefined)[] = new Array(PLACES).fill(undefined)
  #generation = 1

  /** What was found so far holds no more. */
  clear(): void {
    this.#generation = (this.#generation + 1) >>> 0
  }

  /** The place of an address (words[at..]) that was asked of `asked`; the answer is there when has() says so. */
  place(asked: number, words: Uint32Array, at: number, family: number): number {
    let mixed = Math.imul((words[at] as number) ^ Math.imul(asked, 0x85ebca6b), 0x9e3779b1)
    if (family === 6) {
      const rest = (words[at + 1] as number) ^ (words[at + 2] as number) ^ (words[at + 3] as number)
      mixed ^= Math.imul(rest, 0xc2b2ae35)
    }
    return (mixed ^ (mixed >>> 15)) >>> (32 - BITS)
  }

  has(place: number, asked: number, words: Uint32Array, at: number, family: number): boolean {
    const numbers = this.#numbers
    const own = STRIDE * place
    if (numbers[own] !== words[at] || numbers[own + ASKED] !== asked) return false
    if (numbers[own + GENERATION] !== this.#generation || (numbers[own + REST] as number) >>> 16 !== family)
      return false
    return (
      family === 4 ||
      (numbers[own + 1] === words[at + 1] && numbers[own + 2] === words[at + 2] && numbers[own + 3] === words[at + 3])
    )
  }

  put(place: number, asked: number, words: Uint32Array, at: number, family: number, answer: Answer): void {
    const numbers = this.#numbers
    const own = STRIDE * place
    for (let word = 0; word < 4; word++) numbers[own + word] = words[at + word] as number
    numbers[own + ASKED] = asked
    numbers[own + GENERATION] = this.#generation
    numbers[own + ROUTE] = answer.route
    numbers[own + REST] = answer.length | (answer.miss << 8) | (answer.isFallback ? 1 << 11 : 0) | (family << 16)
    this.#infos[place] = answer.info
  }

  info(place: number): RouteInfo | undefined {
    return this.#infos[place]
  }

  route(place: number): number {
    return this.#numbers[STRIDE * place + ROUTE] as number
  }

  /** Length, miss and fallback, as lengthOf() and so on read them. */
  rest(place: number): number {
    return this.#numbers[STRIDE * place + REST] as number
  }
}

export const lengthOf = (rest: number): number => rest & 255
export const missOf = (rest: number): number => (rest >>> 8) & 7
export const isFallbackOf = (rest: number): boolean => (rest & (1 << 11)) !== 0
