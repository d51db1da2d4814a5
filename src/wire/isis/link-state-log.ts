// The link-state database as a log: a record for each node, link, prefix or SID that comes, changes or goes, in the form of
// BGP-LS records (log_type update and withdraw).
import type { NetRecord } from '../../contract/record.ts'
import { Database, lspKey, type StoredLsp } from './database.ts'
import { objectsOf } from './node.ts'
import type { LinkStateObject } from './objects.ts'
import type { Level, Lsp } from './pdu.ts'

export const AFI_LINK_STATE = 16_388
export const SAFI_LINK_STATE = 71

/** What became of an LSP. */
export type Outcome = 'taken' | 'purged' | 'same' | 'older' | 'no-room'

interface Known {
  readonly object: LinkStateObject
  /** Attributes as text, to see a change. */
  readonly text: string
}

export interface LogContext {
  /** Keys of every record, before afi: igp_domain. */
  readonly envelope: NetRecord
  /** Our AS; undefined = IS-IS does not say. */
  readonly localAs: number | undefined
  /** Told of TLVs that do not read well. */
  malformed(lsp: Lsp, type: number): void
}

export class LinkStateLog {
  readonly database = new Database()
  readonly #context: LogContext
  readonly #known = new Map<string, Map<string, Known>>()
  #sequence = 0
  objects = 0

  constructor(context: LogContext) {
    this.#context = context
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

  /** log_init, log_close. */
  marker(event: string, timeUs: number, more: NetRecord = {}): NetRecord {
    return {
      seq: this.#sequence++,
      timestamp: timeUs / 1e6,
      ...this.#context.envelope,
      event_type: event,
      ...more,
    }
  }

  #refresh(level: Level, node: string, timeUs: number, records: NetRecord[]): void {
    const key = lspKey(level, node)
    const before = this.#known.get(key)
    const fragments = this.database.said(level, node)
    const now = objectsOf(fragments, type => this.#context.malformed(fragments[0] as Lsp, type))
    const known = new Map<string, Known>()
    for (const [id, { object }] of before ?? []) {
      if (!now.has(id)) records.push(this.#record('withdraw', object.descriptors, {}, timeUs))
    }
    for (const [id, object] of now) {
      const text = JSON.stringify(object.attributes)
      known.set(id, { object, text })
      if (before?.get(id)?.text !== text) {
        records.push(this.#record('update', object.descriptors, object.attributes, timeUs))
      }
    }
    this.objects += known.size - (before?.size ?? 0)
    if (known.size > 0) this.#known.set(key, known)
    else this.#known.delete(key)
  }

  #record(logType: string, descriptors: NetRecord, attributes: NetRecord, timeUs: number): NetRecord {
    const { envelope, localAs } = this.#context
    const { nlri_type, proto, ...rest } = descriptors
    const asn = localAs === undefined ? {} : { local_asn: localAs }
    return {
      seq: this.#sequence++,
      log_type: logType,
      timestamp: timeUs / 1e6,
      ...envelope,
      event_type: 'log',
      afi: AFI_LINK_STATE,
      safi: SAFI_LINK_STATE,
      ...attributes,
      nlri_type: nlri_type as string,
      proto: proto as string,
      ...asn,
      ...rest,
    }
  }
}
