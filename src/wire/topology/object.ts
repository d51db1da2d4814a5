// A node, link, prefix or SID of an IGP as a topology record: the same whether IS-IS, OSPF or BGP-LS told it.
import type { NetRecord, Value } from '../../contract/record.ts'
import { NLRI_TYPES, PROTOCOLS } from './words.ts'

/** Keys that tell objects apart, in the order of a topology record. */
export const DESCRIPTOR_KEYS = [
  'igp_domain',
  'nlri_type',
  'proto',
  'bgp_ls_instance',
  'local_area_id',
  'local_igp_rtr_id',
  'local_bgp_rtr_id',
  'remote_area_id',
  'remote_igp_rtr_id',
  'remote_bgp_rtr_id',
  'pseudonode',
  'link_local_id',
  'link_remote_id',
  'local_addr_v4',
  'neigh_addr_v4',
  'local_addr_v6',
  'neigh_addr_v6',
  'multi_topology_ids',
  'ospf_route_type',
  'ip_reach',
  'srv6_sid',
] as const

/** Domains of who has only one: they are not told. */
const PLAIN_DOMAINS: ReadonlySet<unknown> = new Set(['isis', 'ospf'])

const ATTRIBUTE = /^(attr_|ll_lr_id$)/
/** Values that say what absence says. */
const NOTHING: { readonly [key: string]: string } = {
  attr_node_flags: '0',
  attr_igp_flags: '0',
  attr_prefix_flags: '00',
}

const worded = (value: Value | undefined, words: { readonly [id: number]: string }): Value | undefined =>
  typeof value === 'number' ? (words[value] ?? value) : value

/** What tells the object of a record apart; undefined where it has none. */
export function descriptorsOf(record: NetRecord): NetRecord | undefined {
  if (record.nlri_type === undefined || record.local_igp_rtr_id === undefined) return undefined
  const found: NetRecord = {}
  for (const key of DESCRIPTOR_KEYS) {
    const value = record[key]
    if (value !== undefined) found[key] = value
  }
  found.nlri_type = worded(found.nlri_type, NLRI_TYPES) as Value
  const proto = worded(found.proto, PROTOCOLS)
  if (proto !== undefined) found.proto = proto
  if (PLAIN_DOMAINS.has(found.igp_domain)) delete found.igp_domain
  // The standard topology and instance may be said or not.
  const { multi_topology_ids: topologies } = found
  if (Array.isArray(topologies) && topologies.every(id => id === 0)) delete found.multi_topology_ids
  if (found.bgp_ls_instance === 0) delete found.bgp_ls_instance
  return found
}

/** What a record says of its object; nothing of the session that brought it. */
export function attributesOf(record: NetRecord): NetRecord {
  const found = Object.entries(record).filter(([key, value]) => ATTRIBUTE.test(key) && NOTHING[key] !== value)
  return Object.fromEntries(found.sort(([one], [other]) => (one < other ? -1 : one > other ? 1 : 0)))
}
