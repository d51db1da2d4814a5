// Values of two records that are one point: added up, or the less or greater, as the field's row says; always exact.
import type { Value } from '../../contract/record.ts'
import type { Role } from '../../fields/field.ts'

type Numeric = number | bigint

export const isNumeric = (value: Value | undefined): value is Numeric =>
  typeof value === 'number' || typeof value === 'bigint'

/** A BigInt only where a double does not hold the number. */
const plain = (value: bigint): Numeric =>
  value <= BigInt(Number.MAX_SAFE_INTEGER) && value >= BigInt(Number.MIN_SAFE_INTEGER) ? Number(value) : value

export function sum(a: Numeric, b: Numeric): Numeric {
  if (typeof a === 'number' && typeof b === 'number') {
    const both = a + b
    if (Number.isSafeInteger(both) || !Number.isInteger(a) || !Number.isInteger(b)) return both
  }
  const isWhole = (value: Numeric) => typeof value === 'bigint' || Number.isInteger(value)
  return isWhole(a) && isWhole(b) ? plain(BigInt(a) + BigInt(b)) : Number(a) + Number(b)
}

const isLess = (a: Numeric, b: Numeric): boolean => a < b

const MERGES: { readonly [role in Exclude<Role, 'key'>]: (a: Numeric, b: Numeric) => Numeric } = {
  sum,
  min: (a, b) => (isLess(b, a) ? b : a),
  max: (a, b) => (isLess(a, b) ? b : a),
  or: (a, b) => plain(BigInt(a) | BigInt(b)),
}

/** Whether values of this role can be merged at all. */
export const isMerged = (role: Role): boolean => role !== 'key'

export function merged(role: Role, a: Value | undefined, b: Value | undefined): Value | undefined {
  if (a === undefined) return b
  if (role === 'key' || !isNumeric(b)) return a
  if (!isNumeric(a)) return b
  return MERGES[role](a, b)
}
