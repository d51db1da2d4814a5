// States of routes and paths, found out once while neither the RPKI data nor the route changes.
import type { Value } from '../../contract/record.ts'
import { originOf, plainPath, type RoaLetter, roaLetter, STATE_LETTERS } from '../../wire/rpki/verdict.ts'
import type { Matches } from './matches.ts'
import type { RouteFinder } from './route-finder.ts'
import type { RouteInfo } from './route-info.ts'
import type { RpkiSource } from './rpki-source.ts'
import type { View } from './views.ts'

/** Routes of one table whose letters are kept. */
const MAX_KEPT = 200_000

interface Kept {
  /** What the letter holds for. */
  readonly info: RouteInfo
  readonly prefix: number
  readonly letter: RoaLetter
}

export class RouteStates {
  readonly #rpki: RpkiSource
  readonly #finder: RouteFinder
  readonly #ownAs: number
  #kept = new WeakMap<View['source'], Map<number, Kept>>()
  #version = -1

  constructor(rpki: RpkiSource, finder: RouteFinder, ownAs: number) {
    this.#rpki = rpki
    this.#finder = finder
    this.#ownAs = ownAs
  }

  /** Of the route that a row's address was found in; undefined when there is none, or no data are there yet. */
  letter(match: Matches, row: number): RoaLetter | undefined {
    const { table } = this.#rpki
    const info = match.info[row]
    const view = match.view[row]
    if (!info || !view || !table.isComplete) return undefined
    if (table.version !== this.#version) {
      this.#kept = new WeakMap()
      this.#version = table.version
    }
    const route = match.route[row] as number
    const kept = this.#of(view)
    const known = kept.get(route)
    const prefix = view.source.rib.table.prefix(route)
    if (known && known.info === info && known.prefix === prefix) return known.letter
    const letter = this.#find(match, row, info, view, prefix)
    // What less specific routes decide may change with each of them.
    if (letter === 'v' || letter === 'u') {
      if (kept.size >= MAX_KEPT) kept.clear()
      kept.set(route, { info, prefix, letter })
    }
    return letter
  }

  #of({ source }: View): Map<number, Kept> {
    let kept = this.#kept.get(source)
    if (!kept) {
      kept = new Map()
      this.#kept.set(source, kept)
    }
    return kept
  }

  #find(match: Matches, row: number, info: RouteInfo, view: View, prefix: number): RoaLetter {
    const family = match.family[row] === 6 ? 6 : 4
    const length = match.length[row] as number
    const { words } = match
    const scope = view.source.rib.table.prefixes.scope(prefix)
    const finder = this.#finder
    const ownAs = this.#ownAs
    function* lessSpecific() {
      for (const shorter of finder.lessSpecific(view, scope, words, 4 * row, length)) {
        yield { length: shorter.length, origin: originOf(shorter.info.wholePath, ownAs) }
      }
    }
    const origin = originOf(info.wholePath, ownAs)
    return roaLetter(this.#rpki.table.set.roas, family, words, 4 * row, length, origin, lessSpecific)
  }
}

/** Letters of paths: v, i, u. A path with an AS_SET is invalid. */
export class PathStates {
  readonly #rpki: RpkiSource
  readonly #providers: ReadonlySet<number>
  #kept = { 4: new WeakMap<RouteInfo, string>(), 6: new WeakMap<RouteInfo, string>() }
  #version = -1

  constructor(rpki: RpkiSource, providers: ReadonlySet<number>) {
    this.#rpki = rpki
    this.#providers = providers
  }

  ofRoute(info: RouteInfo, family: 4 | 6): string | undefined {
    const { version } = this.#rpki.table
    if (version !== this.#version) {
      this.#kept = { 4: new WeakMap(), 6: new WeakMap() }
      this.#version = version
    }
    let letter = this.#kept[family].get(info)
    if (letter === undefined) {
      letter = this.ofPath(info.wholePath, family)
      if (letter !== undefined) this.#kept[family].set(info, letter)
    }
    return letter
  }

  /** undefined: our own route, or no ASPAs are there (caches of versions 0 and 1 have none). */
  ofPath(path: readonly Value[], family: 4 | 6): string | undefined {
    const { table } = this.#rpki
    if (!table.isComplete || table.set.aspas.size === 0) return undefined
    const ases = plainPath(path)
    if (!ases) return 'i'
    const [neighbour] = ases
    if (neighbour === undefined) return undefined
    const comesDown = this.#providers.size === 0 || this.#providers.has(neighbour)
    const { aspas } = table.set
    return STATE_LETTERS[comesDown ? aspas.downstream(ases, family) : aspas.upstream(ases, family)]
  }
}
