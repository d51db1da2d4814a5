// Texts and octets of no number: names, hex.
import type { ValueColumn } from '../../fields/column.ts'
import { hexText } from '../../octets/address.ts'
import type { Step } from './block.ts'
import type { Place } from './layout.ts'
import { TEXTS_PER_CACHE } from './limits.ts'

const decoder = new TextDecoder()

/** UTF-8 without the NULs that fill a field of fixed length. */
export function textAt(octets: Uint8Array, at: number, length: number): string {
  let end = at + length
  while (end > at && octets[end - 1] === 0) end--
  while (at < end && octets[at] === 0) at++
  return decoder.decode(octets.subarray(at, end))
}

/** Octets of the i-th row's value. */
export const lengthOf = ({ length, lengths }: Place, i: number): number => (lengths ? (lengths[i] as number) : length)

function readValues(
  column: ValueColumn,
  place: Place,
  make: (octets: Uint8Array, at: number, length: number) => string,
): Step {
  const { at, offset } = place
  return ({ octets, row, count }) => {
    for (let i = 0; i < count; i++) {
      const length = lengthOf(place, i)
      column.values[row + i] = make(octets, (at[i] as number) + offset, length) || undefined
    }
  }
}

/** An empty text is no value. */
export function readText(column: ValueColumn, place: Place): Step {
  return readValues(column, place, (octets, at, length) => textAt(octets, at, length))
}

export function readHex(column: ValueColumn, place: Place): Step {
  return readValues(column, place, (octets, at, length) => hexText(octets, at, at + length))
}

/** The same value in all rows. */
export function fillValue(column: ValueColumn, value: string): Step {
  return ({ row, count }) => {
    for (let at = row; at < row + count; at++) column.values[at] = value
  }
}

/** What `make` gave for an argument before, as long as not too many differ. */
export function remembered<Key, Result>(make: (key: Key) => Result): (key: Key) => Result {
  const known = new Map<Key, Result>()
  return key => {
    let result = known.get(key)
    if (result === undefined) {
      result = make(key)
      if (known.size >= TEXTS_PER_CACHE) known.clear()
      known.set(key, result)
    }
    return result
  }
}
