// The exit of the network: from router to router along the next hops, while they are inside.
import type { AddressColumn, ValueColumn } from '../../fields/column.ts'
import { holds, type Prefix } from '../../lookup/prefix.ts'
import type { Family } from '../../lookup/route-index.ts'
import type { BothMatches, Matches } from './matches.ts'
import type { PeerChoice } from './peer-choice.ts'
import type { Resolver } from './resolver.ts'
import { MISS, type RouteFinder } from './route-finder.ts'
import type { RouteNextHop } from './route-info.ts'
import { GLOBAL_RD } from './route-tables.ts'

/** Routers on the way; a loop ends here. */
const MAX_HOPS = 20
/** Routes of a router that lead to the router itself. */
const MAX_SELF = 1
const FIELD = 'peer_ip_dst'
const RD = 'mpls_vpn_rd'

export interface FollowOptions {
  /** Where the own routers are; empty = nothing is followed. */
  readonly inside: readonly Prefix[]
  /** The first next hop outside is told, and not the last one inside. */
  readonly external: boolean
}

export function followResolver(
  options: FollowOptions,
  choices: readonly PeerChoice[],
  finder: RouteFinder,
  { dst }: BothMatches,
): Resolver {
  const way = new Way(options, choices, finder, dst)
  return {
    reads: [FIELD, RD],
    fills: [FIELD],
    bind(placeOf) {
      const [place, rdPlace] = [placeOf(FIELD), placeOf(RD)]
      return (columns, rows, from, to) => {
        const { words, family } = columns[place] as AddressColumn
        const { values: rds } = columns[rdPlace] as ValueColumn
        for (let index = from; index < to; index++) {
          const row = rows[index] as number
          const nextHop = dst.info[row]?.nextHop
          const rd = rds[row]
          if (!nextHop || nextHop.family === 0 || (rd !== undefined && rd !== GLOBAL_RD)) continue
          const hop = way.exit(nextHop, row)
          family[row] = hop.family
          words.set(hop.words, 4 * row)
        }
      }
    },
  }
}

class Way {
  readonly #options: FollowOptions
  readonly #choices: readonly PeerChoice[]
  readonly #finder: RouteFinder
  readonly #match: Matches

  constructor(options: FollowOptions, choices: readonly PeerChoice[], finder: RouteFinder, match: Matches) {
    this.#options = options
    this.#choices = choices
    this.#finder = finder
    this.#match = match
  }

  /** The last router inside on the way to a row's destination, or the first one outside. */
  exit(first: RouteNextHop, row: number): RouteNextHop {
    let last = first
    let selves = 0
    for (let step = 0; step < MAX_HOPS && this.#isInside(last); step++) {
      const next = this.#ahead(last, row)
      if (!next) break
      if (next.text === last.text && ++selves > MAX_SELF) break
      if (!this.#isInside(next)) return this.#options.external ? next : last
      last = next
    }
    return last
  }

  #isInside({ family, words }: RouteNextHop): boolean {
    return this.#options.inside.some(
      prefix => prefix.family === family && holds(prefix, ...(words as unknown as Words)),
    )
  }

  /** The next hop to the row's destination in the table of the router that a next hop is. */
  #ahead(hop: RouteNextHop, row: number): RouteNextHop | undefined {
    const { family, words } = this.#match
    const finder = this.#finder
    const [view] = this.#choices.flatMap(choice => choice.ofAddress(hop.text))
    if (!view) return undefined
    const miss = finder.find(view, undefined, family[row] as Family, words, 4 * row, undefined)
    const next = miss === MISS.found ? finder.info?.nextHop : undefined
    return next && next.family !== 0 ? next : undefined
  }
}

type Words = [number, number, number, number]
