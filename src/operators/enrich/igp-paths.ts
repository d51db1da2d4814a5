// Ways through the IGP: from the router that saw a flow to what announces its destination. Found when a flow asks, and kept
// until the topology changes.
import { parsePrefix } from '../../lookup/prefix.ts'
import { PrefixTree } from '../../lookup/prefix-tree.ts'
import { type Graph, type GraphNode, type GraphPrefix, graphsOf } from '../../wire/topology/graph.ts'
import { INTER_AREA, INTRA_AREA } from '../../wire/topology/ospf-routes.ts'
import { type Route, routesOf } from '../../wire/topology/routes.ts'
import type { TopologyState } from '../../wire/topology/state.ts'

/** Where a flow leaves the IGP, and how. */
export interface IgpPath {
  /** Of several: the first by id. */
  readonly egress: GraphNode
  /** The neighbour that the way begins with; undefined: there is none, or the address is not known. */
  readonly nextHop: string | undefined
  /** Undefined: where the way begins is not known. */
  readonly metric: number | undefined
}

interface Paths {
  readonly tree: PrefixTree
  readonly paths: IgpPath[]
}

interface Place {
  readonly domain: string
  readonly id: string
}

/** Routers whose paths are kept. */
const MAX_ROUTERS = 1000

export class IgpPaths {
  readonly #state: TopologyState
  #version = -1
  #graphs: Graph[] = []
  /** Address -> router; undefined: several have it. */
  #places = new Map<string, Place | undefined>()
  #byRouter = new Map<string, Paths>()
  #unknown: Paths | undefined

  constructor(state: TopologyState) {
    this.#state = state
  }

  /** The way from the router with this address to the address in words; undefined: the IGP does not know it. */
  find(router: string | undefined, family: number, words: Uint32Array, at: number): IgpPath | undefined {
    if (this.#version !== this.#state.version) this.#renew()
    const { tree, paths } = this.#pathsOf(router === undefined ? undefined : this.#places.get(router))
    const [a, b, c, d] = words.subarray(at, at + 4) as unknown as [number, number, number, number]
    return paths[family === 4 ? tree.lookup4(a) : family === 6 ? tree.lookup6(a, b, c, d) : -1]
  }

  #renew(): void {
    this.#version = this.#state.version
    this.#graphs = graphsOf(this.#state.objects.values())
    this.#places = placesOf(this.#graphs)
    this.#byRouter.clear()
    this.#unknown = undefined
  }

  #pathsOf(place: Place | undefined): Paths {
    if (!place) {
      this.#unknown ??= announced(this.#graphs)
      return this.#unknown
    }
    const key = `${place.domain} ${place.id}`
    let paths = this.#byRouter.get(key)
    if (!paths) {
      if (this.#byRouter.size >= MAX_ROUTERS) this.#byRouter.clear()
      const graphs = this.#graphs.filter(({ domain }) => domain === place.domain)
      paths = pathsOf([...routesOf(graphs, place.id).values()])
      this.#byRouter.set(key, paths)
    }
    return paths
  }
}

/** Router ids, addresses of links, and host prefixes that one router alone announces. */
function placesOf(graphs: readonly Graph[]): Map<string, Place | undefined> {
  const places = new Map<string, Place | undefined>()
  const put = (address: string | undefined, place: Place) => {
    if (address === undefined) return
    const known = places.get(address)
    const isOther = known && (known.id !== place.id || known.domain !== place.domain)
    places.set(address, isOther || (places.has(address) && !known) ? undefined : place)
  }
  for (const { domain, nodes } of graphs) {
    for (const node of nodes.values()) {
      if (node.isPseudonode) continue
      const place = { domain, id: node.id }
      for (const address of [node.routerId4, node.routerId6]) put(address, place)
      for (const prefix of node.prefixes) {
        if (isOwn(prefix) && /\/(32|128)$/.test(prefix.text)) put(hostOf(prefix.text), place)
      }
      for (const link of node.links) putLink(put, link, place)
    }
  }
  return places
}

/** What a border router of OSPF tells of other areas is not its own, nor what comes from outside. */
const isOwn = ({ ospfRouteType: type }: GraphPrefix): boolean => type === undefined || type === INTRA_AREA

/** `192.0.2.1` of `192.0.2.1/32`; undefined of an IPv6 /32. */
function hostOf(text: string): string | undefined {
  const [address = '', length] = text.split('/')
  return (length === '32') === address.includes(':') ? undefined : address
}

function putLink(
  put: (address: string | undefined, place: Place) => void,
  link: GraphNode['links'][number],
  place: Place,
): void {
  put(link.localAddress4, place)
  put(link.localAddress6, place)
  // The other end of a LAN is not one router.
  if (/[-:]/.test(link.to)) return
  put(link.remoteAddress4, { ...place, id: link.to })
  put(link.remoteAddress6, { ...place, id: link.to })
}

const first = <Item>(items: readonly Item[], key: (item: Item) => string): Item | undefined =>
  items.toSorted((one, other) => (key(one) < key(other) ? -1 : 1))[0]

function pathsOf(routes: readonly Route[]): Paths {
  const made: Paths = { tree: new PrefixTree(), paths: [] }
  for (const { prefix, egress, hops, cost } of routes) {
    const hop = first([...hops.values()], ({ router, address }) => `${router} ${address}`)
    add(
      made,
      prefix,
      first(egress, ({ id }) => id),
      hop?.address,
      cost,
    )
  }
  return made
}

/** Prefixes that one router alone announces: where the way ends is known, wherever it begins. */
function announced(graphs: readonly Graph[]): Paths {
  const made: Paths = { tree: new PrefixTree(), paths: [] }
  const owners = new Map<string, GraphNode | undefined>()
  for (const { nodes } of graphs) {
    for (const node of nodes.values()) {
      for (const { text, ospfRouteType } of node.prefixes) {
        // Every border router tells what is in other areas.
        if (ospfRouteType === INTER_AREA) continue
        const known = owners.get(text)
        const isOfSeveral = node.isPseudonode || (owners.has(text) && known?.id !== node.id)
        owners.set(text, isOfSeveral ? undefined : node)
      }
    }
  }
  for (const [text, owner] of owners) add(made, text, owner, undefined, undefined)
  return made
}

/** A prefix of several routers hides the shorter ones, though nothing is known of it. */
const NOTHING = undefined as unknown as IgpPath

function add(
  made: Paths,
  text: string,
  egress: GraphNode | undefined,
  nextHop: string | undefined,
  metric: number | undefined,
): void {
  const prefix = parsePrefix(text)
  if (!prefix || !made.tree.insert(prefix, made.paths.length)) return
  made.paths.push(egress ? { egress, nextHop, metric } : NOTHING)
}
