// Graphs of a topology: one for each IGP instance and level or area, with what shortest paths need of nodes, links and prefixes.
import type { NetRecord, Value } from '../../contract/record.ts'
import type { TopologyObject } from './state.ts'

export interface GraphLink {
  readonly to: string
  readonly metric: number
  readonly topology: number
  readonly localAddress4: string | undefined
  readonly remoteAddress4: string | undefined
  readonly localAddress6: string | undefined
  readonly remoteAddress6: string | undefined
}

export interface GraphPrefix {
  readonly text: string
  readonly family: 4 | 6
  readonly metric: number
  readonly topology: number
  /** Given down from level 2 to level 1. */
  readonly isDown: boolean
  /** RFC 9552 section 5.2.3.1; undefined: not of OSPF. */
  readonly ospfRouteType: number | undefined
  /** Where traffic to an external prefix goes instead of the router that announces it. */
  readonly forwardingAddress: string | undefined
}

/** A router with external routes, and what the way to it costs from who says it. */
export interface Asbr {
  readonly router: string
  readonly metric: number
}

export interface GraphNode {
  readonly id: string
  readonly isPseudonode: boolean
  name: string | undefined
  /** No way through it. */
  isOverloaded: boolean
  /** Level 1: knows a way to other areas. */
  isAttached: boolean
  topologies: readonly number[]
  routerId4: string | undefined
  routerId6: string | undefined
  readonly links: GraphLink[]
  readonly prefixes: GraphPrefix[]
  /** Of OSPF: in an area where AS-external LSAs do not come. */
  isStub: boolean
  /** Of OSPF: those of other areas that a border router knows a way to. */
  asbrs: readonly Asbr[]
}

export interface Graph {
  /** Domain and instance: levels and areas of one have it in common. */
  readonly domain: string
  readonly proto: string
  /** Of OSPF; undefined: what is of no area, as external prefixes are. */
  readonly ospfArea: string | undefined
  readonly nodes: Map<string, GraphNode>
}

/** Links of this metric are not for shortest paths (RFC 5305 section 3). */
const NO_PATH_METRIC = 0xffffff
/** Prefixes above it are not either (RFC 5305 section 4). */
const MOST_PREFIX_METRIC = 0xfe000000
const OVERLOAD = 0x80
const ATTACHED = 0x40
const ROUTER = 0x08
const V6 = 0x04
const DOWN = 0x80

const text = (value: Value | undefined): string | undefined => (typeof value === 'string' ? value : undefined)
const flags = (value: Value | undefined): number => (typeof value === 'string' ? Number.parseInt(value, 16) || 0 : 0)
const isIsis = (proto: string): boolean => proto.startsWith('IS-IS')

function topologyOf({ multi_topology_ids: ids }: NetRecord): number {
  return Array.isArray(ids) && typeof ids[0] === 'number' ? ids[0] : 0
}

export function graphsOf(objects: Iterable<TopologyObject>): Graph[] {
  const graphs = new Map<string, Graph>()
  for (const { descriptors, attributes } of objects) {
    const proto = String(descriptors.proto)
    const domain = `${descriptors.igp_domain ?? ''} ${descriptors.bgp_ls_instance ?? 0}`
    const ospfArea = text(descriptors.local_area_id)
    const key = `${domain} ${proto} ${ospfArea}`
    let graph = graphs.get(key)
    if (!graph) {
      graph = { domain, proto, ospfArea, nodes: new Map() }
      graphs.set(key, graph)
    }
    const node = nodeOf(graph, String(descriptors.local_igp_rtr_id))
    ADD[String(descriptors.nlri_type)]?.(node, descriptors, attributes, isIsis(proto))
  }
  const place = ({ proto, ospfArea }: Graph): string => `${proto} ${ospfArea ?? ''}`
  return [...graphs.values()].sort((one, other) => (place(one) < place(other) ? -1 : 1))
}

function nodeOf({ nodes }: Graph, id: string): GraphNode {
  let node = nodes.get(id)
  if (!node) {
    node = {
      id,
      isPseudonode: /[-:]/.test(id),
      name: undefined,
      isOverloaded: false,
      isAttached: false,
      topologies: [0],
      routerId4: undefined,
      routerId6: undefined,
      links: [],
      prefixes: [],
      isStub: false,
      asbrs: [],
    }
    nodes.set(id, node)
  }
  return node
}

type Add = (node: GraphNode, descriptors: NetRecord, attributes: NetRecord, isIsis: boolean) => void

const addPrefix =
  (family: 4 | 6): Add =>
  (node, descriptors, attributes, ofIsis) => {
    const metric = Number(attributes.attr_prefix_metric ?? 0)
    // A locator alone: its prefix is announced for the algorithm, not for everybody.
    const isLocatorOnly = attributes.attr_srv6_locator !== undefined && attributes.attr_prefix_metric === undefined
    if (isLocatorOnly || (ofIsis && metric > MOST_PREFIX_METRIC)) return
    const isDown = (flags(attributes.attr_igp_flags) & DOWN) !== 0
    node.prefixes.push({
      text: String(descriptors.ip_reach),
      family,
      metric,
      topology: topologyOf(descriptors),
      isDown,
      ospfRouteType: typeof descriptors.ospf_route_type === 'number' ? descriptors.ospf_route_type : undefined,
      forwardingAddress: text(attributes.attr_ospf_forwarding_address),
    })
  }

/** OSPFv3 says who lets traffic through (RFC 5340 section A.2); who says nothing at all does. */
const isNoRouter = (proto: Value | undefined, said: number): boolean =>
  proto === 'OSPFv3' && (said & V6) !== 0 && (said & ROUTER) === 0

const asbrsOf = (value: Value | undefined): Asbr[] =>
  Array.isArray(value) ? value.map(one => ({ router: '', metric: 0, ...(one as object) })) : []

const ADD: { readonly [nlriType: string]: Add } = {
  Node: (node, descriptors, attributes) => {
    const said = flags(attributes.attr_node_flags)
    node.name = text(attributes.attr_node_name)
    node.isOverloaded = (said & OVERLOAD) !== 0 || isNoRouter(descriptors.proto, said)
    node.isAttached = (said & ATTACHED) !== 0
    node.isStub = attributes.attr_ospf_stub === 'true'
    node.asbrs = asbrsOf(attributes.attr_ospf_asbrs)
    node.routerId4 = text(attributes.attr_v4_rid_local)
    node.routerId6 = text(attributes.attr_v6_rid_local)
    const topologies = attributes.attr_multi_topology_ids
    if (Array.isArray(topologies)) node.topologies = topologies.map(Number)
  },
  Link: (node, descriptors, attributes, ofIsis) => {
    const metric = Number(attributes.attr_igp_metric ?? 0)
    if (ofIsis && metric >= NO_PATH_METRIC) return
    node.links.push({
      to: String(descriptors.remote_igp_rtr_id),
      metric,
      topology: topologyOf(descriptors),
      localAddress4: text(descriptors.local_addr_v4),
      remoteAddress4: text(descriptors.neigh_addr_v4),
      localAddress6: text(descriptors.local_addr_v6),
      remoteAddress6: text(descriptors.neigh_addr_v6),
    })
  },
  'IPv4 Topology Prefix': addPrefix(4),
  'IPv6 Topology Prefix': addPrefix(6),
}
