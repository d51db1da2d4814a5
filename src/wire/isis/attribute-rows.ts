// Which sub-TLV of IS-IS is which TLV of the BGP-LS attribute (RFC 9552 sections 5.3.1 to 5.3.3, RFC 9085, RFC 9514,
// RFC 8571), and how its octets differ.
import { attributesByRows, type Change, join, type Rows, reserved2 } from '../igp/attribute-rows.ts'
import type { Attribute } from '../igp/objects.ts'
import { readTlvs } from './tlv.ts'

/** Flags, then ranges of three octets with a SID sub-TLV each; BGP-LS has a reserved octet and larger TLV headers. */
const labelRanges: Change = octets => {
  const parts: Uint8Array[] = [Uint8Array.of(octets[0] ?? 0, 0)]
  for (let at = 1; at < octets.length; ) {
    const length = octets[at + 4]
    if (length === undefined || at + 5 + length > octets.length) return undefined
    parts.push(octets.subarray(at, at + 3), SID_HEADER(length), octets.subarray(at + 5, at + 5 + length))
    at += 5 + length
  }
  return join(...parts)
}
const SID_HEADER = (length: number): Uint8Array => Uint8Array.of(1161 >> 8, 1161 & 0xff, 0, length)

/** Flags, algorithm, weight, behavior, SID; of a LAN with the neighbour before. BGP-LS begins with the behavior. */
const endX =
  (neighborOctets: number): Change =>
  octets => {
    const said = octets.subarray(neighborOctets)
    if (said.length < 21) return undefined
    const [flags, algorithm, weight] = said as unknown as [number, number, number]
    return join(
      said.subarray(3, 5),
      [flags, algorithm, weight, 0],
      octets.subarray(0, neighborOctets),
      said.subarray(5, 21),
    )
  }

export const LINK_ROWS: Rows = {
  3: { type: 1088 },
  9: { type: 1089 },
  10: { type: 1090 },
  11: { type: 1091 },
  14: { type: 1173 },
  15: { type: 267 },
  18: { type: 1092 },
  20: { type: 1093 },
  31: { type: 1099, change: reserved2 },
  32: { type: 1100, change: reserved2 },
  33: { type: 1114 },
  34: { type: 1115 },
  35: { type: 1116 },
  36: { type: 1117 },
  37: { type: 1118 },
  38: { type: 1119 },
  39: { type: 1120 },
  43: { type: 1106, change: endX(0) },
  44: { type: 1107, change: endX(6) },
}

export const PREFIX_ROWS: Rows = {
  1: { type: 1153 },
  2: { type: 1154 },
  3: { type: 1158, change: reserved2 },
  4: { type: 1170 },
  11: { type: 1171 },
  12: { type: 1171 },
}

export const CAPABILITY_ROWS: Rows = {
  2: { type: 1034, change: labelRanges },
  19: { type: 1035 },
  22: { type: 1036, change: labelRanges },
  23: { type: 266 },
  24: { type: 1037 },
  25: { type: 1038 },
  26: { type: 1039 },
}

/** Attributes of the sub-TLVs in [start, end); undefined where they do not fill it. Those without a row are left out. */
export function attributesOf(octets: Uint8Array, start: number, end: number, rows: Rows): Attribute[] | undefined {
  const subTlvs = readTlvs(octets, start, end)
  return subTlvs && attributesByRows(octets, subTlvs, rows)
}
