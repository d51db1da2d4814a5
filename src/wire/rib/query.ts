// Looking glass: which routes of a table a question means.
import type { NetRecord, Value } from '../../contract/record.ts'
import { holds, type Prefix } from '../../lookup/prefix.ts'
import { NO_PREFIX, type RoutePrefixes } from '../../lookup/route-prefixes.ts'
import { parsedRecord } from '../../stream/json.ts'
import type { Peer } from './peers.ts'
import type { Rib } from './rib.ts'
import type { Scope } from './scopes.ts'
import { textDestinations } from './text-destinations.ts'

/**
 * exact: this prefix. longest: for each peer, the longest prefix that holds it. less: all prefixes that hold it, itself
 * too. more: all prefixes in it, itself too.
 */
export const MATCHES = ['exact', 'longest', 'less', 'more'] as const
export type Match = (typeof MATCHES)[number]

export interface RibQuery {
  /** Undefined = every route. */
  readonly prefix?: Prefix | undefined
  readonly match: Match
  /** Address of the peer or of the router that speaks BMP. */
  readonly peer?: string | undefined
  /** Last AS of the path. */
  readonly originAs?: number | undefined
  readonly rd?: string | undefined
}

export interface FoundRoute {
  readonly route: number
  readonly peer: Peer
  readonly scope: Scope
}

/** Routes in the order of scopes, prefixes (longest first when they are asked to hold something), peers. */
export function* findRoutes(rib: Rib, query: RibQuery): Generator<FoundRoute> {
  const isOrigin = originTest(rib, query.originAs)
  for (const route of routesOfQuery(rib, query)) {
    const peer = rib.peers.get(rib.table.peer(route))
    const scope = rib.scopes.get(rib.table.prefixes.scope(rib.table.prefix(route)))
    if (peer && scope && isPeer(peer, query.peer) && isOrigin(rib.table.attributes(route))) yield { route, peer, scope }
  }
}

function* routesOfQuery(rib: Rib, query: RibQuery): Generator<number> {
  const { prefix, match, rd } = query
  const scopes = rib.scopes.all.filter(scope => rd === undefined || scope.rd === rd)
  const family = scopes.filter(({ afi }) => !prefix || (prefix.family === 6) === (afi === 2))
  if (prefix && match !== 'more') for (const scope of family) yield* holding(rib, scope, prefix, match)
  else for (const id of within(rib, new Set(family.map(({ id }) => id)), prefix)) yield* routesOf(rib, id)
  if (prefix) yield* partly(rib, new Set(scopes.map(({ id }) => id)), prefix, match)
}

const isPeer = ({ record }: Peer, address: string | undefined): boolean =>
  address === undefined || [record.peer_ip_src, record.peer_ip, record.bmp_router].includes(address)

/** Routes in a scope to prefixes that hold one, whoever announced them. */
function* holding({ table, peers }: Rib, scope: Scope, prefix: Prefix, match: Match): Generator<number> {
  const { prefixes } = table
  const seen = new Set<number>()
  for (let bits = prefix.length; bits >= 0; ) {
    const id = prefixes.longest(scope.id, prefix.words, bits, known => table.first(known) !== 0)
    if (id === 0) return
    bits = prefixes.length(id) - 1
    if (match === 'exact' && prefixes.length(id) !== prefix.length) return
    const routes = routesOf({ table }, id)
    yield* match === 'longest' ? routes.filter(route => !seen.has(table.peer(route))) : routes
    for (const route of routes) seen.add(table.peer(route))
    if (match === 'exact' || (match === 'longest' && seen.size >= peers.count)) return
  }
}

/** Routes of which a prefix is a part only; longest: for each peer and table, those with the longest. */
function* partly(rib: Rib, scopes: ReadonlySet<number>, prefix: Prefix, match: Match): Generator<number> {
  const { table } = rib
  const longest = new Map<string, number>()
  for (const { id, prefix: known } of textDestinations(rib, scopes, prefix, match)) {
    for (const route of routesOf(rib, id)) {
      const key = `${table.prefixes.scope(id)} ${table.peer(route)}`
      const length = longest.get(key) ?? known.length
      if (match === 'longest' && length > known.length) continue
      longest.set(key, length)
      yield route
    }
  }
}

/** Routes to a destination, by peer and path. */
function routesOf({ table }: Pick<Rib, 'table'>, id: number): number[] {
  const routes: number[] = []
  for (let route = table.first(id); route !== 0; route = table.next(route)) routes.push(route)
  return routes.sort((a, b) => table.peer(a) - table.peer(b) || table.path(a) - table.path(b))
}

/** Destinations in scopes, in order: all of them, or the prefixes in one. */
function within({ table }: Rib, scopes: ReadonlySet<number>, prefix: Prefix | undefined): number[] {
  const { prefixes } = table
  const found: number[] = []
  for (let id = 1; id < prefixes.end; id++) {
    if (table.first(id) === 0 || !scopes.has(prefixes.scope(id))) continue
    if (!prefix || isIn(prefixes, id, prefix)) found.push(id)
  }
  return found.sort((a, b) => {
    let difference = prefixes.scope(a) - prefixes.scope(b)
    for (let word = 0; word < 4 && difference === 0; word++)
      difference = prefixes.word(a, word) - prefixes.word(b, word)
    return difference || prefixes.length(a) - prefixes.length(b)
  })
}

function isIn(prefixes: RoutePrefixes, id: number, prefix: Prefix): boolean {
  const length = prefixes.length(id)
  if (length === NO_PREFIX || length < prefix.length) return false
  return holds(prefix, prefixes.word(id, 0), prefixes.word(id, 1), prefixes.word(id, 2), prefixes.word(id, 3))
}

/** Whether attributes have a path that ends in an AS; each text is parsed once. */
function originTest(rib: Rib, originAs: number | undefined): (attributes: number) => boolean {
  if (originAs === undefined) return () => true
  const known = new Map<number, boolean>()
  const decoder = new TextDecoder()
  return attributes => {
    let answer = known.get(attributes)
    if (answer === undefined) {
      const record = parsedRecord(`{${decoder.decode(rib.table.texts.octets(attributes))}}`)
      answer = origins(record?.as_path).includes(originAs)
      known.set(attributes, answer)
    }
    return answer
  }
}

/** The last AS of a path, or all of the last set; paths are lists, or pmacct's texts. */
export function origins(path: Value | undefined): number[] {
  const last = Array.isArray(path) ? path.at(-1) : typeof path === 'string' ? path.split(/[ _]/).at(-1) : undefined
  return String(last ?? '')
    .split(/\D+/)
    .filter(Boolean)
    .map(Number)
}

/** A query as the record that goes over a socket, and back; undefined when it is none. */
export function queryOf(record: NetRecord, parsePrefix: (text: string) => Prefix | undefined): RibQuery | undefined {
  const { prefix, match, peer, origin_as, rd } = record
  const parsed = typeof prefix === 'string' ? parsePrefix(prefix) : undefined
  const asked = MATCHES.find(name => name === match)
  if ((prefix !== undefined && !parsed) || !asked) return undefined
  return {
    prefix: parsed,
    match: asked,
    peer: typeof peer === 'string' ? peer : undefined,
    originAs: typeof origin_as === 'number' ? origin_as : undefined,
    rd: typeof rd === 'string' ? rd : undefined,
  }
}
