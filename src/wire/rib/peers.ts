// Who announces: sessions (a BGP peer, or a router that speaks BMP) and the peers whose tables a session brings.
import type { NetRecord, Value } from '../../contract/record.ts'
import { OctetStore } from '../../lookup/octet-store.ts'
import { parsedRecord } from '../../stream/json.ts'
import type { Gather } from './gather.ts'

/** Peers and tables that are known at a time; routes of more are dropped and counted. */
export const MAX_PEERS = 100_000
/** Events that a session has kept for dumps: peer up, peer down, statistics. */
const MAX_EVENTS = 10_000

export interface Peer {
  readonly id: number
  readonly session: Session
  /** Its members, as the records have them. */
  record: NetRecord
  /** The members as octets of JSON, without braces. */
  octets: Uint8Array
  /** It has said that all its routes have come (RFC 4724), in at least one family. */
  isComplete: boolean
}

export interface Session {
  readonly key: string
  readonly isBmp: boolean
  /** peer_ip_src, or bmp_router. */
  readonly address: Value | undefined
  /** What names it in dump_init: address and port. */
  readonly names: NetRecord
  /** log_init, or what else was first heard of it. */
  opened: NetRecord
  readonly peers: Set<Peer>
  /** The last of each kind, by what tells them apart. */
  readonly events: Map<string, NetRecord>
  /** Dumps of it that began and that ended. */
  dumpsBegun: number
  dumpsEnded: number
  /** It came from a dump: the first session from its address replaces it. */
  restored: boolean
}

/** What tells peers apart; the other members only describe them. */
const IDENTITY = [
  'peer_ip_src',
  'peer_tcp_port',
  'igp_domain',
  'bmp_router',
  'bmp_router_port',
  'peer_ip',
  'bmp_rib_type',
  'is_filtered',
  'is_in',
  'is_post',
  'is_loc',
  'is_out',
  'pd',
]

const keyOf = (record: NetRecord, names: readonly string[]): string =>
  JSON.stringify(names.map(name => record[name] ?? null))

/** Sessions of BGP, and databases of IS-IS. */
const BGP_NAMES = ['peer_ip_src', 'peer_tcp_port', 'igp_domain']
/** What names who announces: a record without any is of nobody. */
export const SPEAKER_NAMES = ['peer_ip_src', 'bmp_router', 'igp_domain'] as const
const BMP_NAMES = ['bmp_router', 'bmp_router_port']

export class Peers {
  /** In the order in which they came. */
  readonly sessions = new Map<string, Session>()
  /** Grows when a session or peer comes or goes. */
  version = 0
  /** Whether what comes now is a dump being read back. */
  restoring = false
  readonly #byId: (Peer | undefined)[] = []
  readonly #free: number[] = []
  readonly #byKey = new Map<string, Peer>()
  /** Texts of members -> peer, so that members are parsed once. */
  #texts = new OctetStore()
  #byText: (Peer | undefined)[] = []
  #last: Peer | undefined

  get count(): number {
    return this.#byKey.size
  }

  get(id: number): Peer | undefined {
    return this.#byId[id]
  }

  /** The peer that the members name; undefined when they name none, or one too many. */
  of(members: Gather): Peer | undefined {
    if (this.#last && members.equals(this.#last.octets)) return this.#last
    if (members.isEmpty) return undefined
    if (this.#texts.count >= 2 * MAX_PEERS) this.#forgetTexts()
    const text = this.#texts.intern(members.octets, members.view, members.from, members.to)
    if (text < 0) return undefined
    const peer = this.#byText[text] ?? this.#make(members)
    if (!peer) return undefined
    this.#byText[text] = peer
    this.#last = peer
    return peer
  }

  #forgetTexts(): void {
    this.#texts = new OctetStore()
    this.#byText = []
  }

  #make(members: Gather): Peer | undefined {
    const record = parsedRecord(`{${members.text}}`)
    if (!record) return undefined
    const key = keyOf(record, IDENTITY)
    // A copy: slice() of a Buffer is none.
    const octets = new Uint8Array(members.octets.subarray(members.from, members.to))
    const known = this.#byKey.get(key)
    if (known) {
      known.record = record
      known.octets = octets
      return known
    }
    if (this.count >= MAX_PEERS) return undefined
    const session = this.session(record)
    const peer: Peer = { id: this.#free.pop() ?? this.#byId.length, session, record, octets, isComplete: false }
    this.version++
    this.#byId[peer.id] = peer
    this.#byKey.set(key, peer)
    session.peers.add(peer)
    return peer
  }

  /** The session that a record belongs to. */
  session(record: NetRecord): Session {
    const isBmp = record.bmp_router !== undefined
    const names = isBmp ? BMP_NAMES : BGP_NAMES
    const key = `${isBmp ? 'bmp' : 'bgp'} ${keyOf(record, names)}`
    let session = this.sessions.get(key)
    if (!session) {
      const given = names.flatMap(name => (record[name] === undefined ? [] : [[name, record[name]] as const]))
      session = {
        key,
        isBmp,
        address: record[isBmp ? 'bmp_router' : 'peer_ip_src'],
        names: Object.fromEntries(given),
        opened: record,
        peers: new Set(),
        events: new Map(),
        dumpsBegun: 0,
        dumpsEnded: 0,
        restored: this.restoring,
      }
      this.sessions.set(key, session)
      this.version++
    }
    return session
  }

  /** Forgets a session whose routes are gone. */
  close(session: Session): void {
    for (const peer of session.peers) {
      this.#byKey.delete(keyOf(peer.record, IDENTITY))
      this.#byId[peer.id] = undefined
      this.#free.push(peer.id)
    }
    this.sessions.delete(session.key)
    this.version++
    this.#forgetTexts()
    this.#last = undefined
  }
}

/** Keeps an event for dumps; false when there are too many. */
export function keepEvent(session: Session, record: NetRecord): boolean {
  const type = String(record.bmp_msg_type)
  const kind = type === 'peer_up' || type === 'peer_down' ? 'peer' : type
  const key = keyOf({ ...record, kind }, [
    'kind',
    'peer_ip',
    'peer_type',
    'bmp_rib_type',
    'is_post',
    'rd',
    'pd',
    'counter_type',
    'afi',
    'safi',
  ])
  if (!session.events.has(key) && session.events.size >= MAX_EVENTS) return false
  session.events.delete(key)
  session.events.set(key, record)
  return true
}
