// Where addresses are, and whose they are, by MaxMind DB files: both ends of flows.
import type { Host } from '../../contract/host.ts'
import { isProblem, type Problem } from '../../contract/problem.ts'
import type { AddressColumn, NumberColumn, ValueColumn } from '../../fields/column.ts'
import { dotted, ipv6Text } from '../../octets/address.ts'
import type { Resolve, Resolver } from './resolver.ts'

/** What a file says of an address: the object that it has, undefined = none. */
export interface GeoFile {
  readonly path: string
  get(address: string): unknown
}

export interface GeoSource {
  readonly file: GeoFile
  /** The file as it is now. */
  readonly read: () => Promise<GeoFile | Problem>
}

/** Addresses whose answers are kept: the talkers of some minutes. */
const MAX_KEPT = 100_000

type Json = { readonly [name: string]: unknown }
type Fact = 'country' | 'pocode' | 'city' | 'lat' | 'lon' | 'asn' | 'as_name'
type Facts = { [fact in Fact]?: string | number }

/** Field of a fact: `country_ip_src`. */
export const GEO_FACTS: readonly Fact[] = ['country', 'pocode', 'city', 'lat', 'lon', 'asn', 'as_name']
const NUMBERS: ReadonlySet<Fact> = new Set(['lat', 'lon', 'asn'])
const ENDS = ['src', 'dst'] as const

const objectAt = (value: unknown, name: string): Json => {
  const inner = typeof value === 'object' && value !== null ? (value as Json)[name] : undefined
  return typeof inner === 'object' && inner !== null ? (inner as Json) : {}
}
const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)
const number = (value: unknown): number | undefined => {
  const found =
    typeof value === 'string' && /^(AS)?-?\d+(\.\d+)?$/.test(value) ? Number(value.replace('AS', '')) : value
  return typeof found === 'number' && Number.isFinite(found) ? found : undefined
}

/** Where files have the facts: MaxMind and DB-IP, then the flat form of IPinfo. */
const READERS: { readonly [fact in Fact]: (entry: Json) => string | number | undefined } = {
  country: entry =>
    text(objectAt(entry, 'country').iso_code) ??
    text(objectAt(entry, 'registered_country').iso_code) ??
    text(entry.country_code) ??
    text(entry.country),
  pocode: entry => text(objectAt(entry, 'postal').code) ?? text(entry.postal_code),
  city: entry => text(objectAt(objectAt(entry, 'city'), 'names').en) ?? text(entry.city),
  lat: entry => number(objectAt(entry, 'location').latitude) ?? number(entry.lat),
  lon: entry => number(objectAt(entry, 'location').longitude) ?? number(entry.lng),
  asn: entry => number(entry.autonomous_system_number) ?? number(entry.asn),
  as_name: entry => text(entry.autonomous_system_organization) ?? text(entry.as_name),
}

/** Answers of several files: of each fact that of the first which has it. */
export class GeoLookup {
  readonly #sources: readonly GeoSource[]
  #files: GeoFile[]
  /** By address: a number is IPv4. */
  readonly #kept = new Map<number | string, Facts>()
  readonly #facts: readonly Fact[]

  constructor(sources: readonly GeoSource[], facts: readonly Fact[]) {
    this.#sources = sources
    this.#files = sources.map(({ file }) => file)
    this.#facts = facts
  }

  /** IPv4. */
  of4(address: number): Facts {
    return this.#kept.get(address) ?? this.#keep(address, dotted(address))
  }

  of6(a: number, b: number, c: number, d: number): Facts {
    const address = ipv6Text(a, b, c, d)
    return this.#kept.get(address) ?? this.#keep(address, address)
  }

  #keep(key: number | string, address: string): Facts {
    const facts: Facts = {}
    for (const file of this.#files) {
      const entry = file.get(address)
      if (typeof entry !== 'object' || entry === null) continue
      for (const fact of this.#facts) {
        const value = facts[fact] ?? READERS[fact](entry as Json)
        if (value !== undefined) facts[fact] = value
      }
    }
    if (this.#kept.size >= MAX_KEPT) this.#kept.clear()
    this.#kept.set(key, facts)
    return facts
  }

  async reload(host: Host): Promise<void> {
    for (const [index, { read }] of this.#sources.entries()) {
      const file = await read()
      if (isProblem(file)) {
        host.count('maps/refused')
        host.report({ ...file, hint: 'what was read before stays in force' })
        continue
      }
      if (file === this.#files[index]) continue
      this.#files[index] = file as GeoFile
      this.#kept.clear()
      host.count('maps/reloaded')
    }
  }
}

interface Target {
  readonly fact: Fact
  readonly place: number
}

/** `isWanted` says which fields are looked at downstream. */
export function geoipResolver(sources: readonly GeoSource[], isWanted: (field: string) => boolean): Resolver {
  const facts = (end: string) => GEO_FACTS.filter(fact => isWanted(`${fact}_ip_${end}`))
  const lookup = new GeoLookup(sources, [...new Set(ENDS.flatMap(facts))])
  return {
    reads: ENDS.filter(end => facts(end).length > 0).map(end => `ip_${end}`),
    fills: ENDS.flatMap(end => facts(end).map(fact => `${fact}_ip_${end}`)),
    bind(placeOf): Resolve {
      const ends = ENDS.filter(end => facts(end).length > 0).map(end => ({
        from: placeOf(`ip_${end}`),
        targets: facts(end).map((fact): Target => ({ fact, place: placeOf(`${fact}_ip_${end}`) })),
      }))
      return (columns, rows, from, to) => {
        for (const { from: place, targets } of ends) {
          const { words, family } = columns[place] as AddressColumn
          for (let index = from; index < to; index++) {
            const row = rows[index] as number
            const found = factsOf(lookup, words, 4 * row, family[row] as number)
            if (!found) continue
            for (const { fact, place: target } of targets) {
              const value = found[fact]
              if (value === undefined) continue
              if (NUMBERS.has(fact)) (columns[target] as NumberColumn).numbers[row] = value as number
              else (columns[target] as ValueColumn).values[row] = value
            }
          }
        }
      }
    },
    reload: host => lookup.reload(host),
  }
}

function factsOf(lookup: GeoLookup, words: Uint32Array, at: number, family: number): Facts | undefined {
  if (family === 4) return lookup.of4(words[at] as number)
  if (family !== 6) return undefined
  const word = (index: number) => words[at + index] as number
  return lookup.of6(word(0), word(1), word(2), word(3))
}
