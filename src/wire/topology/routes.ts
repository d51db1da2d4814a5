// Prefixes that a router reaches, with cost, next hops and the routers that announce them.
import type { NetRecord, Value } from '../../contract/record.ts'
import type { Graph } from './graph.ts'
import { ospfRoutes } from './ospf-routes.ts'
import { addRoute, type Route } from './route.ts'
import { type Hop, type Reached, shortestPaths, topologyFor } from './shortest.ts'

export type { Route } from './route.ts'

const LEVEL_1 = 'IS-IS Level 1'
const DEFAULTS = { 4: '0.0.0.0/0', 6: '::/0' } as const
const FAMILIES = [4, 6] as const
const OSPF: ReadonlySet<string> = new Set(['OSPFv2', 'OSPFv3'])

const rankOf = (proto: string, isDown: boolean): number => (proto === LEVEL_1 ? (isDown ? 2 : 0) : 1)

/** Routes of the router in all graphs of one area, by prefix. */
export function routesOf(graphs: readonly Graph[], router: string): Map<string, Route> {
  const routes = new Map<string, Route>()
  for (const proto of OSPF) {
    const ofProto = graphs.filter(graph => graph.proto === proto)
    for (const route of ospfRoutes(ofProto, router)) addRoute(routes, route)
  }
  for (const family of FAMILIES) {
    for (const graph of graphs) {
      if (OSPF.has(graph.proto)) continue
      const node = graph.nodes.get(router)
      if (!node) continue
      const reached = shortestPaths(graph, node, family)
      const topology = topologyFor(node, family)
      for (const one of reached.values()) addPrefixes(routes, graph, one, family, topology)
      const knowsLevel2 = graphs.some(other => other.proto !== graph.proto && other.nodes.has(router))
      if (graph.proto === LEVEL_1 && !node.isAttached && !knowsLevel2) addDefault(routes, graph, reached, family)
    }
  }
  return routes
}

function addPrefixes(routes: Map<string, Route>, graph: Graph, at: Reached, family: 4 | 6, topology: number): void {
  const { proto } = graph
  for (const prefix of at.node.prefixes) {
    if (prefix.family !== family || prefix.topology !== topology) continue
    const rank = rankOf(proto, prefix.isDown)
    addRoute(routes, {
      prefix: prefix.text,
      family,
      proto,
      rank,
      cost: at.cost + prefix.metric,
      hops: at.hops,
      egress: [at.node],
    })
  }
}

/** Level 1 routers send what they do not know to the nearest router that is attached (ISO 10589 section 7.2.9). */
function addDefault(routes: Map<string, Route>, { proto }: Graph, reached: Map<string, Reached>, family: 4 | 6): void {
  for (const { node, cost, hops } of reached.values()) {
    if (node.isAttached && !node.isPseudonode) {
      addRoute(routes, { prefix: DEFAULTS[family], family, proto, rank: 3, cost, hops, egress: [node] })
    }
  }
}

const named = (graphs: readonly Graph[], id: string): string | undefined =>
  graphs.map(({ nodes }) => nodes.get(id)?.name).find(name => name !== undefined)

const member = (key: string, value: Value | undefined): NetRecord => (value === undefined ? {} : { [key]: value })

/** A route as a record. */
export function routeRecord(graphs: readonly Graph[], router: string, route: Route): NetRecord {
  const { prefix, proto, cost, ospfRouteType, type2Metric, hops, egress } = route
  const hop = ({ router: id, address }: Hop): NetRecord => ({
    router: id,
    ...member('name', named(graphs, id)),
    ...member('address', address),
  })
  return {
    local_igp_rtr_id: router,
    ...member('local_name', named(graphs, router)),
    proto,
    ip_prefix: prefix,
    ...member('ospf_route_type', ospfRouteType),
    igp_metric: cost,
    ...member('ospf_type2_metric', type2Metric),
    next_hops: [...hops.values()].map(hop).sort(byRouter),
    egress: egress.map(node => ({ router: node.id, ...member('name', node.name) })).sort(byRouter),
  }
}

const byRouter = (one: NetRecord, other: NetRecord): number => {
  const [a, b] = [`${one.router} ${one.address}`, `${other.router} ${other.address}`]
  return a < b ? -1 : a > b ? 1 : 0
}
