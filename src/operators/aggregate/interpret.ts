// The interpreted twin of the kernel: the same sums over records, in the plainest way. Tests hold the two equal.
import type { NetRecord, Value } from '../../contract/record.ts'
import type { Field } from '../../fields/field.ts'
import { jsonText } from '../../stream/json.ts'
import type { SumField } from './kernel.ts'

const isWhole = (value: Value | undefined): value is number | bigint =>
  typeof value === 'number' || typeof value === 'bigint'

const shrink = (value: bigint): Value =>
  value <= BigInt(Number.MAX_SAFE_INTEGER) && value >= BigInt(Number.MIN_SAFE_INTEGER) ? Number(value) : value

function combine(sum: SumField, before: Value | undefined, value: Value | undefined): Value | undefined {
  if (sum.combine === 'count') return typeof before === 'number' ? before + 1 : 1
  if (!isWhole(value)) return before
  if (!isWhole(before)) return value
  switch (sum.combine) {
    case 'first':
      return before
    case 'sum':
      return Number.isInteger(Number(before)) && Number.isInteger(Number(value))
        ? shrink(BigInt(before) + BigInt(value))
        : Number(before) + Number(value)
    case 'min':
      return before <= value ? before : value
    case 'max':
      return before >= value ? before : value
    case 'or':
      return (Number(before) | Number(value)) >>> 0
  }
}

/** Sums by key, in the order in which the keys came. */
export function interpretSums(
  records: Iterable<NetRecord>,
  keys: readonly Field[],
  sums: readonly SumField[],
): NetRecord[] {
  const byKey = new Map<string, NetRecord>()
  for (const record of records) {
    const key: NetRecord = {}
    for (const { name } of keys) if (record[name] !== undefined) key[name] = record[name]
    const text = jsonText(key)
    const entry = byKey.get(text) ?? key
    byKey.set(text, entry)
    for (const sum of sums) {
      const value = combine(sum, entry[sum.output.name], sum.field && record[sum.field.name])
      if (value !== undefined) entry[sum.output.name] = value
    }
  }
  return [...byKey.values()]
}
