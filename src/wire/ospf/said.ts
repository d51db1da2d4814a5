// What one LSA says: the context that the readers of LSAs share, and the descriptors of objects.
import type { NetRecord } from '../../contract/record.ts'
import { dotted } from '../../octets/address.ts'
import { ipv4Address } from '../bgp/nlri/prefix-text.ts'
import { type Attribute, wholeOctets } from '../igp/objects.ts'
import type { Lsa } from './lsa.ts'

export interface Saying {
  readonly descriptors: NetRecord
  readonly attributes: readonly Attribute[]
  /** Of two metrics of one object the lower one stays. */
  readonly metric: number
  /** False: says more of an object that another LSA makes. */
  readonly isObject: boolean
  /** A router in another area that the node knows a way to. */
  readonly asbr?: AsbrRoute
  /** The router is in an area where AS-external LSAs do not go: a stub area or an NSSA. */
  readonly isStub?: boolean
}

export interface AsbrRoute {
  readonly router: string
  readonly metric: number
}

export interface Said {
  readonly lsa: Lsa
  /** Protocol and instance of every object. */
  readonly protocol: NetRecord
  /** `0.0.0.1`; empty: of the whole AS. */
  readonly area: string
  /** OSPFv3 instances from 64 to 127 are of IPv4 (RFC 5838). */
  readonly family: 4 | 6
  readonly sayings: Saying[]
  /** OSPFv2: the designated router of the network whose interface has this address, as far as its network LSA is known. */
  designatedOf(address: string): string | undefined
  /** Areas that a router is in. */
  areasOf(router: string): readonly string[]
}

/** Reads an LSA; what is wrong with it in words, and what came of it before stays. */
export type ReadLsa = (said: Said) => string | undefined

export const ROUTE_TYPE = { intra: 1, inter: 2, external1: 3, external2: 4, nssa1: 5, nssa2: 6 } as const

const AS_WIDE: ReadonlySet<number> = new Set([ROUTE_TYPE.external1, ROUTE_TYPE.external2])
const IGP_METRIC = 1095
const PREFIX_METRIC = 1155

/** The designated router, and its address or interface on the network (RFC 9552 section 5.2.1.4). */
export const pseudonodeId = (router: string, end: string): string => `${router}:${end}`
export const interfaceText = (id: number): string => dotted(id)

/** An address, or the number of the interface where it has none (RFC 2328 section 12.4.1.1). */
export function linkEnds(octets: Uint8Array, view: DataView, at: number): { [name: string]: number | string } {
  const isUnnumbered = octets[at] === 0
  return isUnnumbered
    ? { link_local_id: view.getUint32(at), link_remote_id: 0 }
    : { local_addr_v4: ipv4Address(octets, at) }
}

const isPseudonode = (id: string): boolean => id.includes(':')

const local = ({ protocol, area }: Said, node: string, isOfArea = true): NetRecord => ({
  ...protocol,
  ...(isOfArea && area !== '' ? { local_area_id: area } : {}),
  local_igp_rtr_id: node,
})

export const nodeOf = (said: Said, id: string): NetRecord => ({
  nlri_type: 'Node',
  ...local(said, id),
  ...(isPseudonode(id) ? { pseudonode: 'true' } : {}),
})

export const linkOf = (said: Said, from: string, to: string, ends: NetRecord): NetRecord => ({
  nlri_type: 'Link',
  ...local(said, from),
  ...(isPseudonode(from) || isPseudonode(to) ? { pseudonode: 'true' } : {}),
  remote_area_id: said.area,
  remote_igp_rtr_id: to,
  ...ends,
})

/** What is external is of no area. */
export const prefixOf = (said: Said, node: string, routeType: number, prefix: string): NetRecord => ({
  nlri_type: prefix.includes(':') ? 'IPv6 Topology Prefix' : 'IPv4 Topology Prefix',
  ...local(said, node, !AS_WIDE.has(routeType)),
  ...(isPseudonode(node) ? { pseudonode: 'true' } : {}),
  ospf_route_type: routeType,
  ip_reach: prefix,
})

export function sayNode(said: Said, id: string, attributes: readonly Attribute[], isStub = false): void {
  const stub = isStub ? { isStub } : {}
  said.sayings.push({ descriptors: nodeOf(said, id), attributes, metric: 0, isObject: true, ...stub })
}

export function sayLink(said: Said, from: string, to: string, metric: number, ends: NetRecord = {}): void {
  const attributes = [{ type: IGP_METRIC, octets: wholeOctets(metric, 2) }]
  said.sayings.push({ descriptors: linkOf(said, from, to, ends), attributes, metric, isObject: true })
}

export function sayPrefix(
  said: Said,
  node: string,
  routeType: number,
  prefix: string,
  metric: number,
  more: readonly Attribute[] = [],
): void {
  const attributes = [{ type: PREFIX_METRIC, octets: wholeOctets(metric, 4) }, ...more]
  said.sayings.push({ descriptors: prefixOf(said, node, routeType, prefix), attributes, metric, isObject: true })
}

/** Says more of an object that may be there. */
export function describe(said: Said, descriptors: NetRecord, attributes: readonly Attribute[]): void {
  if (attributes.length > 0) {
    said.sayings.push({ descriptors, attributes, metric: Number.POSITIVE_INFINITY, isObject: false })
  }
}

/** A border router knows a way to a router with external routes, which is in another area. */
export function sayAsbr(said: Said, asbr: AsbrRoute): void {
  const descriptors = nodeOf(said, said.lsa.advertisingRouter)
  said.sayings.push({ descriptors, attributes: [], metric: Number.POSITIVE_INFINITY, isObject: false, asbr })
}
