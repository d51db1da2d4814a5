// `--why`: where each derived value came from, or why there is none.
import type { NetRecord } from '../../contract/record.ts'
import type { ValueColumn } from '../../fields/column.ts'
import { prefixText } from '../../lookup/prefix.ts'
import type { NetworksTable } from '../../maps/networks-file.ts'
import { type BothMatches, ENDS, type Matches } from './matches.ts'
import { METHOD, METHOD_NAMES, type Method } from './methods.ts'
import type { Reloaded } from './reloaded.ts'
import type { Resolver } from './resolver.ts'
import { MISS_NAMES } from './route-finder.ts'

const WHY = 'why'

export interface WhyOptions {
  readonly matches: BothMatches
  readonly networks: Reloaded<NetworksTable> | undefined
  readonly hasRoutes: boolean
  /** Both policies choose among sources; else the exporter's values stand. */
  readonly choosesAs: boolean
  readonly choosesNet: boolean
}

export function whyResolver(options: WhyOptions): Resolver {
  return {
    reads: [],
    fills: [WHY],
    bind(placeOf) {
      const place = placeOf(WHY)
      return (columns, rows, from, to) => {
        const { values } = columns[place] as ValueColumn
        for (let index = from; index < to; index++) {
          const row = rows[index] as number
          values[row] = reasons(options, row)
        }
      }
    },
  }
}

function reasons(options: WhyOptions, row: number): NetRecord {
  const why: NetRecord = {}
  for (const end of ENDS) {
    const match = options.matches[end]
    const as = options.choosesAs ? (match.asMethod[row] as Method) : METHOD.netflow
    const net = options.choosesNet ? (match.netMethod[row] as Method) : METHOD.netflow
    const route = options.hasRoutes ? routeText(match, row) : ''
    why[`as_${end}`] = reason(options, match, row, as, route)
    if (net !== as) why[`net_${end}`] = reason(options, match, row, net, route)
    // Attributes are of the route, whoever gave the AS.
    if (options.hasRoutes && !isOfRoutes(as) && !isOfRoutes(net)) why[`route_${end}`] = route
  }
  return why
}

/** Whether a reason tells of the route already. */
const isOfRoutes = (method: Method): boolean => method === METHOD.routes || method === METHOD.none

function reason(
  { networks, hasRoutes }: WhyOptions,
  match: Matches,
  row: number,
  method: Method,
  route: string,
): string {
  if (method === METHOD.routes) return match.info[row]?.originAs === 0 ? `${route}, empty path` : route
  if (method === METHOD.none) return hasRoutes && match.miss[row] !== 0 ? route : 'nobody knows'
  const network = method === METHOD.file ? networks?.table.networks[match.network[row] as number] : undefined
  return network ? `file line ${network.line} ${prefixText(network.prefix)}` : METHOD_NAMES[method]
}

/** `bgp 192.0.2.1 10.0.0.0/8`, or what is missing. */
function routeText(match: Matches, row: number): string {
  const view = match.view[row]
  if (match.miss[row] !== 0 || !view) return (MISS_NAMES[match.miss[row] as number] ?? '').replaceAll('-', ' ')
  const { rib } = view.source
  const route = match.route[row] as number
  const peer = rib.peers.get(rib.table.peer(route))
  const { prefixes } = rib.table
  const id = rib.table.prefix(route)
  const scope = rib.scopes.get(prefixes.scope(id))
  const family = match.family[row] === 6 ? 6 : 4
  const words = [0, 1, 2, 3].map(word => prefixes.word(id, word)) as [number, number, number, number]
  const prefix = prefixText({ family, words, length: prefixes.length(id) })
  const router = view.isBmp ? `bmp ${peer?.record.bmp_router ?? ''} ` : 'bgp '
  const who = `${router}${(view.isBmp ? peer?.record.peer_ip : peer?.record.peer_ip_src) ?? ''}`
  const table = scope?.rd === undefined ? '' : ` rd ${scope.rd}`
  return `${who} ${prefix}${table}${match.isFallback[row] ? ', not of the RD' : ''}`
}
