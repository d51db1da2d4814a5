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
  /** As it came, whatever of it is shown; empty where no field of the RPKI is wanted. */
  readonly wholePath: readonly Value[]
  readonly comms: Value[] | undefined
  readonly ecomms: Value[] | undefined
  readonly lcomms: Value[] | undefined
  readonly localPref: number | undefined
  readonly med: number | undefined
  readonly nextHop: RouteNextHop
  readonly isBlackhole: boolean
  /** For choosing among paths: the router says that it is the best, how many hops, which origin (0 IGP, 1 EGP, 2 incomplete). */
  readonly isBest: boolean
  readonly hops: number
  readonly origin: number
}

export interface RouteNextHop {
  /** 0 = none. An IPv4 address in an IPv6 one (::ffff:0:0/96) is IPv4. */
  readonly family: number
  readonly words: Uint32Array
  readonly text: string
}

/** Whether a field is wanted: lists that nobody reads are not kept. */
export type IsWanted = (field: string) => boolean

/** Attributes kept ready of one table: as many as a full table has. */
const MAX_INFOS = 262_144
/** Next hops kept ready. */
const MAX_NEXT_HOPS = 100_000

export class RouteInfos {
  readonly #rib: Rib
  readonly #conditioning: Conditioning
  readonly #isWanted: IsWanted
  readonly #nextHops = new Map<string, RouteNextHop>()
  #infos: (RouteInfo | undefined)[] = []
  #held: number[] = []

  constructor(rib: Rib, conditioning: Conditioning, isWanted: IsWanted) {
    this.#rib = rib
    this.#conditioning = conditioning
    this.#isWanted = isWanted
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
    const record = parsedRecord(`{${decoder.decode(texts.octets(attributes))}}`) ?? {}
    const info = routeInfo(record, this.#conditioning, this.#isWanted, this.#nextHop(record.bgp_nexthop))
    // The id must not become another text's while it stands here.
    texts.retain(attributes)
    this.#held.push(attributes)
    this.#infos[attributes] = info
    return info
  }

  #nextHop(text: Value | undefined): RouteNextHop {
    if (typeof text !== 'string') return NO_NEXT_HOP
    let hop = this.#nextHops.get(text)
    if (!hop) {
      const words = new Uint32Array(4)
      hop = { family: readAddress(text, words), words, text }
      if (this.#nextHops.size >= MAX_NEXT_HOPS) this.#nextHops.clear()
      this.#nextHops.set(text, hop)
    }
    return hop
  }
}

const decoder = new TextDecoder()
const ORIGINS: { readonly [origin: string]: number } = { i: 0, e: 1, u: 2 }
const BEST = /^best$/i
/** Fields that are made of the whole path. */
const RPKI_FIELDS = ['roa_src', 'roa_dst', 'aspa_src', 'aspa_dst']
const NO_PATH: readonly Value[] = []
const NO_NEXT_HOP: RouteNextHop = { family: 0, words: new Uint32Array(4), text: '' }

export function routeInfo(
  record: NetRecord,
  conditioning: Conditioning,
  isWanted: IsWanted,
  nextHop: RouteNextHop,
): RouteInfo {
  const path = listOf(record.as_path, asItem)
  const comms = listOf(record.comms)
  const lcomms = listOf(record.lcomms)
  const given = ends(path, conditioning.skipSubAs)
  const found = given.origin === 0 ? patternAs(conditioning, comms, lcomms) : undefined
  const kept = (field: string, list: Value[] | undefined) =>
    list && (isWanted(field) || isWanted(`${field}_src`)) ? list : undefined
  return {
    originAs: found?.originAs ?? (given.origin || conditioning.ownAs),
    firstAs: found?.peerAs ?? given.first,
    asPath: kept('as_path', shortened(path, conditioning.radius)),
    wholePath: RPKI_FIELDS.some(isWanted) ? (path ?? NO_PATH) : NO_PATH,
    comms: kept('comms', conditionComms(comms, conditioning.comms)),
    ecomms: kept('ecomms', conditionComms(listOf(record.ecomms), conditioning.ecomms)),
    lcomms: kept('lcomms', conditionComms(lcomms, conditioning.lcomms)),
    localPref: number(record.local_pref),
    med: number(record.med),
    nextHop,
    isBlackhole:
      conditioning.blackhole.size > 0 && (comms?.some(one => conditioning.blackhole.has(String(one))) ?? false),
    isBest: listOf(record.path_status)?.some(status => BEST.test(String(status))) ?? false,
    hops: path?.length ?? 0,
    origin: ORIGINS[String(record.origin)] ?? 3,
  }
}

const DEFAULT_LOCAL_PREF = 100

/** Whether the first of two paths is the better one (RFC 4271 section 9.1.2.2, as far as a collector can see). */
export function isBetterPath(a: RouteInfo, b: RouteInfo): boolean {
  if (a.isBest !== b.isBest) return a.isBest
  const preference = (a.localPref ?? DEFAULT_LOCAL_PREF) - (b.localPref ?? DEFAULT_LOCAL_PREF)
  if (preference !== 0) return preference > 0
  if (a.hops !== b.hops) return a.hops < b.hops
  if (a.origin !== b.origin) return a.origin < b.origin
  return (a.med ?? 0) < (b.med ?? 0)
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
