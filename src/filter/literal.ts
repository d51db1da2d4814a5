// Constants of a comparison, read as values of the field that they are compared with.
import type { Field } from '../fields/field.ts'
import { parseMac } from '../octets/address.ts'
import { maskWord } from './addresses.ts'
import type { NumberMember } from './expression.ts'
import type { Complaint } from './failure.ts'
import { ETHERTYPES, protocolOfName, SERVICES } from './names.ts'
import type { Token } from './scanner.ts'
import { prefixText } from './test-value.ts'
import { parseTime } from './time.ts'
import { type Address, numberOfText, parsePrefix } from './values.ts'

/** A constant as it stands in the filter; `to` is the end of a range of numbers. */
export interface Literal {
  readonly token: Token
  readonly to?: Token
}

export type Complain = (literal: Literal, complaint: Complaint) => never

type Read = (token: Token, field: Field) => number | bigint

/** What a number-like field's constants mean, by type; NaN: nothing. */
const NUMBER_READERS: { readonly [type in Field['type']['name']]?: Read } = {
  unsigned: readPlain,
  counter: readPlain,
  real: readPlain,
  time: ({ kind, text, number }) => {
    if (kind === 'number') return Math.round(Number(number) * 1e6)
    const seconds = Number(numberOfText(text))
    return Number.isNaN(seconds) ? parseTime(text) : Math.round(seconds * 1e6)
  },
  mac: ({ text }) => parseMac(text),
  protocol: ({ text, number }) => number ?? protocolOfName(text),
  // As records show it, in bare hex: 800, 86dd.
  etype: ({ text }) => {
    if (/^(0x)?[0-9a-f]{1,4}$/i.test(text)) return Number.parseInt(text, 16)
    return ETHERTYPES.get(text) ?? Number.NaN
  },
  direction: ({ text }) => (/^(i|e|u|ingress|egress|undefined)$/.test(text) ? text.charCodeAt(0) : Number.NaN),
}

function readPlain(token: Token, field: Field): number | bigint {
  if (token.number !== undefined) return token.number
  const service = /(^|_)port(_|$)/.test(field.name) ? SERVICES.get(token.text) : undefined
  return service ?? (token.kind === 'quoted' ? numberOfText(token.text) : Number.NaN)
}

const WANTED: { readonly [type in Field['type']['name']]?: string } = {
  time: 'a time: Unix seconds or "2026-01-31 12:00:00" (UTC)',
  mac: 'a MAC address aa:bb:cc:dd:ee:ff',
  protocol: 'a protocol: its name or its number',
  etype: 'an EtherType in hex, as 800 or 86dd',
  direction: 'a direction: i, e or u',
}

/** Whether the field's values are compared as numbers. */
export function isNumberLike(field: Field): boolean {
  return field.type.lane === 'number'
}

export function numberLiteral(field: Field, literal: Literal, complain: Complain): number | bigint {
  const number = NUMBER_READERS[field.type.name]?.(literal.token, field) ?? Number.NaN
  if (!Number.isNaN(number)) return number
  const wanted = WANTED[field.type.name] ?? 'a number'
  return complain(literal, { code: 'filter/type', message: `${field.name} is compared with ${wanted}` })
}

export function numberMember(field: Field, literal: Literal, complain: Complain): NumberMember {
  const from = numberLiteral(field, literal, complain)
  if (!literal.to) return from
  const to = numberLiteral(field, { token: literal.to }, complain)
  if (to < from) complain(literal, { message: 'the range ends before it starts' })
  return [Number(from), Number(to)]
}

/** `address/length` of a constant; host bits are most likely a slip. */
export function prefixLiteral(name: string, literal: Literal, complain: Complain): string {
  const prefix = literal.to ? undefined : parsePrefix(literal.token.text)
  if (!prefix) {
    const message = `${name} is compared with an address or a prefix`
    return complain(literal, { code: 'filter/type', message })
  }
  const network = networkText(prefix)
  if (network !== prefixText(prefix)) {
    complain(literal, { message: 'the prefix has host bits', hint: `the network is ${network}` })
  }
  return network
}

/** `address/length` with the host bits cleared. */
export function networkText({ family, words, length }: Address): string {
  const network = words.map((word, index) => (word & maskWord(length, index)) >>> 0)
  return prefixText({ family, words: network, length })
}
