// Which TLV of an IGP is which TLV of the BGP-LS attribute, and how its octets differ: one row a TLV.
import type { Attribute } from './objects.ts'

export type Change = (octets: Uint8Array) => Uint8Array | undefined

interface Row {
  readonly type: number
  /** Undefined: the octets are the same. */
  readonly change?: Change
}

export type Rows = { readonly [tlv: number]: Row }

/** A TLV: its value is in [start, end). */
export interface TlvAt {
  readonly type: number
  readonly start: number
  readonly end: number
}

export const join = (...parts: readonly ArrayLike<number>[]): Uint8Array =>
  Uint8Array.from(parts.flatMap(part => Array.from(part)))

/** BGP-LS has two reserved octets after flags and weight, or flags and algorithm. */
export const reserved2: Change = octets =>
  octets.length < 5 ? undefined : join(octets.subarray(0, 2), [0, 0], octets.subarray(2))

/** Attributes of TLVs. Those without a row are left out. */
export function attributesByRows(octets: Uint8Array, tlvs: readonly TlvAt[], rows: Rows): Attribute[] {
  return tlvs.flatMap(tlv => {
    const row = rows[tlv.type]
    if (!row) return []
    const value = octets.subarray(tlv.start, tlv.end)
    const changed = row.change ? row.change(value) : value
    return changed ? [{ type: row.type, octets: changed }] : []
  })
}
