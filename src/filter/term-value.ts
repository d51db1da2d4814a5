// Terms on records: the interpreted reading of arithmetic.
import type { NetRecord, Value } from '../contract/record.ts'
import { fieldOf } from '../fields/dictionary.ts'
import type { Field } from '../fields/field.ts'
import type { FieldType } from '../fields/types.ts'
import type { Term } from './expression.ts'
import { ARITHMETIC } from './numbers.ts'
import { addressOf, numberOf } from './values.ts'

/** A field's value as a record has it: time in seconds, a protocol as its number. NaN when absent or no number. */
export function fieldNumber(type: FieldType, value: Value | undefined): number | bigint {
  const number = numberOf(type, value)
  return type.name === 'time' ? Number(number) / 1e6 : number
}

type Octets = Extract<Term, { is: 'octets' }>

/** Octets of one word of an address. */
export function wordOctets(word: number, { offset, size }: Octets): number {
  const shift = 32 - 8 * ((offset % 4) + size)
  return Math.floor(word / 2 ** shift) % 2 ** (8 * size)
}

/** Octets of a 48-bit number. */
export function macOctets(mac: number, { offset, size }: Octets): number {
  return Math.floor(mac / 2 ** (48 - 8 * (offset + size))) % 2 ** (8 * size)
}

function octetsOf(field: Field, term: Octets, value: Value | undefined): number {
  if (term.family === 48) return macOctets(Number(numberOf(field.type, value)), term)
  const address = addressOf(value)
  if (address?.family !== term.family || String(value).includes('/')) return Number.NaN
  return wordOctets(address.words[Math.floor(term.offset / 4)] as number, term)
}

/** Reads the term's number from a record; BigInts stay exact where no arithmetic is done on them. */
export function termNumber(term: Term): (record: NetRecord) => number | bigint {
  if (term.is === 'number') return () => term.number
  if (term.is === 'arithmetic') {
    const left = termNumber(term.left)
    const right = termNumber(term.right)
    const calculate = ARITHMETIC[term.operator]
    return record => calculate(Number(left(record)), Number(right(record)))
  }
  const field = fieldOf(term.field)
  if (term.is === 'octets') return record => octetsOf(field, term, record[field.name])
  return record => fieldNumber(field.type, record[field.name])
}
