// Fields that are octets in a record: texts, and what is a text in a record but has a form of its own.
import type { Value } from '../../../contract/record.ts'
import type { Column } from '../../../fields/column.ts'
import { fieldOf } from '../../../fields/dictionary.ts'
import { parseIpv6 } from '../../../octets/address.ts'
import { distinguisherOctets } from '../../bgp/nlri/route-distinguisher.ts'
import { IPFIX } from '../message.ts'
import { NO_RD } from '../texts.ts'
import { ABSENT_KIND, type ExportField, UNSAYABLE, VARIABLE } from './elements.ts'

/** RFC 7011 section 7: longer values have a length of three octets. */
const LONG = 255
const LONGEST = 60_000
/** Texts of v9 have a fixed length: the next of these, filled with zeros. */
const LENGTHS = [8, 16, 32, 64, 128, 255]

const encoder = new TextEncoder()
const itemOf = (column: Column, row: number): Value | undefined =>
  column.lane === 'value' ? column.values[row] : undefined

/** Octets behind their length. */
export function putVariable(view: DataView, at: number, octets: Uint8Array): number {
  if (octets.length < LONG) view.setUint8(at++, octets.length)
  else {
    view.setUint8(at, LONG)
    view.setUint16(at + 1, octets.length)
    at += 3
  }
  new Uint8Array(view.buffer, view.byteOffset).set(octets, at)
  return at + octets.length
}

type Encode = (value: Value) => Uint8Array | undefined

/**
 * A field of octets. In IPFIX they say their own length; in v9 each length is a template's, `lengths` those that zeros fill up to.
 * The octets that kind() made are written.
 */
export function octetField(
  name: string,
  id: number,
  pen: number,
  version: number,
  encode: Encode,
  lengths: readonly number[] = [],
): ExportField {
  let made: Uint8Array = new Uint8Array(0)
  const kindOf = (length: number): number =>
    lengths.length === 0 ? length : (lengths.find(most => length <= most) ?? UNSAYABLE)
  const isVariable = version === IPFIX
  return {
    field: fieldOf(name),
    kind(column, row) {
      const value = itemOf(column, row)
      if (value === undefined) return ABSENT_KIND
      const octets = encode(value)
      if (octets === undefined || octets.length === 0 || octets.length > LONGEST) return UNSAYABLE
      made = octets
      return isVariable ? 1 : kindOf(octets.length)
    },
    elements: kind => [{ id, pen, octets: isVariable ? VARIABLE : kind }],
    write(_column, _row, kind, view, at) {
      if (isVariable) return putVariable(view, at, made)
      const octets = new Uint8Array(view.buffer, view.byteOffset)
      octets.fill(0, at, at + kind)
      octets.set(made, at)
      return at + kind
    },
  }
}

export const textField = (name: string, id: number, pen: number, version: number): ExportField =>
  octetField(name, id, pen, version, value => (typeof value === 'string' ? encoder.encode(value) : undefined), LENGTHS)

/** pmacct's own text ends with a zero, which nfacctd needs. */
export const labelField = (id: number, pen: number, version: number): ExportField =>
  octetField('label', id, pen, version, value => (typeof value === 'string' ? encoder.encode(`${value}\0`) : undefined))

const SELECTOR_OCTETS = 3
const MOST_SELECTOR_OCTETS = 6

/** RFC 6759 section 4: an engine, then a selector, of three octets where it fits. */
export function applicationOctets(value: Value): Uint8Array | undefined {
  const parts = typeof value === 'string' ? /^(\d{1,3}):([0-9a-f]*)$/.exec(value) : null
  if (!parts || Number(parts[1]) > 255) return undefined
  const [, engine = '', text = ''] = parts
  if (text.length > 2 * MOST_SELECTOR_OCTETS && text.length % 2 === 0) {
    return Uint8Array.from([Number(engine), ...Buffer.from(text, 'hex')])
  }
  const selector = Number(text)
  if (!(selector < 2 ** (8 * MOST_SELECTOR_OCTETS))) return undefined
  let length = SELECTOR_OCTETS
  while (selector >= 2 ** (8 * length)) length++
  const octets = new Uint8Array(1 + length)
  octets[0] = Number(engine)
  for (let index = length, rest = selector; index > 0; index--, rest = Math.floor(rest / 256))
    octets[index] = rest % 256
  return octets
}

/** `type:administrator:value` (RFC 4364 section 4.2). Zeros, the global table, say in a record that there is none. */
export function rdOctets(value: Value): Uint8Array | undefined {
  return typeof value === 'string' && value !== NO_RD ? distinguisherOctets(value) : undefined
}

/** Segments of SRv6, one after the other. */
export function segmentOctets(value: Value): Uint8Array | undefined {
  if (!Array.isArray(value)) return undefined
  const words = new Uint32Array(4 * value.length)
  for (const [index, segment] of value.entries()) {
    if (typeof segment !== 'string' || !parseIpv6(segment, words, 4 * index)) return undefined
  }
  const view = new DataView(new ArrayBuffer(4 * words.length))
  for (const [index, word] of words.entries()) view.setUint32(4 * index, word)
  return new Uint8Array(view.buffer)
}

/** A basicList (RFC 6313 section 4.5.1) of all of its elements, each of so many octets. */
export function basicList(element: number, octets: number, content: readonly Uint8Array[]): Uint8Array {
  const list = new Uint8Array(5 + octets * content.length)
  const view = new DataView(list.buffer)
  view.setUint8(0, 3)
  view.setUint16(1, element)
  view.setUint16(3, octets)
  for (const [index, item] of content.entries()) list.set(item, 5 + octets * index)
  return list
}
