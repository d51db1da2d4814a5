// BGP-LS NLRI: [path identifier], type, length, [route distinguisher], protocol, identifier, descriptors (RFC 9552 section 5.2).
import type { NetRecord } from '../../../contract/record.ts'
import { hexText } from '../../../octets/address.ts'
import { NLRI_TYPES, PROTOCOLS } from '../../topology/words.ts'
import { systemId } from '../attributes/bgp-ls-tlv.ts'
import type { ReadNlri } from '../route.ts'
import { addressText, ipv4Address, ipv4Prefix, ipv6Prefix } from './prefix-text.ts'
import { distinguisherText, RD_OCTETS } from './route-distinguisher.ts'

const ISIS_PROTOCOLS = new Set([1, 2])
const IPV6_PREFIX = 4

/** A part of an NLRI and what it is of. */
interface Part {
  readonly octets: Uint8Array
  readonly view: DataView
  readonly start: number
  readonly end: number
  readonly nlriType: number
  readonly protocol: number
}

/** Puts a descriptor into the record; false when its length does not fit. */
type Put = (part: Part, fields: NetRecord) => boolean

/** Walks TLVs of a 16-bit type and length; false when they do not fill the part or one is malformed. */
function walk(part: Part, table: { readonly [type: number]: Put }, fields: NetRecord): boolean {
  const { view, end } = part
  let at = part.start
  while (at + 4 <= end) {
    const from = at + 4
    const next = from + view.getUint16(at + 2)
    if (next > end) return false
    const put = table[view.getUint16(at)]
    if (put) {
      if (!put({ ...part, start: from, end: next }, fields)) return false
    } else fields[`nlri_${view.getUint16(at)}`] = hexText(part.octets, from, next)
    at = next
  }
  return at === end
}

const word =
  (key: string): Put =>
  ({ view, start, end }, fields) => {
    if (end - start !== 4) return false
    fields[key] = view.getUint32(start)
    return true
  }

const address =
  (key: string, length: 4 | 16): Put =>
  ({ octets, start, end }, fields) => {
    if (end - start !== length) return false
    fields[key] = addressText(octets, start, length)
    return true
  }

/** IGP routers: IS-IS system id, with -xx of a pseudonode; OSPF router id, with the designated router of a network. */
const routerId =
  (key: string): Put =>
  ({ octets, start, end, protocol }, fields) => {
    const length = end - start
    if (ISIS_PROTOCOLS.has(protocol) || length === 6 || length === 7) {
      if (length !== 6 && length !== 7) return false
      fields[key] = systemId(octets, start) + (length === 7 ? `-${hexText(octets, end - 1, end)}` : '')
      if (length === 7) fields.pseudonode = 'true'
      return true
    }
    if (length === 4) fields[key] = ipv4Address(octets, start)
    else if (length === 8) {
      fields[key] = `${ipv4Address(octets, start)}:${ipv4Address(octets, start + 4)}`
      fields.pseudonode = 'true'
    } else if (length === 16) fields[key] = addressText(octets, start, 16)
    else return false
    return true
  }

function nodeTable(side: 'local' | 'remote'): { readonly [type: number]: Put } {
  return {
    512: word(`${side}_asn`),
    513: word(`${side}_bgp_ls_id`),
    514: ({ octets, start, end }, fields) => {
      if (end - start !== 4) return false
      fields[`${side}_area_id`] = ipv4Address(octets, start)
      return true
    },
    515: routerId(`${side}_igp_rtr_id`),
    516: address(`${side}_bgp_rtr_id`, 4),
    517: word(`${side}_confed_asn`),
  }
}

const NODES = { local: nodeTable('local'), remote: nodeTable('remote') }

const reachability: Put = ({ octets, start, end, nlriType }, fields) => {
  if (end === start) return false
  const bits = octets[start] as number
  const ipv6 = nlriType === IPV6_PREFIX
  if (bits > (ipv6 ? 128 : 32) || start + 1 + ((bits + 7) >> 3) > end) return false
  fields.ip_reach = ipv6 ? ipv6Prefix(octets, start + 1, bits) : ipv4Prefix(octets, start + 1, bits)
  return true
}

const DESCRIPTORS: { readonly [type: number]: Put } = {
  256: (part, fields) => walk(part, NODES.local, fields),
  257: (part, fields) => walk(part, NODES.remote, fields),
  258: ({ view, start, end }, fields) => {
    if (end - start !== 8) return false
    fields.link_local_id = view.getUint32(start)
    fields.link_remote_id = view.getUint32(start + 4)
    return true
  },
  259: address('local_addr_v4', 4),
  260: address('neigh_addr_v4', 4),
  261: address('local_addr_v6', 16),
  262: address('neigh_addr_v6', 16),
  263: ({ view, start, end }, fields) => {
    if ((end - start) % 2 !== 0) return false
    fields.multi_topology_ids = Array.from(
      { length: (end - start) / 2 },
      (_, index) => view.getUint16(start + 2 * index) & 0xfff,
    )
    return true
  },
  264: ({ octets, start, end }, fields) => {
    if (end - start !== 1) return false
    fields.ospf_route_type = octets[start] as number
    return true
  },
  265: reachability,
  518: address('srv6_sid', 16),
}

function linkState(rdOctets: number): ReadNlri {
  return (octets, view, start, end, { addPath }, routes, skip) => {
    let at = start
    while (at < end) {
      let pathId: number | undefined
      if (addPath) {
        if (end - at < 8) return `a path identifier is cut at ${end - at} octets`
        pathId = view.getUint32(at)
        at += 4
      }
      if (end - at < 4) return 'an NLRI header is cut'
      const type = view.getUint16(at)
      const from = at + 4
      at = from + view.getUint16(at + 2)
      if (at > end) return `an NLRI of type ${type} goes beyond the end`
      const rd = rdOctets > 0 && at - from >= rdOctets ? distinguisherText(octets, view, from) : undefined
      const fields = readFields({ octets, view, start: from + rdOctets, end: at, nlriType: type, protocol: 0 })
      if (fields) routes.push({ prefix: undefined, pathId, rd, label: undefined, fields })
      else skip(`a malformed BGP-LS NLRI of type ${type}, ${at - from} octets`)
    }
    return undefined
  }
}

function readFields(part: Part): NetRecord | undefined {
  const { octets, view, start, end, nlriType } = part
  const fields: NetRecord = { nlri_type: NLRI_TYPES[nlriType] ?? nlriType }
  if (NLRI_TYPES[nlriType] === undefined) {
    fields.nlri_unknown = hexText(octets, start, Math.max(start, end))
    return fields
  }
  if (end - start < 9) return undefined
  const protocol = octets[start] as number
  fields.proto = PROTOCOLS[protocol] ?? protocol
  const instance = view.getBigUint64(start + 1)
  if (instance > 0n) fields.bgp_ls_instance = instance <= Number.MAX_SAFE_INTEGER ? Number(instance) : instance
  return walk({ ...part, start: start + 9, protocol }, DESCRIPTORS, fields) ? fields : undefined
}

export const bgpLs: ReadNlri = linkState(0)
export const bgpLsVpn: ReadNlri = linkState(RD_OCTETS)
