// Numbers in filters: sets of them, relations that are exact between doubles and BigInts, arithmetic.
import type { ArithmeticOperator, NumberMember, Relation } from './expression.ts'

type Exact = number | bigint

/** NaN is equal to nothing and unequal to nothing: an absent value fails every relation. */
const equal = (a: Exact, b: Exact): boolean => a <= b && a >= b

export const RELATIONS: { readonly [relation in Relation]: (a: Exact, b: Exact) => boolean } = {
  '==': equal,
  '!=': (a, b) => a < b || a > b,
  '<': (a, b) => a < b,
  '<=': (a, b) => a <= b,
  '>': (a, b) => a > b,
  '>=': (a, b) => a >= b,
}

export type NumberSet = (number: Exact) => boolean

/** A set of numbers and inclusive ranges; a BigInt equals the double of the same size. */
export function numberSet(members: readonly NumberMember[]): NumberSet {
  const doubles = new Set(members.filter(member => typeof member === 'number'))
  const bigs = new Set(members.filter(member => typeof member === 'bigint'))
  const ranges = members.filter(member => typeof member === 'object')
  return number => {
    if (typeof number === 'number' ? doubles.has(number) : bigs.has(number) || hasDouble(doubles, number)) return true
    if (typeof number === 'number' && bigs.size > 0 && Number.isInteger(number) && bigs.has(BigInt(number))) return true
    return ranges.some(([from, to]) => number >= from && number <= to)
  }
}

function hasDouble(doubles: ReadonlySet<number>, big: bigint): boolean {
  const rounded = Number(big)
  return doubles.has(rounded) && equal(rounded, big)
}

const WORD = 0x1_0000_0000

/** Bitwise on whole numbers up to 2^53, in two halves; NaN for what is negative or no whole number. */
function bitwise(a: number, b: number, operate: (a: number, b: number) => number): number {
  if (!(Number.isSafeInteger(a) && Number.isSafeInteger(b) && a >= 0 && b >= 0)) return Number.NaN
  const high = operate(Math.floor(a / WORD), Math.floor(b / WORD)) >>> 0
  return high * WORD + (operate(a % WORD, b % WORD) >>> 0)
}

/** Arithmetic on doubles; NaN (as if absent) where there is no result. */
export const ARITHMETIC: { readonly [operator in ArithmeticOperator]: (a: number, b: number) => number } = {
  '+': (a, b) => a + b,
  '-': (a, b) => a - b,
  '*': (a, b) => a * b,
  '/': (a, b) => (b === 0 ? Number.NaN : a / b),
  '%': (a, b) => a % b,
  '&': (a, b) => bitwise(a, b, (x, y) => x & y),
  '|': (a, b) => bitwise(a, b, (x, y) => x | y),
  '^': (a, b) => bitwise(a, b, (x, y) => x ^ y),
  '<<': (a, b) => a * 2 ** b,
  '>>': (a, b) => Math.floor(a / 2 ** b),
}
