// How a circuit keeps our database like its neighbours' (ISO 10589 section 7.3.15): what they have and we lack is asked for,
// what they send on a point-to-point circuit is acknowledged.
import type { StoredLsp } from '../../wire/isis/database.ts'
import { remainingSeconds } from '../../wire/isis/database.ts'
import { entriesOf } from '../../wire/isis/hello.ts'
import type { Outcome } from '../../wire/isis/link-state-log.ts'
import type { Level, Lsp, Snp } from '../../wire/isis/pdu.ts'
import { ENTRIES_PER_TLV, type LspEntry, writeCsnps, writePsnp } from '../../wire/isis/write.ts'
import type { IsisReceiver } from './receiver.ts'

/** What was asked for and did not come is asked for again. */
const ASK_AGAIN_MS = 5000
/** LSPs that are asked for at a time. */
const MAX_WANTED = 50_000
/** Header of a CSNP, LLC, an authentication TLV. */
const OVERHEAD_OCTETS = 33 + 3 + 80
const LARGEST_FRAME_OCTETS = 1500

interface Wanted {
  readonly entry: LspEntry
  askedMs: number
}

export interface SynchronizerContext {
  readonly receiver: IsisReceiver
  readonly systemId: string
  readonly mtu: number
  send(level: Level, pdu: Uint8Array): void
}

const entryOf = (lsp: StoredLsp, nowMs: number): LspEntry => ({
  id: lsp.id,
  sequence: lsp.sequence,
  checksum: lsp.checksum,
  lifetimeSeconds: remainingSeconds(lsp, nowMs),
})

/** One for each level of a circuit. */
export class Synchronizer {
  readonly #context: SynchronizerContext
  readonly #level: Level
  readonly #wanted = new Map<string, Wanted>()
  #acknowledged: LspEntry[] = []

  constructor(context: SynchronizerContext, level: Level) {
    this.#context = context
    this.#level = level
  }

  get wanted(): number {
    return this.#wanted.size
  }

  /** An LSP came over a point-to-point circuit: the neighbour sends it again until it hears of it. */
  acknowledge(lsp: Lsp, outcome: Outcome | undefined, nowMs: number): void {
    if (outcome === 'no-room') return
    const known = this.#context.receiver.log.database.get(this.#level, lsp.id)
    if (known) this.#acknowledged.push(entryOf(known, nowMs))
  }

  /** A sequence number PDU: what is newer there than here is wanted. */
  compare(snp: Snp): void {
    const { database } = this.#context.receiver.log
    for (const entry of entriesOf(snp)) {
      // An empty entry asks for an LSP; a purge of what we do not know is nothing.
      if (entry.sequence === 0 || (entry.lifetimeSeconds === 0 && !database.get(this.#level, entry.id))) continue
      if (database.compare(this.#level, entry.id, entry) !== 'newer' || this.#wanted.size >= MAX_WANTED) continue
      const askedMs = this.#wanted.get(entry.id)?.askedMs ?? 0
      this.#wanted.set(entry.id, { entry, askedMs })
    }
  }

  /** Sends what is to be said: acknowledgements, and requests that are due. */
  flush(nowMs: number): void {
    const entries = this.#acknowledged
    this.#acknowledged = []
    const { database } = this.#context.receiver.log
    for (const [id, wanted] of this.#wanted) {
      if (database.compare(this.#level, id, wanted.entry) !== 'newer') this.#wanted.delete(id)
      else if (nowMs >= wanted.askedMs + ASK_AGAIN_MS) {
        wanted.askedMs = nowMs
        entries.push({ ...wanted.entry, sequence: 0, checksum: 0 })
      }
    }
    const most = this.#most()
    for (let at = 0; at < entries.length; at += most) {
      const { systemId, send } = this.#context
      send(this.#level, writePsnp(this.#level, systemId, entries.slice(at, at + most), this.#key()))
    }
  }

  /** All that we have, so that the neighbour sends the rest. */
  describe(nowMs: number): void {
    const { receiver, systemId, send } = this.#context
    const entries = receiver.log.database.ofLevel(this.#level).map(lsp => entryOf(lsp, nowMs))
    for (const pdu of writeCsnps(this.#level, systemId, entries, this.#most(), this.#key())) send(this.#level, pdu)
  }

  /** The adjacency is gone, and what it was asked for. */
  clear(): void {
    this.#wanted.clear()
    this.#acknowledged = []
  }

  #key() {
    return this.#context.receiver.keys?.of(this.#level === 1 ? 'level-1' : 'level-2')[0]
  }

  /** Entries of a PDU that fits into a frame. */
  #most(): number {
    const octets = Math.min(this.#context.mtu, LARGEST_FRAME_OCTETS) - OVERHEAD_OCTETS
    return Math.max(1, Math.floor(octets / (2 + 16 * ENTRIES_PER_TLV))) * ENTRIES_PER_TLV
  }
}
