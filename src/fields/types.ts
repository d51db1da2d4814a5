// The dozen types of value. A field has one; a backend maps types, never fields.
//
// A type says in which lane of a column its values travel: `number` (one double), `address` (four words and a family)
// or `value` (any JSON value), and how a lane's number and the value in a record become each other.
import type { Value } from '../contract/record.ts'
import { macText, parseMac } from '../octets/address.ts'
import { PROTOCOL_NAMES, protocolNumber } from './protocols.ts'

export type Lane = 'number' | 'address' | 'value'

export type TypeName =
  | 'unsigned' // whole number 0..2^64-1
  | 'counter' // whole number that is summed
  | 'real' // any number
  | 'time' // epoch seconds with microseconds; in the lane: whole microseconds
  | 'address' // IPv4 or IPv6, canonical text
  | 'mac' // aa:bb:cc:dd:ee:ff; in the lane: a 48-bit number
  | 'protocol' // name or decimal text of an IP protocol; in the lane: its number
  | 'etype' // EtherType in bare hex, as pmacct prints it; in the lane: its number
  | 'direction' // i, e or u; in the lane: the letter's code
  | 'text'
  | 'list' // array of texts or numbers
  | 'any' // any JSON value: what a field of unknown name is

export interface FieldType {
  readonly name: TypeName
  readonly lane: Lane
  /** Number lane: the lane's number of a record's value, NaN when the value is not of this type. */
  readonly parse?: (value: Value) => number
  /** Number lane: the record's value of a lane's number. */
  readonly show?: (lane: number) => Value
  /** One line for docs: the JSON form. */
  readonly json: string
}

const asNumber = (value: Value): number => (typeof value === 'number' && Number.isFinite(value) ? value : Number.NaN)
const asIs = (lane: number): Value => lane
const fromText =
  (parse: (text: string) => number) =>
  (value: Value): number =>
    typeof value === 'string' ? parse(value) : Number.NaN

const hexNumber = (text: string): number => (/^[0-9a-f]{1,4}$/.test(text) ? Number.parseInt(text, 16) : Number.NaN)
const letter = (text: string): number => (text.length === 1 ? text.charCodeAt(0) : Number.NaN)

export const TYPES: { readonly [name in TypeName]: FieldType } = {
  unsigned: { name: 'unsigned', lane: 'number', parse: asNumber, show: asIs, json: 'number' },
  counter: { name: 'counter', lane: 'number', parse: asNumber, show: asIs, json: 'number, exact at any size' },
  real: { name: 'real', lane: 'number', parse: asNumber, show: asIs, json: 'number' },
  time: {
    name: 'time',
    lane: 'number',
    parse: value => Math.round(asNumber(value) * 1e6),
    show: microseconds => microseconds / 1e6,
    json: 'number, Unix seconds with up to 6 decimals',
  },
  address: { name: 'address', lane: 'address', json: 'text, IPv4 or IPv6 (RFC 5952)' },
  mac: { name: 'mac', lane: 'number', parse: fromText(parseMac), show: macText, json: 'text aa:bb:cc:dd:ee:ff' },
  protocol: {
    name: 'protocol',
    lane: 'number',
    parse: fromText(protocolNumber),
    show: number => PROTOCOL_NAMES[number] ?? String(number),
    json: 'text, protocol name, or its number as text',
  },
  etype: {
    name: 'etype',
    lane: 'number',
    parse: fromText(hexNumber),
    show: number => number.toString(16),
    json: 'text, bare hex',
  },
  direction: {
    name: 'direction',
    lane: 'number',
    parse: fromText(letter),
    show: code => String.fromCharCode(code),
    json: 'text i (ingress), e (egress) or u (undefined)',
  },
  text: { name: 'text', lane: 'value', json: 'text' },
  list: { name: 'list', lane: 'value', json: 'array' },
  any: { name: 'any', lane: 'value', json: 'any' },
}
