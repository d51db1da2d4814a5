// The exit of the network: from router to router along the next hops, while they are inside.
import type { AddressColumn } from '../../fields/column.ts'
import { holds, type Prefix } from '../../lookup/prefix.ts'
import type { Family } from '../../lookup/route-index.ts'
import type { BothMatches } from './matches.ts'
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

export interface FollowOptions {
  /** Where the own routers are; empty = nothing is followed. */
  readonly inside: readonly Prefix[]
  /** The first next hop outside is told, and not the last one inside. */
  readonly external: boolean
}

export function followResolver(
  { inside, external }: FollowOptions,
  choices: readonly PeerChoice[],
  finder: RouteFinder,
  { dst }: BothMatches,
): Resolver {
  const isInside = ({ family, words }: RouteNextHop): boolean =>
    inside.some(prefix => prefix.family === family && holds(prefix, ...(words as unknown as Words)))

  /** The route to a row's destination in the table of the router that a next hop is. */
  function ahead(hop: RouteNextHop, row: number): RouteNextHop | undefined {
    const [view] = choices.flatMap(choice => choice.ofAddress(hop.text))
    if (!view) return undefined
    const miss = finder.find(view, undefined, dst.family[row] as Family, dst.words, 4 * row, undefined)
    return miss === MISS.found && finder.info && finder.info.nextHop.family !== 0 ? finder.info.nextHop : undefined
  }

  function exit(first: RouteNextHop, row: number): RouteNextHop {
    let last = first
    let selves = 0
    for (let step = 0; step < MAX_HOPS && isInside(last); step++) {
      const next = ahead(last, row)
      if (!next) break
      if (next.text === last.text && ++selves > MAX_SELF) break
      if (!isInside(next)) return external ? next : last
      last = next
    }
    return last
  }

  return {
    reads: [FIELD, 'mpls_vpn_rd'],
    fills: [FIELD],
    bind(placeOf) {
      const [place, rdPlace] = [placeOf(FIELD), placeOf('mpls_vpn_rd')]
      return (columns, rows, from, to) => {
        const { words, family } = columns[place] as AddressColumn
        const rds = columns[rdPlace] as { readonly values: readonly unknown[] }
        for (let index = from; index < to; index++) {
          const row = rows[index] as number
          const info = dst.info[row]
          const rd = rds.values[row]
          const isGlobal = rd === undefined || rd === GLOBAL_RD
          if (!info || !isGlobal || info.nextHop.family === 0) continue
          const hop = exit(info.nextHop, row)
          family[row] = hop.family
          words.set(hop.words, 4 * row)
        }
      }
    },
  }
}

type Words = [number, number, number, number]
