// Link-state databases of OSPF as a log: a record for each node, link and prefix that comes, changes or goes. An object may
// be said by several LSAs, and an LSA may need another one to be understood.
import type { NetRecord } from '../../contract/record.ts'
import { type Known, ObjectLog, type ObjectLogContext } from '../igp/object-log.ts'
import { keyOf, type LinkStateObject, Objects } from '../igp/objects.ts'
import { Database, lsaKey, type Place, placeKey, placeOf, type StoredLsa } from './database.ts'
import { Facts } from './facts.ts'
import { LSA_HEADER_OCTETS, LSA2, LSA3, type Lsa, scopeOf } from './lsa.ts'
import type { AsbrRoute, ReadLsa, Said, Saying } from './said.ts'
import { READERS_2 } from './version2.ts'
import { READERS_3 } from './version3.ts'

/** What became of an LSA. */
export type Outcome = 'taken' | 'flushed' | 'same' | 'older' | 'no-room' | 'link-scope'

export interface LogContext extends ObjectLogContext {
  /** Told of LSAs that do not read well. */
  malformed(lsa: Lsa, what: string): void
  /** Told when what an LSA says of an object is left out: too many say something of it. */
  crowded(): void
}

/** LSAs that may say something of one object: all are looked at when one changes. */
export const MAX_LSAS_OF_OBJECT = 1024

const READERS = { 2: READERS_2, 3: READERS_3 } as const
const PROTOCOLS = { 2: 'OSPFv2', 3: 'OSPFv3' } as const
/** Instances of OSPFv3 that are of IPv4 (RFC 5838 section 2.1). */
const isIpv4 = ({ version, instance }: Place): boolean => version === 2 || (instance >= 64 && instance < 128)

/** The reader of an LSA; undefined: it says nothing of the topology, or nothing that we know. */
export const readerOf = ({ version, type }: Pick<Lsa, 'version' | 'type'>): ReadLsa | undefined =>
  READERS[version][type]

const networkTopic = (place: Place, address: string): string => `network ${placeKey(place)} ${address}`
const routerTopic = ({ version, instance }: Place, router: string): string => `router ${version} ${instance} ${router}`

export class LinkStateLog {
  readonly database = new Database()
  readonly #context: LogContext
  readonly #log: ObjectLog
  readonly #known = new Map<string, Known>()
  /** What LSAs say of each object, by their keys. */
  readonly #said = new Map<string, Map<string, Saying[]>>()
  /** Objects of which each LSA says something. */
  readonly #objectsOf = new Map<string, Set<string>>()
  readonly #facts = new Facts()

  constructor(context: LogContext) {
    this.#context = context
    this.#log = new ObjectLog(context)
  }

  /** Takes an LSA out of a packet of an area; `records` gets what changed by it. */
  take(lsa: Lsa, instance: number, area: string, timeUs: number, records: NetRecord[]): Outcome {
    const scope = scopeOf(lsa)
    if (scope === 'link' || scope === 'reserved') return 'link-scope'
    const nowMs = timeUs / 1000
    const place = placeOf(lsa, instance, area)
    const key = lsaKey(place, lsa)
    const age = this.database.compare(key, lsa, nowMs)
    if (age !== 'newer') return age
    const before = this.database.lsas.get(key)
    const stored = this.database.put(key, place, lsa, nowMs)
    if (!stored) return 'no-room'
    if (!before || !isSameContent(before, stored)) this.#refresh(stored, timeUs, records)
    return stored.flushedMs > 0 ? 'flushed' : 'taken'
  }

  /** Ends LSAs whose age is the largest; gives them. */
  age(timeUs: number, records: NetRecord[]): StoredLsa[] {
    const ended = this.database.age(timeUs / 1000)
    for (const stored of ended) this.#refresh(stored, timeUs, records)
    return ended
  }

  get objects(): number {
    return this.#log.size
  }

  marker(event: string, timeUs: number, more?: NetRecord): NetRecord {
    return this.#log.marker(event, timeUs, more)
  }

  #refresh(stored: StoredLsa, timeUs: number, records: NetRecord[]): void {
    const { key } = stored
    const touched = new Set(this.#objectsOf.get(key))
    for (const id of touched) this.#said.get(id)?.delete(key)
    const now = new Set<string>()
    for (const saying of this.#sayingsOf(stored)) {
      const id = keyOf(saying.descriptors)
      if (!this.#keep(id, key, saying)) continue
      now.add(id)
      touched.add(id)
    }
    if (now.size > 0) this.#objectsOf.set(key, now)
    else this.#objectsOf.delete(key)
    for (const id of touched) this.#tell(id, timeUs, records)
    for (const other of this.#facts.publish(key, factOf(stored))) {
      const dependent = this.database.lsas.get(other)
      if (dependent && dependent !== stored) this.#refresh(dependent, timeUs, records)
    }
  }

  /** False when too many LSAs say something of the object. */
  #keep(id: string, key: string, saying: Saying): boolean {
    const ofObject = this.#said.get(id) ?? new Map<string, Saying[]>()
    const known = ofObject.get(key)
    if (known) known.push(saying)
    else if (ofObject.size >= MAX_LSAS_OF_OBJECT) this.#context.crowded()
    else this.#said.set(id, ofObject.set(key, [saying]))
    return ofObject.has(key)
  }

  #sayingsOf({ key, place, lsa, flushedMs }: StoredLsa): readonly Saying[] {
    this.#facts.forget(key)
    if (flushedMs > 0) return []
    return sayingsOf(lsa, place, this.#context.malformed, {
      designatedOf: address => this.#facts.ask(key, networkTopic(place, address)).at(-1),
      areasOf: router => this.#facts.ask(key, routerTopic(place, router)),
    })
  }

  /** An object as all LSAs say it now. */
  #tell(id: string, timeUs: number, records: NetRecord[]): void {
    const said = this.#said.get(id)
    if (said?.size === 0) this.#said.delete(id)
    const known = this.#log.change(this.#known.get(id), said && mergedOf(said), timeUs, records)
    if (known) this.#known.set(id, known)
    else this.#known.delete(id)
  }
}

/** The age and the number alone make no other LSA (RFC 2328 section 13.2). */
function isSameContent(before: StoredLsa, after: StoredLsa): boolean {
  const [one, other] = [before.lsa, after.lsa]
  if (before.flushedMs > 0 !== after.flushedMs > 0 || one.options !== other.options) return false
  return Buffer.compare(one.octets.subarray(LSA_HEADER_OCTETS), other.octets.subarray(LSA_HEADER_OCTETS)) === 0
}

/** What others need to know: the designated router of a network, the areas of a router. */
function factOf({ place, lsa, flushedMs }: StoredLsa): readonly [topic: string, value: string] | undefined {
  if (flushedMs > 0) return undefined
  const { version, type, id, advertisingRouter } = lsa
  if (version === 2 && type === LSA2.network) return [networkTopic(place, id), advertisingRouter]
  const isRouter = type === (version === 2 ? LSA2.router : LSA3.router)
  return isRouter ? [routerTopic(place, advertisingRouter), place.area] : undefined
}

/** What an LSA says; `malformed` is told where it does not read well. */
export function sayingsOf(
  lsa: Lsa,
  place: Place,
  malformed: LogContext['malformed'],
  others: Pick<Said, 'designatedOf' | 'areasOf'>,
): readonly Saying[] {
  const { version, instance, area } = place
  const sayings: Saying[] = []
  const protocol = { proto: PROTOCOLS[version], ...(instance === 0 ? {} : { bgp_ls_instance: instance }) }
  const said: Said = { lsa, protocol, area, family: isIpv4(place) ? 4 : 6, sayings, ...others }
  const wrong = readerOf(lsa)?.(said)
  if (wrong !== undefined) malformed(lsa, wrong)
  return sayings
}

/** Undefined: no LSA makes it. */
export function mergedOf(said: ReadonlyMap<string, readonly Saying[]>): LinkStateObject | undefined {
  const all = [...said.keys()].sort().flatMap(key => said.get(key) as Saying[])
  all.sort((one, other) => Number(other.isObject) - Number(one.isObject))
  if (!all[0]?.isObject) return undefined
  const objects = new Objects()
  for (const { descriptors, attributes, metric } of all) objects.add(descriptors, attributes, metric)
  const [object] = objects.finished().values()
  return object && { ...object, attributes: { ...object.attributes, ...ownAttributes(all) } }
}

/** What BGP-LS has no TLVs for. */
function ownAttributes(all: readonly Saying[]): NetRecord {
  const asbrs = all.flatMap(({ asbr }) => (asbr ? [asbr] : [])).sort(byRouter)
  return {
    ...(all.some(({ isStub }) => isStub) ? { attr_ospf_stub: 'true' } : {}),
    ...(asbrs.length > 0 ? { attr_ospf_asbrs: asbrs.map(asbr => ({ ...asbr })) } : {}),
  }
}

const byRouter = (one: AsbrRoute, other: AsbrRoute): number => (one.router < other.router ? -1 : 1)
