// Shortest paths from one router (ISO 10589 annex C.2, RFC 2328 section 16.1): every path of the least cost, with its first hops.
import { parseDotted } from '../../octets/address.ts'
import type { Graph, GraphLink, GraphNode } from './graph.ts'
import { NearestFirst } from './queue.ts'

/** A neighbour that a path begins with, and its address on the link where that is known. */
export interface Hop {
  readonly router: string
  readonly address: string | undefined
}

export interface Reached {
  readonly node: GraphNode
  cost: number
  /** By router and address; none: the router itself, and LANs that it is on. */
  readonly hops: Map<string, Hop>
  /** Of a LAN: the routers that the paths come to it from. */
  readonly before: Set<GraphNode>
}

/** Equal first hops that are kept for a node. */
const MAX_HOPS = 64
const IPV6_TOPOLOGY = 2

/** IPv6 has a topology of its own where the router says so (RFC 5120). */
export const topologyFor = (node: GraphNode, family: 4 | 6): number =>
  family === 6 && node.topologies.includes(IPV6_TOPOLOGY) ? IPV6_TOPOLOGY : 0

/** Nodes that the router reaches in the topology of the family, itself first. */
export function shortestPaths(graph: Graph, from: GraphNode, family: 4 | 6): Map<string, Reached> {
  const search = new Search(graph, from, family)
  return search.run()
}

class Search {
  readonly #graph: Graph
  readonly #from: GraphNode
  readonly #family: 4 | 6
  readonly #topology: number
  readonly #reached = new Map<string, Reached>()
  readonly #done = new Set<string>()
  readonly #queue = new NearestFirst<string>()

  constructor(graph: Graph, from: GraphNode, family: 4 | 6) {
    this.#graph = graph
    this.#from = from
    this.#family = family
    this.#topology = topologyFor(from, family)
  }

  run(): Map<string, Reached> {
    this.#reached.set(this.#from.id, { node: this.#from, cost: 0, hops: new Map(), before: new Set() })
    this.#queue.add(0, this.#from.id)
    for (let next = this.#queue.take(); next; next = this.#queue.take()) {
      if (this.#done.has(next.item)) continue
      this.#done.add(next.item)
      this.#leave(this.#reached.get(next.item) as Reached)
    }
    return this.#reached
  }

  #leave(at: Reached): void {
    const { node, cost } = at
    // Pseudonodes are never overloaded, whatever they say (RFC 3787 section 4).
    if (node.isOverloaded && !node.isPseudonode && node !== this.#from) return
    for (const link of node.links) {
      if (!this.#isOfTopology(node, link)) continue
      const next = this.#graph.nodes.get(link.to)
      // Both ends must say that they are neighbours.
      if (!next?.links.some(back => back.to === node.id && this.#isOfTopology(next, back))) continue
      this.#reach(at, link, next, cost + link.metric)
    }
  }

  /** Pseudonodes are of every topology, and say nothing of them (RFC 5120 section 5). */
  #isOfTopology({ isPseudonode }: GraphNode, { topology }: GraphLink): boolean {
    return isPseudonode || topology === this.#topology
  }

  #reach(at: Reached, link: GraphLink, node: GraphNode, cost: number): void {
    const known = this.#reached.get(node.id)
    if (known && (known.cost < cost || this.#isAncestor(known, cost, at))) return
    const entry: Reached = known?.cost === cost ? known : { node, cost, hops: new Map(), before: new Set() }
    if (node.isPseudonode) entry.before.add(at.node)
    for (const [key, hop] of this.#hops(at, link, node)) if (entry.hops.size < MAX_HOPS) entry.hops.set(key, hop)
    if (entry === known) return
    this.#reached.set(node.id, entry)
    this.#queue.add(cost, node.id)
  }

  /** A link of no cost, from a pseudonode, back to where the path came from. */
  #isAncestor(known: Reached, cost: number, at: Reached): boolean {
    return known.node === this.#from || (known.cost === cost && this.#done.has(known.node.id) && at.cost === cost)
  }

  #hops(at: Reached, link: GraphLink, node: GraphNode): Iterable<readonly [string, Hop]> {
    if (at.hops.size > 0) return at.hops
    if (node.isPseudonode && at.node === this.#from) return []
    const address = at.node === this.#from ? this.#remote(link, node) : this.#onLan(at.node, node)
    return [[`${node.id} ${address ?? ''}`, { router: node.id, address }]]
  }

  /** Address of the neighbour on a link to it: as our end says, or its own. */
  #remote({ remoteAddress4, remoteAddress6, localAddress4 }: GraphLink, node: GraphNode): string | undefined {
    if (this.#family === 6) return remoteAddress6
    if (remoteAddress4 !== undefined) return remoteAddress4
    const back = node.links.filter(({ to }) => to === this.#from.id)
    const said = back.find(({ remoteAddress4 }) => remoteAddress4 !== undefined && remoteAddress4 === localAddress4)
    return said?.localAddress4 ?? nearest(localAddress4, back)
  }

  /** Address of a neighbour on a LAN: its own end of the link, or what our end says of the only other one, or the designated one. */
  #onLan(lan: GraphNode, node: GraphNode): string | undefined {
    const own = this.#linkTo(node, lan)
    const address = this.#family === 4 ? own?.localAddress4 : own?.localAddress6
    if (address !== undefined) return address
    // Who only listens is heard on the LAN, and says nothing itself.
    const others = new Set(lan.links.map(({ to }) => to).filter(to => to !== this.#from.id && this.#says(to, lan)))
    if (others.size !== 1 && !lan.id.startsWith(`${node.id}-`)) return undefined
    const ours = this.#linkTo(this.#from, lan)
    return this.#family === 4 ? ours?.remoteAddress4 : ours?.remoteAddress6
  }

  #says(id: string, lan: GraphNode): boolean {
    const node = this.#graph.nodes.get(id)
    return node !== undefined && this.#linkTo(node, lan) !== undefined
  }

  #linkTo(node: GraphNode, lan: GraphNode): GraphLink | undefined {
    return node.links.find(({ to, topology }) => to === lan.id && topology === this.#topology)
  }
}

/** Of several addresses the one in our network: it has the most leading bits in common with ours. OSPF says no more. */
function nearest(ours: string | undefined, links: readonly GraphLink[]): string | undefined {
  const theirs = links.flatMap(({ localAddress4 }) => localAddress4 ?? [])
  if (ours === undefined) return theirs[0]
  const unlike = (address: string): number => (parseDotted(address) ^ parseDotted(ours)) >>> 0
  return theirs.sort((one, other) => unlike(one) - unlike(other))[0]
}
