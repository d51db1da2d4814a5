// Numbers of messages as values of records.
import type { Value } from 'netally'

/** A 64-bit number as protobufjs has it. */
export interface Long {
  readonly high: number
  readonly low: number
  readonly unsigned: boolean
}

const WORD = 2 ** 32
/** Beyond, a number of JavaScript is not exact. */
const SAFE_HIGH = 2 ** 21

/** Exact at any size. */
export function whole(long: Long): number | bigint {
  const { high, low, unsigned } = long
  if (high < SAFE_HIGH && high >= -SAFE_HIGH) {
    const number = (unsigned ? high >>> 0 : high) * WORD + (low >>> 0)
    if (Number.isSafeInteger(number)) return number
  }
  const value = (BigInt(high) << 32n) | BigInt(low >>> 0)
  return unsigned ? BigInt.asUintN(64, value) : value
}

/** Those that JSON has not are texts. */
export const real = (value: number): Value => (Number.isFinite(value) ? value : String(value))

/** What a 32-bit float was written as: 0.1 and not 0.10000000149011612. */
export function shortReal(value: number): Value {
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits))
    if (Math.fround(short) === value) return short
  }
  return real(value)
}

/** Octets that are not there are an empty array of protobufjs. */
export const base64 = (octets: Uint8Array): string =>
  octets.length === 0 ? '' : Buffer.from(octets.buffer, octets.byteOffset, octets.length).toString('base64')
