// What a route says, read once for all routes with the same attributes.
import type { NetRecord, Value } from '../../contract/record.ts'
import { parseDotted, parseIpv6 } from '../../octets/address.ts'
import { parsedRecord } from '../../stream/json.ts'
import type { Rib } from '../../wire/rib/rib.ts'
import { type Conditioning, conditionComms, patternAs, shortened } from './conditioning.ts'

export interface RouteInfo {
  /** 0 = the path is empty. */
  readonly originAs: number
  readonly firstAs: number
  /** undefined = empty. */
  readonly asPath: Value[] | undefined
  /** As it came, whatever of it is shown. */
  readonly wholePath: readonly Value[]
  readonly comms: Value[] | undefined
  readonly ecomms: Value[] | undefined
  readonly lcomms: Value[] | undefined
  readonly localPref: number | undefined
  readonly med: number | undefined
  /** 0 = none. An IPv4 next hop in an IPv6 address (::ffff:0:0/96) is IPv4. */
  readonly nextHopFamily: number
  readonly nextHop: Uint32Array
  readonly nextHopText: string
  readonly isBlackhole: boolean
  /** For choosing among paths: marked as best, local preference, hops, origin, MED. */
  readonly preference: readonly number[]
}

/** Attributes kept ready of one table. */
const MAX_INFOS = 200_000

export class RouteInfos {
  readonly #rib: Rib
  readonly #conditioning: Conditioning
  #infos: (RouteInfo | undefined)[] = []
  #held: number[] = []

  constructor(rib: Rib, conditioning: Conditioning) {
    this.#rib = rib
    this.#conditioning = conditioning
  }

  /** What a route of the table says. */
  of(route: number): RouteInfo {
    const attributes = this.#rib.table.attributes(route)
    return this.#infos[attributes] ?? this.#read(attributes)
  }

  #read(attributes: number): RouteInfo {
    const { texts } = this.#rib.table
    if (this.#held.length >= MAX_INFOS) {
      for (const id of this.#held) texts.release(id)
      this.#held = []
      this.#infos = []
    }
    const info = routeInfo(parsedRecord(`{${decoder.decode(texts.octets(attributes))}}`) ?? {}, this.#conditioning)
    // The id must not become another text's while it stands here.
    texts.retain(attributes)
    this.#held.push(attributes)
    this.#infos[attributes] = info
    return info
  }
}

const decoder = new TextDecoder()
const ORIGINS: { readonly [origin: string]: number } = { i: 0, e: 1, u: 2 }
const BEST = /^best$/i

export function routeInfo(record: NetRecord, conditioning: Conditioning): RouteInfo {
  const path = listOf(record.as_path, asItem)
  const comms = listOf(record.comms)
  const lcomms = listOf(record.lcomms)
  const nextHop = new Uint32Array(4)
  const nextHopFamily = readAddress(record.bgp_nexthop, nextHop)
  const given = ends(path, conditioning.skipSubAs)
  const found = given.origin === 0 ? patternAs(conditioning, comms, lcomms) : undefined
  const localPref = number(record.local_pref)
  const isBest = listOf(record.path_status)?.some(status => BEST.test(String(status))) ?? false
  return {
    originAs: found?.originAs ?? (given.origin || conditioning.ownAs),
    firstAs: found?.peerAs ?? given.first,
    asPath: shortened(path, conditioning.radius),
    wholePath: path ?? [],
    comms: conditionComms(comms, conditioning.comms),
    ecomms: conditionComms(listOf(record.ecomms), conditioning.ecomms),
    lcomms: conditionComms(lcomms, conditioning.lcomms),
    localPref,
    med: number(record.med),
    nextHopFamily,
    nextHop,
    nextHopText: typeof record.bgp_nexthop === 'string' ? record.bgp_nexthop : '',
    isBlackhole:
      conditioning.blackhole.size > 0 && (comms?.some(one => conditioning.blackhole.has(String(one))) ?? false),
    preference: [
      isBest ? 1 : 0,
      localPref ?? 100,
      -(path?.length ?? 0),
      -(ORIGINS[String(record.origin)] ?? 3),
      -(number(record.med) ?? 0),
    ],
  }
}

const number = (value: Value | undefined): number | undefined => (typeof value === 'number' ? value : undefined)

const asItem = (word: string): Value => (/^\d{1,10}$/.test(word) ? Number(word) : word)

/** A path as it is, or pmacct's text of one. */
export const pathOf = (value: Value | undefined): readonly Value[] => listOf(value, asItem) ?? []

/** A list as it is, or pmacct's text of one: words with blanks or _ between, brackets closed. */
function listOf(value: Value | undefined, item: (word: string) => Value = word => word): Value[] | undefined {
  if (Array.isArray(value)) {
    if (value.length === 0) return undefined
    return value.map(one => (typeof one === 'string' ? item(one) : one))
  }
  if (typeof value === 'number') return [value]
  if (typeof value !== 'string' || value === '') return undefined
  const words = value.match(/\([^)]*\)|\{[^}]*\}|\[[^\]]*\]|[^\s_]+/g)
  return words ? words.map(item) : undefined
}

/** First and last AS of a path; of a set its last. Confederation segments are no AS where sub-ASes are skipped. */
function ends(path: readonly Value[] | undefined, skipSubAs: boolean): { first: number; origin: number } {
  const items = path?.filter(item => !(skipSubAs && /^[([]/.test(String(item)))) ?? []
  const numbers = (item: Value | undefined) =>
    String(item ?? '')
      .match(/\d+/g)
      ?.map(Number) ?? []
  return { first: numbers(items[0])[0] ?? 0, origin: numbers(items.at(-1)).at(-1) ?? 0 }
}

/** Family 4 or 6, 0 = no address. */
export function readAddress(value: Value | undefined, into: Uint32Array): number {
  if (typeof value !== 'string') return 0
  const ipv4 = parseDotted(value)
  into.fill(0)
  if (ipv4 >= 0) {
    into[0] = ipv4
    return 4
  }
  if (!parseIpv6(value, into, 0)) return 0
  if (into[0] !== 0 || into[1] !== 0 || into[2] !== 0xffff) return 6
  into[0] = into[3] as number
  into[2] = into[3] = 0
  return 4
}
