// Link-state databases (RFC 2328 sections 12 and 13): LSAs of areas and of whole domains, with their ages. Time is given.
import { type Lsa, lsaName, MAX_AGE, scopeOf, type Version } from './lsa.ts'

/** LSAs that are kept of an area, or of the scope of an AS. */
export const MAX_LSAS_PER_AREA = 200_000
/** LSAs that are kept of all, and their octets: areas are numbered by who sends. */
export const MAX_LSAS = 1_000_000
export const MAX_LSA_OCTETS = 512 * 1024 * 1024
/** Ages that differ by more are of different LSAs (MaxAgeDiff, RFC 2328 appendix B). */
const MAX_AGE_DIFFERENCE = 900
/** An LSA that was flushed is kept so long, so that an older one does not come back. */
const FLUSHED_MS = 60_000
/** Ages are whole seconds. */
const AGE_ERROR_MS = 1000

/** Where an LSA is valid. */
export interface Place {
  readonly version: Version
  readonly instance: number
  /** `0.0.0.1`; empty: in all areas. */
  readonly area: string
}

export interface StoredLsa {
  readonly key: string
  readonly place: Place
  readonly lsa: Lsa
  /** When its age was 0, by what it says; Unix ms. */
  readonly bornMs: number
  /** When it came as one that is flushed, or its age came to the end; else 0. */
  flushedMs: number
}

/** What an LSA is to the one that we have (RFC 2328 section 13.1). */
export type Age = 'newer' | 'same' | 'older'

export const placeKey = ({ version, instance, area }: Place): string => `${version} ${instance} ${area}`

export const lsaKey = (place: Place, { type, id, advertisingRouter }: Lsa): string =>
  `${placeKey(place)} ${type} ${advertisingRouter} ${id}`

/** Where an LSA is valid that came in a packet of this area. */
export const placeOf = (lsa: Lsa, instance: number, area: string): Place => ({
  version: lsa.version,
  instance,
  area: scopeOf(lsa) === 'as' ? '' : area,
})

export class Database {
  readonly lsas = new Map<string, StoredLsa>()
  readonly #sizes = new Map<string, number>()
  #octets = 0

  compare(key: string, lsa: Lsa, nowMs: number): Age {
    const known = this.lsas.get(key)
    if (!known) return 'newer'
    const { sequence, checksum } = known.lsa
    if (lsa.sequence > sequence || isNewLife(known, lsa, nowMs)) return 'newer'
    if (lsa.sequence < sequence) return 'older'
    if (lsa.checksum !== checksum) return lsa.checksum > checksum ? 'newer' : 'older'
    const age = known.flushedMs > 0 ? MAX_AGE : Math.min(MAX_AGE, (nowMs - known.bornMs) / 1000)
    const isFlush = lsa.ageSeconds >= MAX_AGE
    if (isFlush !== age >= MAX_AGE) return isFlush ? 'newer' : 'older'
    if (Math.abs(lsa.ageSeconds - age) <= MAX_AGE_DIFFERENCE) return 'same'
    return lsa.ageSeconds < age ? 'newer' : 'older'
  }

  /** Takes an LSA that is newer; undefined when there is no room. */
  put(key: string, place: Place, lsa: Lsa, nowMs: number): StoredLsa | undefined {
    const known = this.lsas.get(key)
    const where = placeKey(place)
    const size = this.#sizes.get(where) ?? 0
    const octets = this.#octets + lsa.octets.length - (known?.lsa.octets.length ?? 0)
    if (octets > MAX_LSA_OCTETS) return undefined
    if (!known) {
      if (this.lsas.size >= MAX_LSAS || size >= MAX_LSAS_PER_AREA) return undefined
      this.#sizes.set(where, size + 1)
    }
    this.#octets = octets
    const isFlush = lsa.ageSeconds >= MAX_AGE
    const stored = { key, place, lsa, bornMs: nowMs - 1000 * lsa.ageSeconds, flushedMs: isFlush ? nowMs : 0 }
    this.lsas.set(key, stored)
    return stored
  }

  /** Ends LSAs of the largest age, and forgets those that ended long ago. Gives those that ended now. */
  age(nowMs: number): StoredLsa[] {
    const ended: StoredLsa[] = []
    for (const stored of this.lsas.values()) {
      if (stored.flushedMs > 0) {
        if (stored.flushedMs + FLUSHED_MS <= nowMs) this.#forget(stored)
      } else if (!stored.lsa.isAgeless && nowMs - stored.bornMs >= 1000 * MAX_AGE) {
        stored.flushedMs = nowMs
        ended.push(stored)
      }
    }
    return ended
  }

  /** Areas of a version and instance in which LSAs are, AS scope apart. */
  get places(): number {
    return this.#sizes.size
  }

  #forget({ key, place, lsa }: StoredLsa): void {
    this.lsas.delete(key)
    this.#octets -= lsa.octets.length
    const where = placeKey(place)
    const size = (this.#sizes.get(where) ?? 1) - 1
    if (size > 0) this.#sizes.set(where, size)
    else this.#sizes.delete(where)
  }
}

/**
 * Routers forget what was flushed, and begin with the first sequence number again (RFC 2328 section 14). What was made
 * before the flush, and comes late, is older all the same.
 */
const isNewLife = ({ flushedMs }: StoredLsa, { ageSeconds }: Lsa, nowMs: number): boolean =>
  flushedMs > 0 && ageSeconds < MAX_AGE && nowMs - 1000 * ageSeconds > flushedMs - AGE_ERROR_MS

/** `OSPFv2 router LSA 192.0.2.1 of 192.0.2.1`, for reports. */
export const lsaText = (lsa: Lsa): string =>
  `OSPFv${lsa.version} ${lsaName(lsa)} LSA ${lsa.id} of ${lsa.advertisingRouter}`
