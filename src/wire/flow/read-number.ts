// Loops that read one field of all rows of a block into a number column. One function a width, so that each stays monomorphic.
import { ABSENT, type NumberColumn, ODD } from '../../fields/column.ts'
import type { Block, Step } from './block.ts'
import { type Place, VARIABLE } from './layout.ts'

type Reader = (column: NumberColumn, at: Int32Array, offset: number) => Step

const uint8: Reader =
  ({ numbers }, at, offset) =>
  block => {
    const { octets, row, count } = block
    for (let i = 0; i < count; i++) numbers[row + i] = octets[(at[i] as number) + offset] as number
  }

const uint16: Reader =
  ({ numbers }, at, offset) =>
  block => {
    const { view, row, count } = block
    for (let i = 0; i < count; i++) numbers[row + i] = view.getUint16((at[i] as number) + offset)
  }

const uint24: Reader =
  ({ numbers }, at, offset) =>
  block => {
    const { octets, view, row, count } = block
    for (let i = 0; i < count; i++) {
      const from = (at[i] as number) + offset
      numbers[row + i] = view.getUint16(from) * 256 + (octets[from + 2] as number)
    }
  }

const uint32: Reader =
  ({ numbers }, at, offset) =>
  block => {
    const { view, row, count } = block
    for (let i = 0; i < count; i++) numbers[row + i] = view.getUint32((at[i] as number) + offset)
  }

const uint48: Reader =
  ({ numbers }, at, offset) =>
  block => {
    const { view, row, count } = block
    for (let i = 0; i < count; i++) {
      const from = (at[i] as number) + offset
      numbers[row + i] = view.getUint16(from) * 0x1_0000_0000 + view.getUint32(from + 2)
    }
  }

const uint64: Reader =
  ({ numbers, other }, at, offset) =>
  block => {
    const { view, row, count } = block
    for (let i = 0; i < count; i++) {
      const from = (at[i] as number) + offset
      const high = view.getUint32(from)
      if (high < 0x20_0000) numbers[row + i] = high * 0x1_0000_0000 + view.getUint32(from + 4)
      else {
        numbers[row + i] = ODD
        other.set(row + i, view.getBigUint64(from))
      }
    }
  }

/** Any width 1..8 at one place; above 2^53 a bigint, ABSENT for another width. */
export function wholeAt(octets: Uint8Array, at: number, length: number): number | bigint {
  if (length < 1 || length > 8) return ABSENT
  let number = 0
  for (let index = 0; index < length; index++) number = number * 256 + (octets[at + index] as number)
  if (number <= Number.MAX_SAFE_INTEGER) return number
  let exact = 0n
  for (let index = 0; index < length; index++) exact = (exact << 8n) | BigInt(octets[at + index] as number)
  return exact
}

function put(column: NumberColumn, row: number, value: number | bigint): void {
  if (typeof value === 'number') column.numbers[row] = value
  else {
    column.numbers[row] = ODD
    column.other.set(row, value)
  }
}

const anyWidth =
  (column: NumberColumn, at: Int32Array, offset: number, length: number): Step =>
  ({ octets, row, count }: Block) => {
    for (let i = 0; i < count; i++) put(column, row + i, wholeAt(octets, (at[i] as number) + offset, length))
  }

const variableWidth =
  (column: NumberColumn, at: Int32Array, lengths: Int32Array): Step =>
  ({ octets, row, count }: Block) => {
    for (let i = 0; i < count; i++) put(column, row + i, wholeAt(octets, at[i] as number, lengths[i] as number))
  }

const READERS: { readonly [length: number]: Reader } = {
  1: uint8,
  2: uint16,
  3: uint24,
  4: uint32,
  6: uint48,
  8: uint64,
}

/** Reads a whole number; undefined when the field has a length that no number has. */
export function readWhole(column: NumberColumn, place: Place): Step | undefined {
  const { at, offset, length, lengths } = place
  if (lengths) return variableWidth(column, at, lengths)
  const reader = READERS[length]
  if (reader) return reader(column, at, offset)
  return length === 5 || length === 7 ? anyWidth(column, at, offset, length) : undefined
}

/** IEEE 754 of four or eight octets (RFC 7011 section 6.1.3). */
export function readReal(column: NumberColumn, place: Place): Step | undefined {
  const { at, offset, length } = place
  const { numbers } = column
  if (length !== 4 && length !== 8) return undefined
  return ({ view, row, count }) => {
    for (let i = 0; i < count; i++) {
      const from = (at[i] as number) + offset
      const real = length === 4 ? view.getFloat32(from) : view.getFloat64(from)
      numbers[row + i] = Number.isFinite(real) ? real : ABSENT
    }
  }
}

/** A MAC address has six octets. */
export function readMac(column: NumberColumn, place: Place): Step | undefined {
  if (place.length === 6) return readWhole(column, place)
  if (place.length !== VARIABLE) return undefined
  const read = readWhole(column, place) as Step
  const lengths = place.lengths as Int32Array
  return block => {
    read(block)
    const { row, count } = block
    for (let i = 0; i < count; i++) if (lengths[i] !== 6) column.numbers[row + i] = ABSENT
  }
}

const INGRESS = 'i'.charCodeAt(0)
const EGRESS = 'e'.charCodeAt(0)
const UNDEFINED = 'u'.charCodeAt(0)

/** flowDirection: 0 ingress, 1 egress, else undefined. */
export function readDirection(column: NumberColumn, place: Place): Step | undefined {
  const read = readWhole(column, place)
  const { numbers } = column
  return (
    read &&
    (block => {
      read(block)
      const { row, count } = block
      for (let at = row; at < row + count; at++) {
        const number = numbers[at] as number
        if (!Number.isNaN(number)) numbers[at] = number === 0 ? INGRESS : number === 1 ? EGRESS : UNDEFINED
      }
    })
  )
}

/** The same number in all rows. */
export function fillNumber(column: NumberColumn, value: (block: Block) => number): Step {
  const { numbers } = column
  return block => {
    const number = value(block)
    const { row, count } = block
    for (let i = 0; i < count; i++) numbers[row + i] = number
  }
}
