// Looks both ends of flows up in the routes of the peers that their exporter means.
import type { Host } from '../../contract/host.ts'
import type { ValueColumn } from '../../fields/column.ts'
import type { Family } from '../../lookup/route-index.ts'
import { type BothMatches, ENDS, type Matches } from './matches.ts'
import type { NextHops } from './next-hop.ts'
import type { PeerChoice } from './peer-choice.ts'
import type { Resolve, Resolver } from './resolver.ts'
import { MISS, MISS_NAMES, type Miss, type NextHop, type RouteFinder } from './route-finder.ts'
import type { RouteSource } from './route-source.ts'
import { GLOBAL_RD } from './route-tables.ts'
import type { View } from './views.ts'

export interface LookupOptions {
  /** Of BGP sources, then of BMP sources. */
  readonly choices: readonly PeerChoice[]
  readonly sources: readonly RouteSource[]
  readonly finder: RouteFinder
  readonly matches: BothMatches
  readonly nextHops: NextHops
  /** How often a default route is followed to the table of its next hop. */
  readonly followDefault: number
}

const RD = 'mpls_vpn_rd'

export class RouteLookup implements Resolver {
  readonly reads: readonly string[]
  readonly fills: readonly string[] = []
  readonly #options: LookupOptions
  readonly #misses = { src: new Int32Array(MISS_NAMES.length), dst: new Int32Array(MISS_NAMES.length) }
  #fallbacks = 0
  /** Of all sources. */
  #changes = -1
  readonly #hop: { family: number; words: Uint32Array } = { family: 0, words: new Uint32Array(4) }
  #views: (readonly View[])[] = []

  constructor(options: LookupOptions) {
    this.#options = options
    this.reads = [RD, ...options.choices.flatMap(({ reads }) => reads)]
  }

  bind(placeOf: (field: string) => number): Resolve {
    const { choices, matches } = this.#options
    for (const choice of choices) choice.bind(placeOf)
    const rdPlace = placeOf(RD)
    return (columns, rows, from, to) => {
      for (const choice of choices) choice.open(columns)
      this.#noticeChanges()
      const { values: rds } = columns[rdPlace] as ValueColumn
      for (let index = from; index < to; index++) {
        const row = rows[index] as number
        const value = rds[row]
        const rd = typeof value === 'string' && value !== GLOBAL_RD ? value : undefined
        for (let place = 0; place < choices.length; place++) this.#views[place] = (choices[place] as PeerChoice).of(row)
        this.#look(matches.src, row, rd, undefined, this.#misses.src)
        this.#look(matches.dst, row, rd, this.#nextHop(row), this.#misses.dst)
      }
    }
  }

  #noticeChanges(): void {
    let changes = 0
    for (const { rib } of this.#options.sources) changes += rib.changes
    if (changes !== this.#changes) this.#options.finder.refresh()
    this.#changes = changes
  }

  counted(host: Host): void {
    for (const end of ENDS) {
      const misses = this.#misses[end]
      for (let miss = 1; miss < MISS_NAMES.length; miss++) {
        if (misses[miss]) host.count(`miss/${end}/${MISS_NAMES[miss]}`, misses[miss])
      }
      misses.fill(0)
    }
    if (this.#fallbacks > 0) host.count('routes/other-table', this.#fallbacks)
    this.#fallbacks = 0
  }

  async reload(host: Host): Promise<void> {
    for (const choice of this.#options.choices) await choice.reload(host)
  }

  #nextHop(row: number): NextHop {
    const { words, family } = this.#options.nextHops
    this.#hop.family = family[row] as number
    for (let word = 0; word < 4; word++) this.#hop.words[word] = words[4 * row + word] as number
    return this.#hop
  }

  #look(match: Matches, row: number, rd: string | undefined, hop: NextHop | undefined, misses: Int32Array): void {
    const { finder } = this.#options
    const family = match.family[row] as number
    let miss: Miss = family === 0 ? MISS.address : MISS.peer
    if (family !== 0) {
      for (const views of this.#views) {
        for (let place = 0; place < views.length && miss !== MISS.found; place++)
          miss = finder.find(views[place] as View, rd, family as Family, match.words, 4 * row, hop)
        if (miss === MISS.found) break
      }
    }
    if (miss === MISS.found && finder.length === 0 && rd === undefined)
      this.#followDefault(match, row, family as Family, hop)
    match.miss[row] = miss
    misses[miss]!++
    match.info[row] = miss === MISS.found ? finder.info : undefined
    match.view[row] = miss === MISS.found || miss > MISS.peer ? finder.view : undefined
    match.isFallback[row] = miss === MISS.found && finder.isFallback ? 1 : 0
    if (miss !== MISS.found) return
    match.route[row] = finder.route
    match.length[row] = finder.length
    if (finder.isFallback) this.#fallbacks++
  }

  /** A default route says little: the table of the router that it leads to may say more. */
  #followDefault(match: Matches, row: number, family: Family, hop: NextHop | undefined): void {
    const { finder, choices, followDefault } = this.#options
    for (let step = 0; step < followDefault && finder.length === 0; step++) {
      const address = finder.info?.nextHop.text ?? ''
      const [view] = choices.flatMap(choice => choice.ofAddress(address))
      if (!view || !finder.tryView(view, family, match.words, 4 * row, hop)) return
    }
  }
}
