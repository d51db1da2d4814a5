// The route of a view's peers to an address: the longest prefix that one of them has a route to, and of its routes the
// one that the flow's next hop means, or the best.
import type { Family } from '../../lookup/route-index.ts'
import { isFallbackOf, lengthOf, missOf, RouteCache } from './route-cache.ts'
import { isBetterPath, type RouteInfo, type RouteInfos, type RouteNextHop } from './route-info.ts'
import { RouteTables } from './route-tables.ts'
import type { View } from './views.ts'

/** Why there is no route; 0 = there is one. */
export const MISS = { found: 0, address: 1, peer: 2, rd: 3, prefix: 4, nextHop: 5 } as const
export type Miss = (typeof MISS)[keyof typeof MISS]

/** How it is counted and told, by Miss. */
export const MISS_NAMES = ['', 'no-address', 'no-peer', 'rd-unknown', 'no-prefix', 'next-hop-mismatch'] as const

/** Of a flow: BGP next hop, family 0 = not known. */
export interface NextHop {
  family: number
  readonly words: Uint32Array
}

interface Tabled {
  readonly tables: RouteTables
  readonly infos: RouteInfos
}

export class RouteFinder {
  readonly #of: (view: View) => Tabled
  // What find() found:
  route = 0
  view: View | undefined
  info: RouteInfo | undefined
  length = 0
  miss: Miss = MISS.peer
  /** The route is of another table than the flow's RD means. */
  isFallback = false
  /** The answer is the same whatever next hop the flow has. */
  #isCertain = true
  readonly #cache = new RouteCache()
  readonly #asked = new WeakMap<View, Map<string | undefined, number>>()
  #lastNumber = 0
  #lastAsked = 0
  #lastView: View | undefined
  #lastRd: string | undefined
  #mismatch = false

  constructor(vpnFallback: boolean, infosOf: (view: View) => RouteInfos) {
    const known = new WeakMap<View['source'], Tabled>()
    this.#of = view => {
      let tabled = known.get(view.source)
      if (!tabled) {
        tabled = { tables: new RouteTables(view.source, vpnFallback), infos: infosOf(view) }
        known.set(view.source, tabled)
      }
      return tabled
    }
  }

  /** Looks an address up (words[at..]) with the next hop to choose by, if any; why there is no route. */
  find(
    view: View,
    rd: string | undefined,
    family: Family,
    words: Uint32Array,
    at: number,
    nextHop: NextHop | undefined,
  ): Miss {
    const cache = this.#cache
    const asked = this.#askedOf(view, rd)
    const place = cache.place(asked, words, at, family)
    this.view = view
    if (cache.has(place, asked, words, at, family)) {
      const rest = cache.rest(place)
      this.info = cache.info(place)
      this.route = cache.route(place)
      this.length = lengthOf(rest)
      this.isFallback = isFallbackOf(rest)
      this.miss = missOf(rest) as Miss
    } else {
      this.miss = this.#search(view, rd, family, words, at, nextHop)
      if (this.#isCertain) cache.put(place, asked, words, at, family, this)
    }
    return this.miss
  }

  /** To be called when a table may have changed. */
  refresh(): void {
    this.#cache.clear()
  }

  /** A number for a view and route distinguisher. */
  #askedOf(view: View, rd: string | undefined): number {
    if (view === this.#lastView && rd === this.#lastRd) return this.#lastAsked
    let ofView = this.#asked.get(view)
    if (!ofView) {
      ofView = new Map()
      this.#asked.set(view, ofView)
    }
    let asked = ofView.get(rd)
    if (asked === undefined) {
      asked = ++this.#lastNumber
      ofView.set(rd, asked)
    }
    this.#lastView = view
    this.#lastRd = rd
    this.#lastAsked = asked
    return asked
  }

  #search(
    view: View,
    rd: string | undefined,
    family: Family,
    words: Uint32Array,
    at: number,
    nextHop: NextHop | undefined,
  ): Miss {
    const { tables, infos } = this.#of(view)
    const { scopes, fallbackFrom } = tables.of(rd, family, view.isBmp)
    this.#mismatch = false
    this.#isCertain = true
    for (let place = 0; place < scopes.length; place++) {
      const scope = scopes[place] as number
      if (!this.#findIn(view, infos, scope, family, words, at, nextHop)) continue
      this.isFallback = place >= fallbackFrom
      return MISS.found
    }
    this.route = 0
    this.length = 0
    this.info = undefined
    this.isFallback = false
    if (this.#mismatch) return MISS.nextHop
    return rd !== undefined && fallbackFrom === 0 ? MISS.rd : MISS.prefix
  }

  /** Routes of the view that are less specific than `length` bits, the longest first; what find() found is lost. */
  *lessSpecific(
    view: View,
    scope: number,
    words: Uint32Array,
    at: number,
    length: number,
  ): Generator<{ readonly length: number; readonly info: RouteInfo }> {
    const { infos } = this.#of(view)
    const { prefixes } = view.source.rib.table
    const [a = 0, b = 0, c = 0, d = 0] = words.subarray(at, at + 4)
    for (let bits = length - 1; bits >= 0; bits = this.length - 1) {
      const id = prefixes.longest(scope, [a, b, c, d], bits, shorter => this.#choose(view, infos, shorter, undefined))
      if (id === 0) return
      yield { length: this.length, info: this.info as RouteInfo }
    }
  }

  /** The same in the global tables of another view; what was found before stays when that has no route. */
  tryView(view: View, family: Family, words: Uint32Array, at: number, nextHop: NextHop | undefined): boolean {
    const before = {
      route: this.route,
      view: this.view,
      info: this.info,
      length: this.length,
      isFallback: this.isFallback,
    }
    if (this.find(view, undefined, family, words, at, nextHop) === MISS.found) return true
    Object.assign(this, before)
    return false
  }

  #findIn(
    view: View,
    infos: RouteInfos,
    scope: number,
    family: Family,
    words: Uint32Array,
    at: number,
    nextHop: NextHop | undefined,
  ): boolean {
    const { index, rib } = view.source
    const { prefixes } = rib.table
    const a = words[at] as number
    const b = words[at + 1] as number
    const c = words[at + 2] as number
    const d = words[at + 3] as number
    const id = family === 4 ? index.longest4(scope, a) : index.longest6(scope, a, b, c, d)
    if (id === 0) return false
    if (this.#choose(view, infos, id, nextHop)) return true
    // The longest prefix is of other peers, or no path to it has the next hop: the next shorter ones.
    const rest = prefixes.longest(scope, [a, b, c, d], prefixes.length(id) - 1, shorter =>
      this.#choose(view, infos, shorter, nextHop),
    )
    return rest !== 0
  }

  /** Takes the best route of the view to a destination; false when there is none. */
  #choose(view: View, infos: RouteInfos, id: number, nextHop: NextHop | undefined): boolean {
    const { table } = view.source.rib
    const { rank } = view
    let best = 0
    let several = false
    for (let route = table.first(id); route !== 0; route = table.next(route)) {
      const own = rank[table.peer(route)] ?? 0
      if (own === 0) continue
      if (best !== 0 || table.path(route) !== 0) several = true
      if (best === 0) best = route
    }
    if (best === 0) return false
    if (several) {
      this.#isCertain = false
      best = this.#chooseAmong(view, infos, id, nextHop)
      if (best === 0) return false
    }
    this.route = best
    this.info = infos.of(best)
    this.length = table.prefixes.length(id)
    return true
  }

  /** The same where the view has several routes, or paths of ADD-PATH. */
  #chooseAmong(view: View, infos: RouteInfos, id: number, nextHop: NextHop | undefined): number {
    const { table } = view.source.rib
    let best = 0
    let bestRank = 0
    let bestInfo: RouteInfo | undefined
    let hasPaths = false
    for (let route = table.first(id); route !== 0; route = table.next(route)) {
      const own = view.rank[table.peer(route)] ?? 0
      if (own === 0) continue
      if (table.path(route) !== 0) hasPaths = true
      const info = infos.of(route)
      const rank = own + (nextHop && hasNextHop(info.nextHop, nextHop) ? NEXT_HOP_RANK : 0)
      if (bestInfo && (rank < bestRank || (rank === bestRank && !isBetterPath(info, bestInfo)))) continue
      best = route
      bestRank = rank
      bestInfo = info
    }
    // With ADD-PATH the next hop decides; where the flow has none, the best path is as good as can be known.
    if (!hasPaths || !nextHop || nextHop.family === 0 || bestRank >= NEXT_HOP_RANK) return best
    this.#mismatch = true
    return 0
  }
}

/** More than any rank of a view. */
const NEXT_HOP_RANK = 256

function hasNextHop(of: RouteNextHop, { family, words }: NextHop): boolean {
  if (family === 0 || family !== of.family || of.words[0] !== words[0]) return false
  return family === 4 || (of.words[1] === words[1] && of.words[2] === words[2] && of.words[3] === words[3])
}
