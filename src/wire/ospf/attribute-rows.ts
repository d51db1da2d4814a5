// Which TLV of OSPF is which TLV of the BGP-LS attribute (RFC 9552 section 5.3, RFC 9085): router information (RFC 7770,
// 5642, 8665, 8476), extended prefixes and links (RFC 7684), traffic engineering (RFC 3630, 4203, 7308, 7471).
import { type Change, join, type Rows } from '../igp/attribute-rows.ts'

/** Sub-TLV that holds a label or an index (RFC 8665 section 2.1), and its like in BGP-LS. */
const SID = 1
const LS_SID = 1161

/** Flags, reserved, topology, weight, then [neighbour,] SID: BGP-LS has flags, weight, two reserved octets. */
const adjacency =
  (restOctets: number): Change =>
  octets =>
    octets.length < 4 + restOctets
      ? undefined
      : join([octets[0] as number, octets[3] as number, 0, 0], octets.subarray(4))

/** Flags, reserved, topology, algorithm, SID: BGP-LS has flags, algorithm, two reserved octets. */
const prefixSid: Change = octets =>
  octets.length < 7 ? undefined : join([octets[0] as number, octets[3] as number, 0, 0], octets.subarray(4))

/** A range: size of three octets, a reserved one, a TLV with the first SID. Several make one TLV of BGP-LS. */
const labelRange: Change = octets => {
  const length = ((octets[6] as number) << 8) | (octets[7] as number)
  const isSid = octets[5] === SID && octets[4] === 0 && (length === 3 || length === 4)
  if (!isSid || octets.length < 8 + length) return undefined
  return join(octets.subarray(0, 3), [LS_SID >> 8, LS_SID & 0xff, 0, length], octets.subarray(8, 8 + length))
}

/** Ranges, by the TLV that they are put together in. */
export const RANGE_ROWS: Rows = {
  9: { type: 1034, change: labelRange },
  14: { type: 1036, change: labelRange },
}

export const INFORMATION_ROWS: Rows = {
  7: { type: 1026 },
  8: { type: 1035 },
  12: { type: 266 },
  15: { type: 1037, change: octets => (octets.length > 0 ? octets.subarray(0, 1) : undefined) },
}

export const EXTENDED_PREFIX_ROWS: Rows = {
  2: { type: 1158, change: prefixSid },
}

export const EXTENDED_LINK_ROWS: Rows = {
  2: { type: 1099, change: adjacency(3) },
  3: { type: 1100, change: adjacency(7) },
  6: { type: 267 },
}

export const TE_LINK_ROWS: Rows = {
  5: { type: 1092 },
  6: { type: 1089 },
  7: { type: 1090 },
  8: { type: 1091 },
  9: { type: 1088 },
  14: { type: 1093, change: octets => octets.subarray(0, 2) },
  16: { type: 1096 },
  26: { type: 1173 },
  27: { type: 1114 },
  28: { type: 1115 },
  29: { type: 1116 },
  30: { type: 1117 },
  31: { type: 1118 },
  32: { type: 1119 },
  33: { type: 1120 },
}
