// Sums of two programs, side by side.
import assert from 'node:assert/strict'

/** Differences that are told. */
const SHOWN = 6

export type Row = { readonly [field: string]: unknown }

/** Packets, octets and flows by the text of the key fields; rows of one key are added up. */
export function sumsBy(rows: readonly Row[], keys: readonly string[]): Map<string, string> {
  const sums = new Map<string, [bigint, bigint, bigint]>()
  for (const row of rows) {
    const key = keys.map(name => `${name}=${String(row[name] ?? '')}`).join(' ')
    const sum = sums.get(key) ?? [0n, 0n, 0n]
    sum[0] += BigInt((row.packets as number | undefined) ?? 0)
    sum[1] += BigInt((row.bytes as number | undefined) ?? 0)
    sum[2] += BigInt((row.flows as number | undefined) ?? 0)
    sums.set(key, sum)
  }
  return new Map(
    [...sums].map(([key, [packets, octets, flows]]) => [key, `${packets} packets, ${octets} octets, ${flows} flows`]),
  )
}

/** Equal to the last octet; there must be something to compare. */
export function assertSameSums(ours: readonly Row[], theirs: readonly Row[], keys: readonly string[]): void {
  const expected = sumsBy(theirs, keys)
  assert.ok(expected.size > 1, `the other program gave ${expected.size} sums`)
  const differences: string[] = []
  const mine = sumsBy(ours, keys)
  for (const key of new Set([...expected.keys(), ...mine.keys()])) {
    const [theirs, own] = [expected.get(key) ?? 'nothing', mine.get(key) ?? 'nothing']
    if (theirs !== own) differences.push(`${key}: they have ${theirs}, netally has ${own}`)
  }
  const shown = differences.slice(0, SHOWN).join('\n')
  assert.equal(differences.length, 0, `${differences.length} of ${expected.size} sums differ\n${shown}`)
}
