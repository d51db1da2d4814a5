// TLVs: type, length, value (RFC 7854 section 4.4). With the E bit, an enterprise number begins the value; in route
// monitoring of version 4 an index of the NLRI stands before it (draft-ietf-grow-bmp-tlv).
import type { NetRecord } from '../../contract/record.ts'

const ENTERPRISE = 0x8000
/** RFC 7854 section 10: types for experiments, which have the E bit but no enterprise. */
const FIRST_EXPERIMENTAL = 65_531
const decoder = new TextDecoder()

export interface Tlv {
  readonly type: number
  /** Private enterprise number; undefined = a type that IANA registered. */
  readonly pen: number | undefined
  /** 0 = about all NLRI; undefined where TLVs have none. */
  readonly index: number | undefined
  readonly start: number
  readonly end: number
}

/** The TLVs in view[start..end), and the octets at the end that are none. */
export interface TlvList {
  readonly tlvs: readonly Tlv[]
  readonly rest: number
}

/** `indexed`: two octets of index that the length does not count follow it; `enterprises`: the E bit means one. */
export function readTlvs(view: DataView, start: number, end: number, indexed: boolean, enterprises = true): TlvList {
  const header = indexed ? 6 : 4
  const tlvs: Tlv[] = []
  let at = start
  while (end - at >= header) {
    const word = view.getUint16(at)
    const from = at + header
    const to = from + view.getUint16(at + 2)
    if (to > end) break
    const enterprise = enterprises && (word & ENTERPRISE) !== 0 && word < FIRST_EXPERIMENTAL && to - from >= 4
    tlvs.push({
      type: enterprise ? word & ~ENTERPRISE : word,
      pen: enterprise ? view.getUint32(from) : undefined,
      index: indexed ? view.getUint16(at + 4) : undefined,
      start: enterprise ? from + 4 : from,
      end: to,
    })
    at = to
  }
  return { tlvs, rest: end - at }
}

/** Value in pairs of hexadecimal digits, `0a-1b`; null when it is empty: pmacct's form of what it does not know. */
export function hexPairs(octets: Uint8Array, start: number, end: number): string | null {
  if (start === end) return null
  return Array.from(octets.subarray(start, end), octet => octet.toString(16).padStart(2, '0')).join('-')
}

/** The key of a TLV that has no name: `<prefix>_<type>`, of an enterprise `<prefix>_<PEN>_<type>`. */
function tlvKey(prefix: string, { type, pen }: Tlv): string {
  return pen === undefined ? `${prefix}_${type}` : `${prefix}_${pen}_${type}`
}

/** UTF-8 as some routers send it: with a zero at the end. */
export function tlvText(octets: Uint8Array, { start, end }: Tlv): string {
  return decoder.decode(octets.subarray(start, end)).replace(/\0+$/, '')
}

/** Texts of a message by type; what is not in the registry keeps its number and its octets. */
export interface TlvNames {
  readonly prefix: string
  readonly names: { readonly [type: number]: string }
}

/** Puts a TLV into a record; a name that comes again makes a list of its texts. */
export function putTlv(into: NetRecord, octets: Uint8Array, tlv: Tlv, { prefix, names }: TlvNames): void {
  const name = tlv.pen === undefined ? names[tlv.type] : undefined
  if (name === undefined) {
    const value = hexPairs(octets, tlv.start, tlv.end)
    if (value !== null) into[tlvKey(prefix, tlv)] = value
    return
  }
  const key = `${prefix}_${name}`
  const text = tlvText(octets, tlv)
  const before = into[key]
  if (before === undefined) into[key] = text
  else into[key] = Array.isArray(before) ? [...before, text] : [before, text]
}
