// Routes of OSPF (RFC 2328 section 16, RFC 5340 section 4.8): inside an area, from other areas, from outside.
import { parsePrefix } from '../../lookup/prefix.ts'
import { PrefixTree } from '../../lookup/prefix-tree.ts'
import { parseDotted, parseIpv6 } from '../../octets/address.ts'
import type { Graph, GraphNode, GraphPrefix } from './graph.ts'
import { addRoute, type Route } from './route.ts'
import { type Hop, type Reached, shortestPaths } from './shortest.ts'

export const INTRA_AREA = 1
export const INTER_AREA = 2
/** Types of the metric of external prefixes, and whether their LSAs stay in their area. */
const EXTERNAL: { readonly [routeType: number]: { readonly isType2: boolean; readonly isNssa: boolean } } = {
  3: { isType2: false, isNssa: false },
  4: { isType2: true, isNssa: false },
  5: { isType2: false, isNssa: true },
  6: { isType2: true, isNssa: true },
}
const RANKS = { intra: 0, inter: 1, external1: 2, external2: 3 } as const
const BACKBONE = '0.0.0.0'
/** What cannot be reached (LSInfinity, RFC 2328 appendix B). */
const INFINITY = 0xffffff

/** An area that the router is in, and what it reaches there. */
interface Area {
  readonly graph: Graph
  readonly reached: Map<string, Reached>
}

/** The way to a router with external routes. */
interface Way {
  /** Inside an area other than the backbone: it goes before the others (RFC 2328 section 16.4.1). */
  readonly isPreferred: boolean
  readonly cost: number
  readonly hops: ReadonlyMap<string, Hop>
  readonly node: GraphNode
}

/** Routes of a router through all areas of one version and domain. */
export function ospfRoutes(graphs: readonly Graph[], router: string): Iterable<Route> {
  const families = new Set(graphs.flatMap(({ nodes }) => [...nodes.values()].flatMap(familiesOf)))
  return [...families].flatMap(family => [...new RoutesOfRouter(graphs, router, family).find()])
}

const familiesOf = ({ prefixes }: GraphNode): (4 | 6)[] => [...new Set(prefixes.map(({ family }) => family))]

class RoutesOfRouter {
  readonly #graphs: readonly Graph[]
  readonly #router: string
  readonly #family: 4 | 6
  readonly #areas: readonly Area[]
  /** Areas whose border routers are asked for the way to other areas: of a border router the backbone alone. */
  readonly #transit: readonly Area[]
  /** Areas where AS-external LSAs come. */
  readonly #open: readonly Area[]
  readonly #routes = new Map<string, Route>()
  #inside: { readonly tree: PrefixTree; readonly routes: readonly Route[] } | undefined

  constructor(graphs: readonly Graph[], router: string, family: 4 | 6) {
    this.#graphs = graphs
    this.#router = router
    this.#family = family
    this.#areas = graphs.flatMap(graph => {
      const node = graph.nodes.get(router)
      const isIn = node && (graph.ospfArea !== undefined || node.links.length > 0)
      return isIn ? [{ graph, reached: shortestPaths(graph, node, family) }] : []
    })
    const backbone = this.#areas.filter(({ graph }) => graph.ospfArea === BACKBONE)
    this.#open = this.#areas.filter(({ graph }) => !graph.nodes.get(router)?.isStub)
    this.#transit = this.#areas.length > 1 && backbone.length > 0 ? backbone : this.#areas
  }

  find(): Iterable<Route> {
    for (const area of this.#areas) for (const at of area.reached.values()) this.#intra(area, at)
    for (const area of this.#transit) for (const at of area.reached.values()) this.#inter(area, at)
    const ways = new Map<string, Way | undefined>()
    for (const graph of this.#graphs) {
      const own = this.#areas.filter(area => area.graph === graph)
      for (const node of graph.nodes.values()) this.#external(node, own, ways)
    }
    return this.#routes.values()
  }

  #add(
    prefix: GraphPrefix,
    { proto }: Graph,
    rest: Pick<Route, 'rank' | 'cost' | 'hops' | 'egress' | 'type2Metric'>,
  ): void {
    const { text, family, ospfRouteType } = prefix
    addRoute(this.#routes, { prefix: text, family, proto, ospfRouteType: ospfRouteType ?? INTRA_AREA, ...rest })
  }

  #intra({ graph }: Area, { node, cost, hops, before }: Reached): void {
    for (const prefix of node.prefixes) {
      if (prefix.family !== this.#family || (prefix.ospfRouteType ?? INTRA_AREA) !== INTRA_AREA) continue
      const egress = node.isPseudonode ? [...before] : [node]
      this.#add(prefix, graph, { rank: RANKS.intra, cost: cost + prefix.metric, hops, egress })
    }
  }

  #inter({ graph }: Area, { node, cost, hops }: Reached): void {
    // A router does not take its own word for what is in other areas.
    if (node.id === this.#router) return
    for (const prefix of node.prefixes) {
      if (prefix.family !== this.#family || prefix.ospfRouteType !== INTER_AREA || prefix.metric >= INFINITY) continue
      this.#add(prefix, graph, { rank: RANKS.inter, cost: cost + prefix.metric, hops, egress: [node] })
    }
  }

  #external(node: GraphNode, own: readonly Area[], ways: Map<string, Way | undefined>): void {
    for (const prefix of node.prefixes) {
      const kind = EXTERNAL[prefix.ospfRouteType ?? 0]
      if (!kind || prefix.family !== this.#family || prefix.metric >= INFINITY) continue
      // The LSAs of an NSSA are for the routers in it.
      const way = kind.isNssa ? this.#wayIn(own, node.id) : this.#wayTo(node.id, ways)
      const forward = way && this.#forward(prefix, way)
      if (!forward) continue
      const { cost, hops, node: end } = forward
      const graph = this.#graphs[0] as Graph
      if (kind.isType2) {
        this.#add(prefix, graph, { rank: RANKS.external2, type2Metric: prefix.metric, cost, hops, egress: [end] })
      } else this.#add(prefix, graph, { rank: RANKS.external1, cost: cost + prefix.metric, hops, egress: [end] })
    }
  }

  #wayIn(areas: readonly Area[], asbr: string): Way | undefined {
    const ways = areas.flatMap(({ graph, reached }): Way[] => {
      const at = reached.get(asbr)
      return at ? [{ ...at, isPreferred: graph.ospfArea !== BACKBONE }] : []
    })
    return best(ways)
  }

  /** The way to a router with external routes, which may be in another area. */
  #wayTo(asbr: string, ways: Map<string, Way | undefined>): Way | undefined {
    if (ways.has(asbr)) return ways.get(asbr)
    const inside = this.#wayIn(this.#open, asbr)
    const transit = this.#transit.filter(area => this.#open.includes(area))
    const others = transit.flatMap(({ reached }) =>
      [...reached.values()].flatMap(({ node, cost, hops }): Way[] => {
        const said = node.id === this.#router ? undefined : node.asbrs.find(({ router }) => router === asbr)
        if (!said || said.metric >= INFINITY) return []
        return [{ isPreferred: false, cost: cost + said.metric, hops, node: this.#nodeOf(asbr) ?? node }]
      }),
    )
    const way = best(inside ? [inside, ...others] : others)
    ways.set(asbr, way)
    return way
  }

  #nodeOf(id: string): GraphNode | undefined {
    return this.#graphs.map(({ nodes }) => nodes.get(id)).find(node => node !== undefined)
  }

  /** The way to the forwarding address, where there is one: it must be inside (RFC 2328 section 16.4 step 3). */
  #forward({ forwardingAddress: address }: GraphPrefix, way: Way): Way | undefined {
    if (address === undefined) return way
    const route = this.#insideTo(address)
    if (!route) return undefined
    const direct = new Map([[`${way.node.id} ${address}`, { router: way.node.id, address }]])
    return {
      ...way,
      cost: route.cost,
      hops: route.hops.size === 0 && way.node.id !== this.#router ? direct : route.hops,
    }
  }

  #insideTo(address: string): Route | undefined {
    this.#inside ??= insideOf([...this.#routes.values()].filter(({ rank }) => rank <= RANKS.inter))
    const { tree, routes } = this.#inside
    const words = new Uint32Array(4)
    if (this.#family === 4) return routes[tree.lookup4(parseDotted(address) >>> 0)]
    if (!parseIpv6(address, words, 0)) return undefined
    const [a, b, c, d] = words as unknown as [number, number, number, number]
    return routes[tree.lookup6(a, b, c, d)]
  }
}

function insideOf(routes: readonly Route[]): { readonly tree: PrefixTree; readonly routes: readonly Route[] } {
  const tree = new PrefixTree()
  for (const [index, { prefix }] of routes.entries()) {
    const parsed = parsePrefix(prefix)
    if (parsed) tree.insert(parsed, index)
  }
  return { tree, routes }
}

/** Of equal ways all hops. */
function best(ways: readonly Way[]): Way | undefined {
  const order = (one: Way, other: Way): number =>
    Number(other.isPreferred) - Number(one.isPreferred) || one.cost - other.cost
  const [first, ...rest] = ways.toSorted(order)
  if (!first) return undefined
  const equal = rest.filter(way => order(first, way) === 0)
  return { ...first, hops: new Map([first, ...equal].flatMap(({ hops }) => [...hops])) }
}
