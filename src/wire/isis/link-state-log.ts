// The link-state database as a log: a record for each node, link, prefix or SID that comes, changes or goes, in the form of
// BGP-LS records (log_type update and withdraw).
import type { NetRecord } from '../../contract/record.ts'
import { type Known, ObjectLog, type ObjectLogContext } from '../igp/object-log.ts'
import { Database, lspKey, type StoredLsp } from './database.ts'
import { objectsOf } from './node.ts'
import type { Level, Lsp } from './pdu.ts'

/** What became of an LSP. */
export type Outcome = 'taken' | 'purged' | 'same' | 'older' | 'no-room'

export interface LogContext extends ObjectLogContext {
  /** Told of TLVs that do not read well. */
  malformed(lsp: Lsp, type: number): void
}

export class LinkStateLog {
  readonly database = new Database()
  readonly #context: LogContext
  readonly #known = new Map<string, Map<string, Known>>()
  readonly #log: ObjectLog

  constructor(context: LogContext) {
    this.#context = context
    this.#log = new ObjectLog(context)
  }

  /** Takes an LSP; `records` gets what changed by it. */
  take(lsp: Lsp, timeUs: number, records: NetRecord[]): Outcome {
    const { level, id } = lsp
    const nowMs = timeUs / 1000
    const age = this.database.compare(level, id, lsp)
    if (age !== 'newer') return age
    const isPurge = lsp.lifetimeSeconds === 0
    if (!this.database.put(lsp, nowMs)) return 'no-room'
    this.#refresh(level, id.slice(0, -3), timeUs, records)
    return isPurge ? 'purged' : 'taken'
  }

  /** Ends lifetimes; gives the LSPs that ended. */
  age(timeUs: number, records: NetRecord[]): StoredLsp[] {
    const ended = this.database.age(timeUs / 1000)
    for (const { level, node } of ended) this.#refresh(level, node, timeUs, records)
    return ended
  }

  get objects(): number {
    return this.#log.size
  }

  /** log_init, log_close. */
  marker(event: string, timeUs: number, more?: NetRecord): NetRecord {
    return this.#log.marker(event, timeUs, more)
  }

  #refresh(level: Level, node: string, timeUs: number, records: NetRecord[]): void {
    const key = lspKey(level, node)
    const before = this.#known.get(key)
    const fragments = this.database.said(level, node)
    const now = objectsOf(fragments, type => this.#context.malformed(fragments[0] as Lsp, type))
    const known = new Map<string, Known>()
    for (const [id, was] of before ?? []) if (!now.has(id)) this.#log.change(was, undefined, timeUs, records)
    for (const [id, object] of now) {
      known.set(id, this.#log.change(before?.get(id), object, timeUs, records) as Known)
    }
    if (known.size > 0) this.#known.set(key, known)
    else this.#known.delete(key)
  }
}
