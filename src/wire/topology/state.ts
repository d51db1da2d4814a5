// The topology that a stream of link-state records makes: log or dump, of BGP-LS, IS-IS or OSPF.
import type { NetRecord } from '../../contract/record.ts'
import { attributesOf, descriptorsOf } from './object.ts'

/** Nodes, links, prefixes and SIDs that are kept. */
export const MAX_OBJECTS = 2_000_000

export interface TopologyObject {
  readonly descriptors: NetRecord
  attributes: NetRecord
  /** Who told it: the object goes when nobody is left. */
  readonly sessions: Set<string>
}

const OPENS: ReadonlySet<unknown> = new Set(['log_init', 'dump_init'])
const GOES: ReadonlySet<unknown> = new Set(['withdraw', 'delete'])

export class TopologyState {
  readonly objects = new Map<string, TopologyObject>()
  /** Grows with every change. */
  version = 0
  hasEndOfRib = false
  dumpsEnded = 0
  /**
   * Sessions whose end was the last that was heard: the end of a collector closes all, and the topology is then the one
   * before.
   */
  readonly #closing = new Set<string>()

  /** Why the record was dropped; undefined when it was not. */
  apply(record: NetRecord): string | undefined {
    const { event_type: event, log_type: logType } = record
    const session = `${record.igp_domain ?? record.peer_ip_src} ${record.peer_tcp_port ?? ''}`
    if (event === 'log_close') {
      this.#closing.add(session)
      return undefined
    }
    if (this.#closing.size > 0) this.settle()
    if (OPENS.has(event)) this.#close(session)
    if (event === 'dump_close') this.dumpsEnded++
    if (logType === 'end-of-rib') this.hasEndOfRib = true
    const descriptors = descriptorsOf(record)
    if (!descriptors)
      return OPENS.has(event) || event === 'dump_close' || logType === 'end-of-rib' ? undefined : 'no-link-state'
    const key = JSON.stringify(descriptors)
    if (GOES.has(logType)) this.#remove(key, session)
    else return this.#put(key, session, descriptors, attributesOf(record))
    return undefined
  }

  /** What closed is gone: something came after it. */
  settle(): void {
    for (const session of this.#closing) this.#close(session)
    this.#closing.clear()
  }

  #put(key: string, session: string, descriptors: NetRecord, attributes: NetRecord): string | undefined {
    const known = this.objects.get(key)
    if (known) {
      known.sessions.add(session)
      known.attributes = attributes
    } else if (this.objects.size >= MAX_OBJECTS) return 'table-full'
    else this.objects.set(key, { descriptors, attributes, sessions: new Set([session]) })
    this.version++
    return undefined
  }

  #remove(key: string, session: string): void {
    const known = this.objects.get(key)
    if (!known?.sessions.delete(session)) return
    if (known.sessions.size === 0) this.objects.delete(key)
    this.version++
  }

  #close(session: string): void {
    for (const [key, { sessions }] of this.objects) if (sessions.has(session)) this.#remove(key, session)
  }
}
