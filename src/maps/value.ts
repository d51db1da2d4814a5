// The values of match keys: text to what a slot's value must be. A value that is none of the kind is a text that says so.
import type { Field } from '../fields/field.ts'
import { type Prefix, parsePrefix } from '../lookup/prefix.ts'
import type { Match, Range } from './condition.ts'
import { type AddressSlot, addressSlot, listSlot, type NumberSlot, numberSlot, type Texts, textSlot } from './slot.ts'

/** Reads one value of a list. NaN: none. */
export type ParseNumber = (text: string) => number

export const decimal: ParseNumber = text => (/^\d{1,15}$/.test(text) ? Number(text) : Number.NaN)
export const hexadecimal: ParseNumber = text =>
  /^(0x)?[0-9a-f]{1,8}$/i.test(text) ? Number.parseInt(text, 16) : Number.NaN
const real: ParseNumber = text => (/^-?\d+(\.\d+)?(e\d+)?$/i.test(text) ? Number(text) : Number.NaN)

/** `7`, `7,8` and `7-20`; pmacct knows the first only. */
export function numbers(slot: NumberSlot, text: string, parse: ParseNumber, kind: string): Match | string {
  const members: number[] = []
  const ranges: Range[] = []
  for (const part of text.split(',')) {
    const number = parse(part)
    if (!Number.isNaN(number)) {
      members.push(number)
      continue
    }
    const [from = '', to = ''] = part.split(/(?<=.)-/, 2)
    const range: Range = [parse(from), parse(to)]
    if (!(range[0] <= range[1])) return `"${part}" is not ${kind}`
    ranges.push(range)
  }
  return { is: 'numbers', slot, members, ranges }
}

/** Words of a fixed list, each standing for some numbers. */
export function words(
  slot: NumberSlot,
  text: string,
  meanings: { readonly [word: string]: readonly number[] },
): Match | string {
  const members: number[] = []
  for (const part of text.split(',')) {
    if (!Object.hasOwn(meanings, part)) return `"${part}" is not one of ${Object.keys(meanings).join(', ')}`
    members.push(...(meanings[part] as readonly number[]))
  }
  return { is: 'numbers', slot, members, ranges: [] }
}

/** Addresses and prefixes with commas between. `orNone`: /0 also holds for a record without the address. */
export function prefixes(slot: AddressSlot, text: string, orNone = false): Match | string {
  const found: Prefix[] = []
  for (const part of text.split(',')) {
    const prefix = parsePrefix(part)
    if (!prefix) return `"${part}" is not an IP address or prefix`
    found.push(prefix)
  }
  return { is: 'prefixes', slot, prefixes: found, orNone: orNone && found.some(prefix => prefix.length === 0) }
}

export function texts(slot: NumberSlot, text: string, known: Texts): Match {
  const members = text.split(',').map(part => {
    const id = known.get(part) ?? known.size
    known.set(part, id)
    return id
  })
  return { is: 'numbers', slot, members, ranges: [] }
}

/** What a value of a field means by the field's type. */
export function matchOf(field: Field, text: string, known: Texts): Match | string {
  const { type } = field
  if (type.lane === 'address') return prefixes(addressSlot(field.name, [field]), text)
  if (type.name === 'list') return { is: 'has', slot: listSlot(field), members: new Set(text.split(',')) }
  if (type.lane === 'value') return texts(textSlot(field), text, known)
  const slot = numberSlot(field.name, [field])
  if (type.name === 'real' || type.name === 'time')
    return numbers(slot, text, part => laneOf(field, real(part)), 'a number')
  if (type.name === 'unsigned' || type.name === 'counter') return numbers(slot, text, decimal, 'a whole number')
  return numbers(slot, text, part => laneOf(field, part.toLowerCase()), `of type ${type.name}`)
}

function laneOf(field: Field, value: string | number): number {
  return field.type.parse?.(value) ?? Number.NaN
}
