// A record's value as a number, a text, an address or a list: what the tests compare.
import type { Value } from '../contract/record.ts'
import { protocolNumber } from '../fields/protocols.ts'
import type { FieldType } from '../fields/types.ts'
import { dotted, ipv6Text, parseDotted, parseIpv6 } from '../octets/address.ts'
import { parseTime } from './time.ts'

const NUMERIC = /^-?\d+(\.\d+)?$/
const WHOLE = /^-?\d+$/

/** The number of decimal text: BigInt where a double would round; NaN when it is none. */
export function numberOfText(text: string): number | bigint {
  if (!NUMERIC.test(text)) return Number.NaN
  const number = Number(text)
  return WHOLE.test(text) && !Number.isSafeInteger(number) ? BigInt(text) : number
}

function etypeOfText(text: string): number {
  return /^(0x)?[0-9a-f]{1,4}$/i.test(text) ? Number.parseInt(text, 16) : Number.NaN
}

function timeOfText(text: string): number {
  const seconds = Number(numberOfText(text))
  return Number.isNaN(seconds) ? parseTime(text) : Math.round(seconds * 1e6)
}

/** Forms that a lane does not hold but that mean a number all the same: pmacct writes some numbers as text. */
const ODD_TEXTS: { readonly [type in FieldType['name']]?: (text: string) => number | bigint } = {
  unsigned: numberOfText,
  counter: numberOfText,
  real: numberOfText,
  any: numberOfText,
  time: timeOfText,
  protocol: text => protocolNumber(text.toLowerCase()),
  etype: etypeOfText,
}

/** The value in the units of its type's number lane (for time: microseconds); NaN when it is no number of that type. */
export function numberOf(type: FieldType, value: Value | undefined): number | bigint {
  if (value === undefined || value === null) return Number.NaN
  const parsed = type.parse?.(value) ?? Number.NaN
  if (!Number.isNaN(parsed)) return parsed
  const oddText = ODD_TEXTS[type.name]
  if (oddText === undefined) return Number.NaN
  if (typeof value === 'string') return oddText(value)
  if (typeof value === 'bigint') return type.name === 'time' ? Number(value) * 1e6 : value
  return typeof value === 'number' && Number.isFinite(value) ? value : Number.NaN
}

/** Four words of an IPv6 address, one of an IPv4 address, and how many bits of it count. */
export interface Address {
  readonly family: 4 | 6
  readonly words: Uint32Array
  readonly length: number
}

/** The address of `A` or `A/length`. */
export function parsePrefix(text: string): Address | undefined {
  const slash = text.indexOf('/')
  const base = slash < 0 ? text : text.slice(0, slash)
  const words = new Uint32Array(4)
  const ipv4 = parseDotted(base)
  if (ipv4 >= 0) words[0] = ipv4
  else if (!parseIpv6(base, words, 0)) return undefined
  const family = ipv4 >= 0 ? 4 : 6
  const most = family === 4 ? 32 : 128
  if (slash < 0) return { family, words, length: most }
  const length = /^\d{1,3}$/.test(text.slice(slash + 1)) ? Number(text.slice(slash + 1)) : most + 1
  return length <= most ? { family, words, length } : undefined
}

export function addressText({ family, words }: Address): string {
  const [a, b, c, d] = words as unknown as [number, number, number, number]
  return family === 4 ? dotted(a) : ipv6Text(a, b, c, d)
}

export function addressOf(value: Value | undefined): Address | undefined {
  return typeof value === 'string' ? parsePrefix(value) : undefined
}

/** Canonical text of a value; undefined when it is absent, an array or an object. */
export function textOf(type: FieldType, value: Value | undefined): string | undefined {
  if (value === undefined || value === null) return undefined
  if (type.lane === 'value' && typeof value === 'string') return value
  if (type.lane === 'number') {
    const number = type.parse?.(value) ?? Number.NaN
    if (!Number.isNaN(number)) return String(type.show?.(number))
  }
  if (type.lane === 'address') {
    const address = typeof value === 'string' && !value.includes('/') ? parsePrefix(value) : undefined
    if (address) return addressText(address)
  }
  return typeof value === 'object' ? undefined : String(value)
}

/** Arrays within arrays that are looked into: the sets of an AS path are one deep. */
const MAX_LIST_DEPTH = 4

/**
 * Whether any member of a list is wanted: of an array its members, nested ones too; of a text its parts, for lists that
 * were joined (pmacct: `_`, `,`, blanks).
 */
export function hasMember(type: FieldType, value: Value | undefined, isWanted: (member: Value) => boolean): boolean {
  if (value === undefined || value === null) return false
  if (Array.isArray(value)) return someMember(value, isWanted, MAX_LIST_DEPTH)
  if (typeof value === 'string') return value.split(type.name === 'list' ? JOINED_LIST : JOINED_TEXT).some(isWanted)
  return typeof value !== 'object' && isWanted(value)
}

function someMember(members: readonly Value[], isWanted: (member: Value) => boolean, depth: number): boolean {
  return members.some(member => {
    return Array.isArray(member) ? depth > 1 && someMember(member, isWanted, depth - 1) : isWanted(member)
  })
}

const JOINED_LIST = /[\s_,{}()[\]]+/
const JOINED_TEXT = /[\s,]+/
