// TLVs of route monitoring in version 4 (draft-ietf-grow-bmp-tlv). The code points changed between revisions of the
// draft; where its BGP message stands, and what only one of them can mean, tells which a router speaks.
import type { Tlv } from './tlv.ts'

/** What the registry of a revision calls a type. */
export type RouteTlvKind =
  | 'group'
  | 'vrf_table_name'
  | 'stateless_parsing'
  | 'bgp_message'
  | 'path_marking'
  | 'sequence_number'
  | 'extended_flags'
  | 'timestamp'

type Registry = { readonly [type: number]: RouteTlvKind }

/** Up to revision 19, with path marking as its own draft numbers it. */
const REVISION_19: Registry = {
  1: 'stateless_parsing',
  2: 'group',
  3: 'vrf_table_name',
  4: 'bgp_message',
  5: 'path_marking',
}
const REVISION_20: Registry = {
  1: 'sequence_number',
  2: 'extended_flags',
  3: 'timestamp',
  4: 'group',
  5: 'vrf_table_name',
  6: 'stateless_parsing',
  7: 'bgp_message',
  8: 'path_marking',
}
const REVISION_21: Registry = {
  1: 'group',
  2: 'vrf_table_name',
  3: 'stateless_parsing',
  4: 'bgp_message',
  5: 'sequence_number',
  6: 'extended_flags',
  7: 'timestamp',
}

/** In the index of a group. */
export const GROUP_BIT = 0x8000
const MARKER_OCTETS = 16

function isBgpMessage(view: DataView, { start, end }: Tlv): boolean {
  if (end - start <= MARKER_OCTETS) return false
  for (let at = start; at < start + MARKER_OCTETS; at += 4) if (view.getUint32(at) !== 0xffffffff) return false
  return true
}

/** A group has the G bit in its index, a VRF name has not; types 6 and 7 came with revision 20. */
function isRevision21({ type, index = 0 }: Tlv): boolean {
  const isGroup = (index & GROUP_BIT) !== 0
  return (type === 1 && isGroup) || (type === 2 && !isGroup) || type === 6 || type === 7
}

/** The registry that the TLVs of one message are of. */
export function registryOf(view: DataView, tlvs: readonly Tlv[]): Registry {
  const own = tlvs.filter(tlv => tlv.pen === undefined)
  if (own.some(tlv => tlv.type === 7 && isBgpMessage(view, tlv))) return REVISION_20
  return own.some(isRevision21) ? REVISION_21 : REVISION_19
}
