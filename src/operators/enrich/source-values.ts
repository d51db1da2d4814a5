// What the side that a flow came from is given: peer AS, local preference, MED. By a map, by the route to the source, or as
// the exporter says.
import type { Host } from '../../contract/host.ts'
import { ABSENT, type AddressColumn, type Column, makeColumn, type NumberColumn } from '../../fields/column.ts'
import type { MapOf } from '../../maps/map-of.ts'
import { SOURCE_NEXT_HOP, SOURCE_PEER_AS, type SourceValue } from '../../maps/source-maps.ts'
import type { BothMatches } from './matches.ts'
import { BoundMap, type Readable } from './reloaded.ts'
import type { Resolver } from './resolver.ts'
import type { RouteInfo } from './route-info.ts'

/** netflow: the exporter's. longest: the exporter's, else the route's. */
export type SourceMethod = 'netflow' | 'bgp' | 'map' | 'longest'

export interface SourceValueOptions {
  readonly field: 'peer_as_src' | 'local_pref_src' | 'med_src'
  readonly method: SourceMethod
  readonly map: Readable<MapOf<SourceValue>> | undefined
  readonly matches: BothMatches
}

const OF_ROUTE: { readonly [field in SourceValueOptions['field']]: (info: RouteInfo) => number | undefined } = {
  peer_as_src: info => info.firstAs || undefined,
  local_pref_src: info => info.localPref,
  med_src: info => info.med,
}
const OWN_FIELDS = [SOURCE_NEXT_HOP, SOURCE_PEER_AS]

export function sourceValueResolver({ field, method, map: readable, matches }: SourceValueOptions): Resolver {
  const map = method === 'map' && readable ? new BoundMap(readable) : undefined
  const own = new RouteColumns(matches)
  const ofRoute = OF_ROUTE[field]
  return {
    reads: [...(method === 'longest' ? [field] : []), ...(map?.reads(OWN_FIELDS) ?? [])],
    fills: [field],
    bind(placeOf) {
      const place = placeOf(field)
      map?.bind(own.place(placeOf))
      return (columns, rows, from, to) => {
        const { numbers } = columns[place] as NumberColumn
        map?.open(columns, at => own.column(at))
        for (let index = from; index < to; index++) {
          const row = rows[index] as number
          if (map) own.take(row)
          const asked = map ? map.match(row) : 'bgp'
          const given = numbers[row] as number
          if (method === 'longest' && given > 0) continue
          const info = matches.src.info[row]
          numbers[row] = (asked === 'bgp' ? info && ofRoute(info) : asked) ?? ABSENT
        }
      }
    },
    ...(map ? { reload: (host: Host) => map.reload(host) } : {}),
  }
}

/** Columns of what a route to the source says, for the maps that ask for it. */
class RouteColumns {
  readonly #matches: BothMatches
  readonly #nextHop = makeColumn(SOURCE_NEXT_HOP) as AddressColumn
  readonly #peerAs = makeColumn(SOURCE_PEER_AS) as NumberColumn

  constructor(matches: BothMatches) {
    this.#matches = matches
  }

  /** Places below 0 are ours. */
  place(placeOf: (field: string) => number): (field: string) => number {
    return name => {
      const own = OWN_FIELDS.findIndex(field => field.name === name)
      return own < 0 ? placeOf(name) : -1 - own
    }
  }

  column(place: number): Column | undefined {
    if (place >= 0) return undefined
    return place === -1 ? this.#nextHop : this.#peerAs
  }

  take(row: number): void {
    const info = this.#matches.src.info[row]
    this.#peerAs.numbers[row] = info?.firstAs || ABSENT
    this.#nextHop.family[row] = info?.nextHop.family ?? 0
    if (info) this.#nextHop.words.set(info.nextHop.words, 4 * row)
  }
}
