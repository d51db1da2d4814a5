// Extended communities from their texts back to octets (RFC 4360, RFC 5668): those that have a number or an address and
// a number, and the few others that are plain. The inverse of wire/bgp/attributes/extended-community.ts.
import { parseDotted } from '../../octets/address.ts'

/** Subtypes of the three types 0 (two-octet AS), 1 (IPv4 address), 2 (four-octet AS). */
const SUBTYPES: { readonly [name: string]: number } = {
  RT: 0x02,
  SoO: 0x03,
  'OSPF-Domain-Id': 0x05,
  'OSPF-Router-Id': 0x07,
  'Source-AS': 0x09,
  'L2VPN-Id': 0x0a,
  'VRF-Import': 0x0b,
}
/** Type and subtype of those whose last octets are one number. */
const NUMBERS: { readonly [name: string]: number } = {
  Color: 0x030b,
  Encap: 0x030c,
  'Default-Gateway': 0x030d,
  'MAC-Mobility': 0x0600,
}

/** Writes eight octets; false when the text is none that is known. */
export function writeExtendedCommunity(text: string, view: DataView, at: number): boolean {
  if (/^0x[0-9a-f]{16}$/.test(text)) {
    view.setBigUint64(at, BigInt(text))
    return true
  }
  const [name = '', first = '', second] = text.split(':')
  const subtype = Object.hasOwn(SUBTYPES, name) ? SUBTYPES[name] : undefined
  if (subtype !== undefined && second !== undefined) return writePair(subtype, first, Number(second), view, at)
  const plain = Object.hasOwn(NUMBERS, name) ? NUMBERS[name] : undefined
  if (plain === undefined || second !== undefined || !/^\d*$/.test(first)) return false
  view.setUint16(at, plain)
  view.setUint16(at + 2, 0)
  view.setUint32(at + 4, Number(first))
  return true
}

function writePair(subtype: number, first: string, number: number, view: DataView, at: number): boolean {
  const address = parseDotted(first)
  const as = Number(first)
  if (address < 0 && !/^\d+$/.test(first)) return false
  const isWide = address >= 0 || as > 0xffff
  view.setUint8(at, address >= 0 ? 1 : isWide ? 2 : 0)
  view.setUint8(at + 1, subtype)
  if (isWide) {
    view.setUint32(at + 2, address >= 0 ? address : as)
    view.setUint16(at + 6, number)
  } else {
    view.setUint16(at + 2, as)
    view.setUint32(at + 4, number)
  }
  return true
}
