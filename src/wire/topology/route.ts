// A way to a prefix, and which of two is taken.
import type { GraphNode } from './graph.ts'
import type { Hop } from './shortest.ts'

export interface Route {
  readonly prefix: string
  readonly family: 4 | 6
  readonly proto: string
  /** RFC 5302 section 3.2: level 1, level 2, what level 2 gave down. RFC 2328 section 11: intra-area, inter-area, external. */
  readonly rank: number
  /** Of the way inside. */
  readonly cost: number
  /** Of OSPF (RFC 9552 section 5.2.3.1). */
  readonly ospfRouteType?: number
  /** What comes before the cost: the metric of external routes of type 2. */
  readonly type2Metric?: number
  /** By router and address; none: the router announces it itself. */
  readonly hops: ReadonlyMap<string, Hop>
  readonly egress: readonly GraphNode[]
}

/** Takes a route where it is the first, or better than the one that is there; of equal ones all hops and egress routers. */
export function addRoute(routes: Map<string, Route>, route: Route): void {
  const known = routes.get(route.prefix)
  const order = known ? orderOf(known, route) : 1
  if (order < 0) return
  if (!known || order > 0) routes.set(route.prefix, route)
  else {
    const hops = new Map([...known.hops, ...route.hops])
    const egress = [...known.egress, ...route.egress.filter(node => !known.egress.includes(node))]
    routes.set(route.prefix, { ...known, hops, egress })
  }
}

const orderOf = (known: Route, other: Route): number =>
  known.rank - other.rank || (known.type2Metric ?? 0) - (other.type2Metric ?? 0) || known.cost - other.cost
