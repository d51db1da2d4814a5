// Whose routes a flow is looked up in: the peers of a table that an exporter's address, or a map's candidate, means.
import type { Value } from '../../contract/record.ts'
import type { Peer, Session } from '../../wire/rib/peers.ts'
import type { RouteSource } from './route-source.ts'

/** Peers of one source that are looked up together. */
export interface View {
  readonly source: RouteSource
  readonly isBmp: boolean
  /** By id of the peer: 0 = not of the view; of two routes to one prefix the one of the higher rank is taken. */
  readonly rank: Uint8Array
  readonly peers: readonly Peer[]
}

/** Address of a session or router, and its port where several sessions come from one address. */
export interface Candidate {
  readonly address: string
  readonly port: number | undefined
}

/** What a router itself chose goes before what it was told. */
const RIB_RANKS: readonly (readonly [test: (peer: Peer) => boolean, rank: number])[] = [
  [({ record }) => record.is_loc === 1, 40],
  [({ record }) => record.is_out === 1, 10],
  [({ record }) => record.is_post === 1, 30],
  [() => true, 20],
]
const OWN_ADDRESS = 2

export class Views {
  readonly #sources: readonly RouteSource[]
  readonly #useRouterId: boolean
  readonly #byKey = new Map<string, readonly View[]>()
  #version = -1

  constructor(sources: readonly RouteSource[], useRouterId: boolean) {
    this.#sources = sources
    this.#useRouterId = useRouterId
  }

  /** Grows when an answer may be another than before. */
  get version(): number {
    let version = 0
    for (const { rib } of this.#sources) version += rib.peers.version
    return version
  }

  /** The views of a candidate, one a source that has a session of it; empty = there is none. */
  of(candidate: Candidate): readonly View[] {
    const { version } = this
    if (version !== this.#version) {
      this.#byKey.clear()
      this.#version = version
    }
    const key = `${candidate.address} ${candidate.port ?? ''}`
    let views = this.#byKey.get(key)
    if (!views) {
      views = this.#sources.flatMap(source => this.#make(source, candidate))
      this.#byKey.set(key, views)
    }
    return views
  }

  #make(source: RouteSource, candidate: Candidate): View[] {
    const ranked = new Map<Peer, number>()
    for (const session of source.rib.peers.sessions.values()) {
      for (const [peer, rank] of session.isBmp ? ofRouter(session, candidate) : this.#ofSpeaker(session, candidate))
        ranked.set(peer, rank)
    }
    if (ranked.size === 0) return []
    const peers = [...ranked.keys()]
    const rank = new Uint8Array(1 + Math.max(...peers.map(({ id }) => id)))
    for (const [{ id }, value] of ranked) rank[id] = value
    return [{ source, isBmp: peers[0]?.session.isBmp ?? false, rank, peers }]
  }

  #ofSpeaker(session: Session, { address, port }: Candidate): [Peer, number][] {
    if (port !== undefined && session.names.peer_tcp_port !== port) return []
    const isSession = is(session.address, address)
    return [...session.peers].flatMap(peer => {
      if (isSession) return [[peer, OWN_ADDRESS] as [Peer, number]]
      const id = peer.record.peer_id ?? session.opened.peer_id
      return this.#useRouterId && is(id, address) ? [[peer, 1] as [Peer, number]] : []
    })
  }
}

/** A router's own address means all its tables; that of a peer which it monitors too, that peer's table before the others. */
function ofRouter(session: Session, { address, port }: Candidate): [Peer, number][] {
  if (port !== undefined && session.names.bmp_router_port !== port) return []
  const peers = [...session.peers]
  const isRouter = is(session.address, address)
  if (!isRouter && !peers.some(({ record }) => is(record.peer_ip, address))) return []
  return peers.map(peer => {
    const rank = RIB_RANKS.find(([test]) => test(peer))?.[1] ?? 1
    return [peer, !isRouter && is(peer.record.peer_ip, address) ? rank + 1 : rank]
  })
}

const MAPPED = /^::ffff:(?=\d+\.)/

/** Addresses are canonical texts; an IPv4 address in an IPv6 one is the IPv4 address. */
function is(value: Value | undefined, address: string): boolean {
  return typeof value === 'string' && (value === address || value.replace(MAPPED, '') === address)
}
