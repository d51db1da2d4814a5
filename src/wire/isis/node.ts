// What a node says in all fragments of its LSP, as objects of BGP-LS.
import type { NetRecord } from '../../contract/record.ts'
import { type Attribute, type LinkStateObject, Objects } from '../igp/objects.ts'
import { attributesOf, CAPABILITY_ROWS } from './attribute-rows.ts'
import {
  mtNeighborAttributes,
  mtNeighbors,
  narrowNeighbors,
  neighborAttributes,
  sharedRisks,
  wideNeighbors,
} from './neighbors.ts'
import type { Lsp } from './pdu.ts'
import { ipv4Prefixes, ipv6Prefixes, locators, mtIpv4Prefixes, mtIpv6Prefixes, narrowPrefixes } from './reachability.ts'
import { igpRouterId, MT_MASK, type ReadTlv, type Said } from './said.ts'
import { TLV } from './tlv.ts'

const MT_IDS = 263
const NODE_FLAGS = 1024
const NODE_NAME = 1026
const AREA = 1027
const ROUTER_ID_V4 = 1028
const ROUTER_ID_V6 = 1029
/** LSP flags, and those of BGP-LS (RFC 9552 section 5.3.1.1). */
const OVERLOAD = 0x04
const ATTACHED = 0x08
const LS_OVERLOAD = 0x80
const LS_ATTACHED = 0x40
const CAPABILITY_HEADER_OCTETS = 5

const value = ({ octets, start, end }: Said): Uint8Array => octets.subarray(start, end)

const whole =
  (type: number): ReadTlv =>
  said => {
    said.node.push({ type, octets: value(said) })
    return true
  }

const areas: ReadTlv = said => {
  const { octets, start, end, node } = said
  let at = start
  while (at < end) {
    const next = at + 1 + (octets[at] as number)
    if (next > end) return false
    if (next > at + 1) node.push({ type: AREA, octets: octets.subarray(at + 1, next) })
    at = next
  }
  return true
}

/** TLV 242: router id, flags, then sub-TLVs (RFC 7981). */
const capabilities: ReadTlv = ({ octets, start, end, node }) => {
  if (end - start < CAPABILITY_HEADER_OCTETS) return false
  const attributes = attributesOf(octets, start + CAPABILITY_HEADER_OCTETS, end, CAPABILITY_ROWS)
  if (attributes) node.push(...attributes)
  return attributes !== undefined
}

const topologies: ReadTlv = said => {
  const { view, start, end, node } = said
  const ids: number[] = []
  for (let at = start; at + 2 <= end; at += 2) {
    const id = view.getUint16(at) & MT_MASK
    ids.push(id >> 8, id & 0xff)
  }
  node.push({ type: MT_IDS, octets: Uint8Array.from(ids) })
  return (end - start) % 2 === 0
}

const READERS: { readonly [type: number]: ReadTlv } = {
  [TLV.areas]: areas,
  [TLV.narrowNeighbors]: narrowNeighbors,
  [TLV.wideNeighbors]: wideNeighbors,
  [TLV.neighborAttributes]: neighborAttributes,
  [TLV.srv6Locators]: locators,
  [TLV.narrowInternal]: narrowPrefixes,
  [TLV.narrowExternal]: narrowPrefixes,
  [TLV.routerId]: whole(ROUTER_ID_V4),
  [TLV.wideIpv4]: ipv4Prefixes,
  [TLV.hostname]: whole(NODE_NAME),
  [TLV.sharedRisks]: sharedRisks,
  [TLV.ipv6RouterId]: whole(ROUTER_ID_V6),
  [TLV.mtNeighbors]: mtNeighbors,
  [TLV.mtNeighborAttributes]: mtNeighborAttributes,
  [TLV.topologies]: topologies,
  [TLV.mtIpv4]: mtIpv4Prefixes,
  [TLV.ipv6]: ipv6Prefixes,
  [TLV.mtIpv6]: mtIpv6Prefixes,
  [TLV.capabilities]: capabilities,
}
/** What says more about neighbours comes after the neighbours. */
const LATE: ReadonlySet<number> = new Set([TLV.neighborAttributes, TLV.mtNeighborAttributes, TLV.sharedRisks])
const LSP_ID_AT = 12

/**
 * Objects of a node by their descriptors, from the fragments of its LSP in order; none without fragments. `malformed` is
 * told of TLVs that do not read well.
 */
export function objectsOf(fragments: readonly Lsp[], malformed: (type: number) => void): Map<string, LinkStateObject> {
  const first = fragments[0]
  if (!first) return new Map()
  const objects = new Objects()
  const node: Attribute[] = []
  const local = localOf(first)
  for (const late of [false, true]) {
    for (const { octets, view, tlvs } of fragments) {
      for (const { type, start, end } of tlvs) {
        if (LATE.has(type) !== late) continue
        if (READERS[type]?.({ octets, view, start, end, objects, local, node }) === false) malformed(type)
      }
    }
  }
  const flags = (first.flags & OVERLOAD ? LS_OVERLOAD : 0) | (first.flags & ATTACHED ? LS_ATTACHED : 0)
  if (flags !== 0) node.push({ type: NODE_FLAGS, octets: Uint8Array.of(flags) })
  objects.add({ nlri_type: 'Node', ...local }, distinct(node))
  return objects.finished()
}

/** Fragments repeat the name and the areas. */
function distinct(attributes: readonly Attribute[]): Attribute[] {
  const seen = new Set<string>()
  return attributes.filter(({ type, octets }) => {
    const text = `${type} ${octets.join()}`
    return !seen.has(text) && seen.add(text)
  })
}

function localOf({ level, octets }: Lsp): NetRecord {
  const id = igpRouterId(octets, LSP_ID_AT)
  const proto = level === 1 ? 'IS-IS Level 1' : 'IS-IS Level 2'
  return { proto, local_igp_rtr_id: id, ...(id.includes('-') ? { pseudonode: 'true' } : {}) }
}
