// Routes of many peers: for each destination the routes to it, for each route who announced it and the ids of its
// attributes. Texts of attributes are kept once for all routes and peers. 24 octets a route, some 40 a destination.
import { grown, OctetStore } from './octet-store.ts'
import { NO_PREFIX, RoutePrefixes } from './route-prefixes.ts'
import { type RouteSnapshot, takeSnapshot } from './route-snapshot.ts'

/** Routes in one table: ten full tables of today's internet. */
export const MAX_ROUTES = 12_000_000
const FIRST_ROUTES = 1 << 10

/** Numbers of a route. */
const PREFIX = 0
const NEXT = 1
const PEER = 2
const PATH = 3
const ATTRIBUTES = 4
const OWN = 5
const FIELDS = 6

export interface RouteValue {
  /** Ids in `texts`, whose uses the table takes over: what many routes share, and what is this route's own. */
  readonly attributes: number
  readonly own: number
}

export class RouteTable {
  readonly limit: number
  readonly texts = new OctetStore()
  readonly prefixes = new RoutePrefixes()
  /** Routes. */
  size = 0
  /** Routes of each peer. */
  readonly #perPeer: number[] = []
  #routes: Uint32Array = new Uint32Array(FIELDS * FIRST_ROUTES)
  #next = 1
  /** First of the routes that are free, linked by NEXT. */
  #free = 0
  /** Destinations that lost their last route while the table was pinned. */
  #unused: number[] | undefined

  constructor(limit = MAX_ROUTES) {
    this.limit = limit
  }

  /** Puts a route in, over one of the same peer and path; false, and the value's texts released, when the table is full. */
  set(peer: number, prefix: number, path: number, value: RouteValue): boolean {
    const known = this.find(peer, prefix, path)
    if (known !== 0) {
      this.#releaseTexts(known)
      this.#setValue(known, value)
      return true
    }
    if (this.size >= this.limit) {
      this.texts.release(value.attributes)
      this.texts.release(value.own)
      if (this.prefixes.heads[prefix] === 0) this.#dropPrefix(prefix)
      return false
    }
    const route = this.#allocate()
    const at = FIELDS * route
    const routes = this.#routes
    routes[at + PREFIX] = prefix
    routes[at + NEXT] = this.prefixes.heads[prefix] as number
    routes[at + PEER] = peer
    routes[at + PATH] = path
    this.#setValue(route, value)
    this.prefixes.heads[prefix] = route
    this.size++
    this.#perPeer[peer] = this.count(peer) + 1
    return true
  }

  /** The destination that is a text instead of a prefix; takes over one use of the text. */
  makeText(scope: number, text: number): number {
    const known = this.prefixes.find(scope, text, 0, 0, 0, NO_PREFIX)
    if (known === 0) return this.prefixes.make(scope, text, 0, 0, 0, NO_PREFIX)
    this.texts.release(text)
    return known
  }

  /** The route of a peer and path to a destination; 0 = none. */
  find(peer: number, prefix: number, path: number): number {
    const routes = this.#routes
    let route = this.prefixes.heads[prefix] as number
    while (route !== 0 && (routes[FIELDS * route + PEER] !== peer || routes[FIELDS * route + PATH] !== path))
      route = routes[FIELDS * route + NEXT] as number
    return route
  }

  /** False when it was not there. */
  remove(peer: number, prefix: number, path: number): boolean {
    const route = this.find(peer, prefix, path)
    if (route === 0) return false
    this.#remove(route)
    return true
  }

  /** Takes the routes of peers out; how many. */
  removeWhere(chosen: (peer: number, scope: number) => boolean): number {
    const before = this.size
    for (let route = 1; route < this.#next; route++) {
      const at = FIELDS * route
      const prefix = this.#routes[at + PREFIX] as number
      // A free place has destination 0.
      if (prefix !== 0 && chosen(this.#routes[at + PEER] as number, this.prefixes.scope(prefix))) this.#remove(route)
    }
    return before - this.size
  }

  /** Routes of a peer. */
  count(peer: number): number {
    return this.#perPeer[peer] ?? 0
  }

  /** First route to a destination, 0 = none; then next(). */
  first(prefix: number): number {
    return this.prefixes.heads[prefix] as number
  }

  next(route: number): number {
    return this.#routes[FIELDS * route + NEXT] as number
  }

  prefix(route: number): number {
    return this.#routes[FIELDS * route + PREFIX] as number
  }

  peer(route: number): number {
    return this.#routes[FIELDS * route + PEER] as number
  }

  path(route: number): number {
    return this.#routes[FIELDS * route + PATH] as number
  }

  attributes(route: number): number {
    return this.#routes[FIELDS * route + ATTRIBUTES] as number
  }

  own(route: number): number {
    return this.#routes[FIELDS * route + OWN] as number
  }

  /**
   * All routes as they are now, grouped by peer and scope, each group in the order of prefixes. Ids in it hold until its
   * release(); one at a time. `rank` orders the peers, -1 leaves one out.
   */
  snapshot(rank: (peer: number) => number): RouteSnapshot {
    if (this.#unused) throw new Error('a snapshot is not released yet')
    this.#unused = []
    this.texts.pin()
    return takeSnapshot(this, this.#next, rank, () => this.#unpin())
  }

  #unpin(): void {
    const unused = this.#unused ?? []
    this.#unused = undefined
    for (const prefix of new Set(unused)) if (this.prefixes.heads[prefix] === 0) this.#dropPrefix(prefix)
    this.texts.unpin()
  }

  #setValue(route: number, { attributes, own }: RouteValue): void {
    this.#routes[FIELDS * route + ATTRIBUTES] = attributes
    this.#routes[FIELDS * route + OWN] = own
  }

  #releaseTexts(route: number): void {
    this.texts.release(this.attributes(route))
    this.texts.release(this.own(route))
  }

  #allocate(): number {
    const free = this.#free
    if (free !== 0) {
      this.#free = this.#routes[FIELDS * free + NEXT] as number
      return free
    }
    if (FIELDS * (this.#next + 1) > this.#routes.length) this.#routes = grown(this.#routes)
    return this.#next++
  }

  #remove(route: number): void {
    const routes = this.#routes
    const at = FIELDS * route
    const prefix = routes[at + PREFIX] as number
    const next = routes[at + NEXT] as number
    const { heads } = this.prefixes
    if (heads[prefix] === route) heads[prefix] = next
    else {
      let before = heads[prefix] as number
      while (routes[FIELDS * before + NEXT] !== route) before = routes[FIELDS * before + NEXT] as number
      routes[FIELDS * before + NEXT] = next
    }
    const peer = routes[at + PEER] as number
    this.#perPeer[peer] = this.count(peer) - 1
    this.#releaseTexts(route)
    routes[at + PREFIX] = 0
    routes[at + NEXT] = this.#free
    this.#free = route
    this.size--
    if (heads[prefix] === 0) this.#dropPrefix(prefix)
  }

  #dropPrefix(prefix: number): void {
    if (this.#unused) {
      this.#unused.push(prefix)
      return
    }
    if (this.prefixes.length(prefix) === NO_PREFIX) this.texts.release(this.prefixes.word(prefix, 0))
    this.prefixes.remove(prefix)
  }
}
