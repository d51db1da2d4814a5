// What the RPKI says of the routes to both ends of flows, and of BGP records: origin (roa) and path (aspa).
import type { NumberColumn, ValueColumn } from '../../fields/column.ts'
import { parsePrefix } from '../../lookup/prefix.ts'
import { originOf, roaLetter } from '../../wire/rpki/verdict.ts'
import { type BothMatches, ENDS, type End, type Matches } from './matches.ts'
import type { EnrichOptions } from './options.ts'
import type { Resolver } from './resolver.ts'
import type { RouteFinder } from './route-finder.ts'
import { pathOf } from './route-info.ts'
import type { RpkiSource } from './rpki-source.ts'
import { PathStates, RouteStates } from './rpki-states.ts'

type IsWanted = (field: string) => boolean

/** Fields of the source are filled where they are asked for; without routes there is nothing to ask about. */
export function rpkiResolvers(
  options: EnrichOptions,
  rpki: RpkiSource,
  hasRoutes: boolean,
  matches: BothMatches,
  finder: RouteFinder,
  isWanted: IsWanted,
): Resolver[] {
  const { ownAs } = options.conditioning
  const paths = new PathStates(rpki, options.providerAs)
  const states = new RouteStates(rpki, finder, ownAs)
  const ends = ENDS.filter(end => end === 'dst' || !hasRoutes || options.sourceFields.includes('roa_src'))
  const flows = ends.flatMap(end => [
    hasRoutes ? routeRoa(states, end, matches[end]) : flowRoa(rpki, end, matches[end]),
    ...(hasRoutes ? [routeAspa(paths, end, matches[end])] : []),
  ])
  const wanted = [...flows, recordRoa(rpki, ownAs), recordAspa(paths)].filter(({ fills }) => fills.some(isWanted))
  return [{ reads: [], fills: [], bind: () => () => {}, reload: host => rpki.reload(host) }, ...wanted]
}

/** By the route that was found. */
function routeRoa(states: RouteStates, end: End, match: Matches): Resolver {
  return filling(`roa_${end}`, [], () => row => states.letter(match, row))
}

/** By what the exporter or a networks file says: prefix length and AS. */
function flowRoa({ table }: RpkiSource, end: End, { words, family }: Matches): Resolver {
  return filling(`roa_${end}`, [`mask_${end}`, `as_${end}`], columns => {
    const [masks, ases] = columns as unknown as [NumberColumn, NumberColumn]
    return row => {
      const of = family[row]
      const mask = masks.numbers[row] as number
      const as = ases.numbers[row] as number
      const isKnown = mask > 0 && mask <= (of === 4 ? 32 : 128) && as > 0 && as < Number.POSITIVE_INFINITY
      if (!table.isComplete || !isKnown || (of !== 4 && of !== 6)) return undefined
      return roaLetter(table.set.roas, of, words, 4 * row, mask, as)
    }
  })
}

function routeAspa(paths: PathStates, end: End, match: Matches): Resolver {
  return filling(`aspa_${end}`, [], () => row => {
    const info = match.info[row]
    return info && paths.ofRoute(info, match.family[row] === 6 ? 6 : 4)
  })
}

/** Families of BGP records that the RPKI speaks of: unicast and labelled routes of the global tables. */
const FAMILY: { readonly [afi: number]: 4 | 6 } = { 1: 4, 2: 6 }
const SAFIS: ReadonlySet<number> = new Set([1, 4])
const RECORD = ['afi', 'safi', 'log_type', 'ip_prefix', 'as_path'] as const
const GONE: ReadonlySet<unknown> = new Set(['withdraw', 'delete', 'end-of-rib'])

interface RouteRecord {
  readonly family: 4 | 6
  readonly prefix: string
  readonly path: unknown
}

/** Reads the route of a record; undefined when it announces none. */
function routeReader(columns: readonly unknown[]): (row: number) => RouteRecord | undefined {
  const [afis, safis, types, prefixes, paths] = columns as [
    NumberColumn,
    NumberColumn,
    ValueColumn,
    ValueColumn,
    ValueColumn,
  ]
  return row => {
    const family = FAMILY[afis.numbers[row] as number]
    const prefix = prefixes.values[row]
    if (!family || !SAFIS.has(safis.numbers[row] as number)) return undefined
    if (typeof prefix !== 'string' || GONE.has(types.values[row])) return undefined
    return { family, prefix, path: paths.values[row] }
  }
}

function recordRoa({ table }: RpkiSource, ownAs: number): Resolver {
  return filling('roa', RECORD, columns => {
    const read = routeReader(columns)
    return row => {
      const route = read(row)
      const prefix = route && table.isComplete ? parsePrefix(route.prefix) : undefined
      if (!route || !prefix) return undefined
      const origin = originOf(pathOf(route.path as Parameters<typeof pathOf>[0]), ownAs)
      return roaLetter(table.set.roas, prefix.family, prefix.words, 0, prefix.length, origin)
    }
  })
}

function recordAspa(paths: PathStates): Resolver {
  return filling('aspa', RECORD, columns => {
    const read = routeReader(columns)
    return row => {
      const route = read(row)
      return route && paths.ofPath(pathOf(route.path as Parameters<typeof pathOf>[0]), route.family)
    }
  })
}

/** A resolver of one field, row by row. */
function filling(
  field: string,
  reads: readonly string[],
  open: (columns: readonly unknown[]) => (row: number) => string | undefined,
): Resolver {
  return {
    reads,
    fills: [field],
    bind(placeOf) {
      const target = placeOf(field)
      const places = reads.map(placeOf)
      return (columns, rows, from, to) => {
        const of = open(places.map(place => columns[place]))
        const { values } = columns[target] as ValueColumn
        for (let index = from; index < to; index++) {
          const row = rows[index] as number
          values[row] = of(row)
        }
      }
    },
  }
}
