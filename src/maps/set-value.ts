// Values that rows of maps set: texts to values, undefined when the text is none.
import { parsePrefix } from '../lookup/prefix.ts'
import { dotted, ipv6Text } from '../octets/address.ts'

export const LARGEST_U32 = 2 ** 32 - 1
const LARGEST_U16 = 65_535

/** A whole number up to `largest`. */
export function wholeNumber(text: string, largest: number): number | undefined {
  return /^\d{1,16}$/.test(text) && Number(text) <= largest ? Number(text) : undefined
}

/** `64496`, or asdot `1.10` (RFC 5396). */
export function parseAs(text: string): number | undefined {
  const dot = text.indexOf('.')
  if (dot < 0) return wholeNumber(text, LARGEST_U32)
  const high = wholeNumber(text.slice(0, dot), LARGEST_U16)
  const low = wholeNumber(text.slice(dot + 1), LARGEST_U16)
  return high === undefined || low === undefined ? undefined : high * 65_536 + low
}

/** The canonical text of an IP address. */
export function parseAddress(text: string): string | undefined {
  const address = text.includes('/') ? undefined : parsePrefix(text)
  if (!address) return undefined
  const [a, b, c, d] = address.words
  return address.family === 4 ? dotted(a) : ipv6Text(a, b, c, d)
}

/** The route distinguisher of the global table. */
export const GLOBAL_RD = '0:0:0'

/**
 * `type:admin:value` (RFC 4364 section 4.2) as records have it: 0:AS:number, 1:IPv4:number, 2:AS:number. Without a type,
 * it is the type that the administrator needs.
 */
export function parseRd(text: string): string | undefined {
  const parts = text.split(':')
  const [type, admin = '', value = ''] = parts.length === 2 ? [undefined, ...parts] : parts
  if (parts.length < 2 || parts.length > 3) return undefined
  const isAddress = admin.includes('.') && parseAddress(admin) !== undefined
  const as = isAddress ? undefined : parseAs(admin)
  if (!isAddress && as === undefined) return undefined
  const needed = isAddress ? '1' : (as as number) > LARGEST_U16 ? '2' : '0'
  const kind = type ?? needed
  const number = wholeNumber(value, kind === '0' ? LARGEST_U32 : LARGEST_U16)
  const fits = kind === '1' ? isAddress : kind === '0' ? needed === '0' : kind === '2' && !isAddress
  return fits && number !== undefined ? `${kind}:${isAddress ? admin : as}:${number}` : undefined
}
