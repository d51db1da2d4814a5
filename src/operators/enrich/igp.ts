// Prefixes of the IGP, as BGP-LS announces them (RFC 9552 section 5.2.3), isis-recv or ospf-read: for `--net igp`.
import type { NetRecord, Stream } from '../../contract/record.ts'
import { type Prefix, parsePrefix, prefixText } from '../../lookup/prefix.ts'
import { PrefixTree } from '../../lookup/prefix-tree.ts'
import type { TopologyState } from '../../wire/topology/state.ts'
import { type BothMatches, ENDS } from './matches.ts'
import type { Resolver } from './resolver.ts'
import { RecordTable, Side, type WaitFor } from './side.ts'

/** Announcements that are kept: prefixes times the nodes that announce them. */
const MAX_ANNOUNCEMENTS = 1_000_000

/** Who announces a prefix: session, protocol and node. */
const IDENTITY = [
  'igp_domain',
  'peer_ip_src',
  'peer_tcp_port',
  'nlri_type',
  'proto',
  'bgp_ls_instance',
  'local_area_id',
  'local_igp_rtr_id',
  'multi_topology_ids',
  'ospf_route_type',
  'rd',
  'ip_reach',
]

export class IgpPrefixes extends RecordTable {
  readonly side: Side
  readonly topology: TopologyState | undefined
  readonly tree = new PrefixTree()
  /** Announcement -> session and prefix. */
  readonly #announced = new Map<string, { session: string; prefix: Prefix }>()
  /** How often each prefix is announced. */
  readonly #uses = new Map<string, number>()
  readonly #count: (name: string, by?: number) => void
  #hasEndOfRib = false
  #hasDump = false

  /** `topology` keeps all that is said, for paths through it. */
  constructor(stream: Stream, count: (name: string, by?: number) => void, topology?: TopologyState) {
    super()
    this.topology = topology
    this.#count = count
    this.side = new Side(stream, this)
  }

  apply(record: NetRecord): void {
    const session = `${record.igp_domain ?? record.peer_ip_src} ${record.peer_tcp_port ?? ''}`
    this.topology?.apply(record)
    if (record.event_type === 'log_close') this.topology?.settle()
    const { event_type, log_type, ip_reach } = record
    if (event_type === 'log_init' || event_type === 'log_close' || event_type === 'dump_init') this.#close(session)
    if (log_type === 'end-of-rib') this.#hasEndOfRib = true
    if (event_type === 'dump_close') this.#hasDump = true
    const prefix = typeof ip_reach === 'string' ? parsePrefix(ip_reach) : undefined
    if (!prefix) return
    const key = JSON.stringify(IDENTITY.map(name => record[name] ?? null))
    if (log_type === 'withdraw' || log_type === 'delete') this.#remove(key)
    else this.#add(key, session, prefix)
  }

  isComplete(what: WaitFor, pastDump: boolean): boolean {
    return what === 'eor' ? this.#hasEndOfRib : what === 'dump' && this.#hasDump && pastDump
  }

  #add(key: string, session: string, prefix: Prefix): void {
    if (this.#announced.has(key)) return
    if (this.#announced.size >= MAX_ANNOUNCEMENTS) {
      this.#count('dropped/table-full')
      return
    }
    this.#announced.set(key, { session, prefix })
    const text = prefixText(prefix)
    this.#uses.set(text, (this.#uses.get(text) ?? 0) + 1)
    this.tree.insert(prefix, prefix.length)
  }

  #remove(key: string): void {
    const known = this.#announced.get(key)
    if (!known) return
    this.#announced.delete(key)
    const text = prefixText(known.prefix)
    const uses = (this.#uses.get(text) ?? 1) - 1
    if (uses > 0) this.#uses.set(text, uses)
    else {
      this.#uses.delete(text)
      this.tree.remove(known.prefix)
    }
  }

  #close(session: string): void {
    for (const [key, known] of this.#announced) if (known.session === session) this.#remove(key)
  }
}

export function igpResolver(sources: readonly IgpPrefixes[], matches: BothMatches): Resolver {
  return {
    reads: [],
    fills: [],
    bind: () => (_columns, rows, from, to) => {
      for (let index = from; index < to; index++) {
        const row = rows[index] as number
        for (const end of ENDS) {
          const { words, family, igpLength } = matches[end]
          const at = 4 * row
          const [a, b, c, d] = [words[at], words[at + 1], words[at + 2], words[at + 3]] as [
            number,
            number,
            number,
            number,
          ]
          let longest = -1
          for (const { tree } of sources) {
            const length = family[row] === 4 ? tree.lookup4(a) : family[row] === 6 ? tree.lookup6(a, b, c, d) : -1
            longest = Math.max(longest, length)
          }
          igpLength[row] = longest
        }
      }
    },
  }
}
