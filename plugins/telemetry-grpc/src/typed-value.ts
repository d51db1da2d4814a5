// Values of gNMI (specification section 2.2.3) as values of records.
import { isReadProblem, parseJson, type Value } from 'netally'
import { base64, type Long, real, shortReal, whole } from './numbers.ts'

/** One member is its own. */
export interface TypedValue {
  readonly [member: string]: unknown
}

/** The member that is there; the last one, as with any oneof. */
const memberOf = (typed: TypedValue): string => Object.keys(typed).at(-1) ?? ''

/** Of gNMI before 0.3. */
export interface OldValue {
  readonly value: Uint8Array
  readonly type: number
}

const JSON_TEXTS: ReadonlySet<number> = new Set([0, 4])
const ASCII = 3

const decoder = new TextDecoder()

/** What cannot be read stays the text that it is. */
function json(octets: Uint8Array): Value {
  const [first] = octets
  if (first === 0x7b || first === 0x5b) {
    const value = parseJson(octets)
    return isReadProblem(value) ? decoder.decode(octets) : value
  }
  // A single value: whole numbers above 2^53 must stay exact.
  const text = decoder.decode(octets).trim()
  if (/^-?\d{16,}$/.test(text)) return BigInt(text)
  try {
    return JSON.parse(text) as Value
  } catch {
    return text
  }
}

/** Digits and their scale; as a number where that has the same digits, else as text. */
function decimal({ digits, precision }: { readonly digits: Long; readonly precision: number }): Value {
  const all = whole(digits)
  const negative = all < 0
  const text = String(negative ? -all : all).padStart(precision + 1, '0')
  const written = precision === 0 ? text : `${text.slice(0, -precision)}.${text.slice(-precision)}`
  const value = Number(written)
  const isExact = text.replace(/^0+/, '').length <= 15
  return isExact ? (negative ? -value : value) : `${negative ? '-' : ''}${written}`
}

type Read = (value: never) => Value

const plain: Read = (value: Value) => value

const READERS: { readonly [member: string]: Read } = {
  string_val: plain,
  int_val: whole,
  uint_val: whole,
  bool_val: plain,
  bytes_val: base64,
  float_val: shortReal,
  double_val: real,
  decimal_val: decimal,
  leaflist_val: ({ element }: { readonly element: readonly TypedValue[] }) => element.map(one => typedValue(one)),
  any_val: ({ type_url, value }: { readonly type_url: string; readonly value: Uint8Array }) => ({
    type_url,
    value: base64(value),
  }),
  json_val: json,
  json_ietf_val: json,
  ascii_val: plain,
  proto_bytes: base64,
}

export function typedValue(typed: TypedValue): Value {
  const member = memberOf(typed)
  const read = READERS[member]
  return read ? read(typed[member] as never) : null
}

export function oldValue({ value, type }: OldValue): Value {
  if (value.length === 0) return null
  if (JSON_TEXTS.has(type)) return json(value)
  return type === ASCII ? decoder.decode(value) : base64(value)
}

const SERIALIZATIONS: { readonly [member: string]: string } = {
  json_val: 'json',
  json_ietf_val: 'json_ietf',
  ascii_val: 'ascii',
  bytes_val: 'bytes',
  proto_bytes: 'bytes',
}

/** What a value was on the wire: json, json_ietf, ascii, bytes, proto. */
export const serializationOf = (typed: TypedValue): string => SERIALIZATIONS[memberOf(typed)] ?? 'proto'
