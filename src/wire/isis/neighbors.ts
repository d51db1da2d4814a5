// Neighbours: TLVs 2, 22, 23, 222, 223 as links (ISO 10589 section 9.8, RFC 5305 section 3, RFC 5120 section 7.1).
import type { NetRecord } from '../../contract/record.ts'
import { ipv4Address, ipv6Address } from '../bgp/nlri/prefix-text.ts'
import { wholeOctets } from '../igp/objects.ts'
import { attributesOf, LINK_ROWS } from './attribute-rows.ts'
import { igpRouterId, MT_MASK, type ReadTlv, type Said, topologyOf } from './said.ts'
import { readTlvs } from './tlv.ts'

const NARROW_OCTETS = 11
/** Neighbour 7, metric 3, octets of sub-TLVs 1. */
const WIDE_OCTETS = 11
const IGP_METRIC = 1095

/** Sub-TLVs that tell links between the same routers apart. */
const DESCRIPTORS: { readonly [subTlv: number]: { readonly octets: number; put(said: Said, at: number): NetRecord } } =
  {
    4: {
      octets: 8,
      put: ({ view }, at) => ({ link_local_id: view.getUint32(at), link_remote_id: view.getUint32(at + 4) }),
    },
    6: { octets: 4, put: ({ octets }, at) => ({ local_addr_v4: ipv4Address(octets, at) }) },
    8: { octets: 4, put: ({ octets }, at) => ({ neigh_addr_v4: ipv4Address(octets, at) }) },
    12: { octets: 16, put: ({ octets }, at) => ({ local_addr_v6: ipv6Address(octets, at) }) },
    13: { octets: 16, put: ({ octets }, at) => ({ neigh_addr_v6: ipv6Address(octets, at) }) },
  }

function link(said: Said, at: number, more: NetRecord): NetRecord {
  const remote = igpRouterId(said.octets, at)
  const isPseudonode = remote.includes('-') || said.local.pseudonode !== undefined
  return {
    nlri_type: 'Link',
    ...said.local,
    remote_igp_rtr_id: remote,
    ...(isPseudonode ? { pseudonode: 'true' } : {}),
    ...more,
  }
}

/** TLV 2: a virtual flag, then four metrics of an octet and the neighbour. */
export const narrowNeighbors: ReadTlv = said => {
  const { octets, start, end, objects } = said
  let at = start + 1
  for (; at + NARROW_OCTETS <= end; at += NARROW_OCTETS) {
    const metric = (octets[at] as number) & 0x3f
    objects.add(link(said, at + 4, {}), [{ type: IGP_METRIC, octets: Uint8Array.of(metric) }], metric)
  }
  return at === end
}

function wide(said: Said, from: number, topology: number, isMore: boolean): boolean {
  const { octets, end, objects } = said
  let at = from
  while (at + WIDE_OCTETS <= end) {
    const metric = wholeOf(octets, at + 7)
    const first = at + WIDE_OCTETS
    const last = first + (octets[first - 1] as number)
    const attributes = last <= end ? attributesOf(octets, first, last, LINK_ROWS) : undefined
    if (!attributes) return false
    const object = link(said, at, { ...addresses(said, first, last), ...topologyOf(topology) })
    if (isMore) objects.describe(object, attributes)
    else objects.add(object, [{ type: IGP_METRIC, octets: wholeOctets(metric, 3) }, ...attributes], metric)
    at = last
  }
  return at === end
}

const wholeOf = (octets: Uint8Array, at: number): number =>
  ((octets[at] as number) << 16) | ((octets[at + 1] as number) << 8) | (octets[at + 2] as number)

function addresses(said: Said, start: number, end: number): NetRecord {
  const found: NetRecord = {}
  for (const sub of readTlvs(said.octets, start, end) ?? []) {
    const row = DESCRIPTORS[sub.type]
    if (row && sub.end - sub.start === row.octets) Object.assign(found, row.put(said, sub.start))
  }
  // In the order of BGP-LS, whatever the router's.
  const names = ['link_local_id', 'link_remote_id', 'local_addr_v4', 'neigh_addr_v4', 'local_addr_v6', 'neigh_addr_v6']
  return Object.fromEntries(names.flatMap(name => (found[name] === undefined ? [] : [[name, found[name]]])))
}

export const wideNeighbors: ReadTlv = said => wide(said, said.start, 0, false)
export const neighborAttributes: ReadTlv = said => wide(said, said.start, 0, true)

const ofTopology =
  (isMore: boolean): ReadTlv =>
  said =>
    said.end - said.start >= 2 && wide(said, said.start + 2, said.view.getUint16(said.start) & MT_MASK, isMore)

export const mtNeighbors: ReadTlv = ofTopology(false)
export const mtNeighborAttributes: ReadTlv = ofTopology(true)

/** Neighbour 7, flags 1, two addresses or identifiers of 4. */
const RISK_OCTETS = 16
const NUMBERED = 1
const SHARED_RISKS = 1096

/** TLV 138: shared risk link groups of a link (RFC 5307 section 1.3). */
export const sharedRisks: ReadTlv = said => {
  const { octets, view, start, end, objects } = said
  const groups = start + RISK_OCTETS
  if (end < groups || (end - groups) % 4 !== 0) return false
  const [near, far] = [start + 8, start + 12]
  const ends =
    (octets[start + 7] as number) & NUMBERED
      ? { local_addr_v4: ipv4Address(octets, near), neigh_addr_v4: ipv4Address(octets, far) }
      : { link_local_id: view.getUint32(near), link_remote_id: view.getUint32(far) }
  objects.describe(link(said, start, ends), [{ type: SHARED_RISKS, octets: octets.subarray(groups, end) }])
  return true
}
