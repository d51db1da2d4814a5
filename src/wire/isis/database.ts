// The link-state database (ISO 10589 section 7.3): LSPs by level and id, with their age. Time is given.
import type { Level, Lsp } from './pdu.ts'

/** LSPs that are kept. */
export const MAX_LSPS = 200_000
/** An LSP whose lifetime ended is kept so long, so that an older one does not come back (ZeroAgeLifetime). */
const ZERO_AGE_MS = 60_000

export interface StoredLsp {
  readonly level: Level
  readonly id: string
  /** `0000.0000.0001.00`: its system and pseudonode. */
  readonly node: string
  readonly sequence: number
  readonly checksum: number
  /** When its lifetime ends or ended, Unix ms. */
  readonly expiresMs: number
  isPurged: boolean
  readonly pdu: Lsp
}

/** What an LSP, or an entry of a sequence number PDU, is to what we have. */
export type Age = 'newer' | 'same' | 'older'

export interface Version {
  readonly sequence: number
  readonly checksum: number
  readonly lifetimeSeconds: number
}

export const lspKey = (level: Level, id: string): string => `${level} ${id}`
export const nodeOf = (id: string): string => id.slice(0, -3)
export const fragmentOf = (id: string): number => Number.parseInt(id.slice(-2), 16)

export class Database {
  readonly lsps = new Map<string, StoredLsp>()
  /** Fragments of each node, by level and node. */
  readonly #fragments = new Map<string, Set<string>>()

  get(level: Level, id: string): StoredLsp | undefined {
    return this.lsps.get(lspKey(level, id))
  }

  /** ISO 10589 section 7.3.16. Other content under the same number counts as newer: one of both is false, and a purge follows. */
  compare(level: Level, id: string, version: Version): Age {
    const known = this.get(level, id)
    if (!known) return 'newer'
    if (version.sequence !== known.sequence) return version.sequence > known.sequence ? 'newer' : 'older'
    if ((version.lifetimeSeconds === 0) !== known.isPurged) return known.isPurged ? 'older' : 'newer'
    return version.checksum === known.checksum || known.isPurged ? 'same' : 'newer'
  }

  /** Takes an LSP that is newer; false when there is no room. */
  put(pdu: Lsp, nowMs: number): boolean {
    const { level, id, sequence, checksum, lifetimeSeconds } = pdu
    const key = lspKey(level, id)
    if (!this.lsps.has(key) && this.lsps.size >= MAX_LSPS) return false
    const node = nodeOf(id)
    const expiresMs = nowMs + 1000 * lifetimeSeconds
    const isPurged = lifetimeSeconds === 0
    this.lsps.set(key, { level, id, node, sequence, checksum, expiresMs, isPurged, pdu })
    const nodeKey = lspKey(level, node)
    const fragments = this.#fragments.get(nodeKey)
    if (fragments) fragments.add(key)
    else this.#fragments.set(nodeKey, new Set([key]))
    return true
  }

  /** Ends lifetimes, and forgets LSPs that ended long ago. Gives those whose lifetime ended now. */
  age(nowMs: number): StoredLsp[] {
    const ended: StoredLsp[] = []
    for (const [key, lsp] of this.lsps) {
      if (lsp.expiresMs > nowMs) continue
      if (!lsp.isPurged) {
        lsp.isPurged = true
        ended.push(lsp)
      } else if (lsp.expiresMs + ZERO_AGE_MS <= nowMs) this.#forget(key, lsp)
    }
    return ended
  }

  #forget(key: string, { level, node }: StoredLsp): void {
    this.lsps.delete(key)
    const nodeKey = lspKey(level, node)
    const fragments = this.#fragments.get(nodeKey)
    fragments?.delete(key)
    if (fragments?.size === 0) this.#fragments.delete(nodeKey)
  }

  /** What a node says: its fragments in order. None when its fragment 0 is not there (section 7.2.5). */
  said(level: Level, node: string): Lsp[] {
    const keys = this.#fragments.get(lspKey(level, node)) ?? []
    const fragments = [...keys]
      .map(key => this.lsps.get(key) as StoredLsp)
      .filter(({ isPurged }) => !isPurged)
      .sort((one, other) => fragmentOf(one.id) - fragmentOf(other.id))
    const first = fragments[0]
    return first && fragmentOf(first.id) === 0 ? fragments.map(({ pdu }) => pdu) : []
  }

  /** All of a level, by id. */
  ofLevel(level: Level): StoredLsp[] {
    return [...this.lsps.values()]
      .filter(lsp => lsp.level === level)
      .sort((one, other) => (one.id < other.id ? -1 : one.id > other.id ? 1 : 0))
  }
}

/** Seconds that are left of an LSP's life; 0 = purged. */
export const remainingSeconds = ({ isPurged, expiresMs }: StoredLsp, nowMs: number): number =>
  isPurged ? 0 : Math.max(1, Math.ceil((expiresMs - nowMs) / 1000))
