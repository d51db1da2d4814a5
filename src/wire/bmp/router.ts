// What is known of a router during its session: its peers and how their routes are encoded.
import type { SessionState } from '../bgp/session-state.ts'
import type { BmpRouter, Witness } from './options.ts'
import { PEER_KEY_OCTETS, type PeerHeader, readPeerHeader } from './peer-header.ts'
import { type PeerStates, stateOf } from './peer-state.ts'

/** Peers of a router whose OPENs are remembered; further ones count as not seen. */
export const MAX_PEERS = 16_384
/** Views of peers that are kept ready; then all are made again. */
const MAX_VIEWS = 4 * MAX_PEERS

/** One RIB of one peer. */
export interface PeerView {
  readonly header: PeerHeader
  readonly state: SessionState
  /** A peer up came before. */
  readonly isKnown: boolean
  /** Of the peer up; undefined = not known. */
  readonly remotePort: number | undefined
}

interface Peer {
  readonly states: PeerStates
  readonly remotePort: number
}

export class RouterState {
  readonly router: BmpRouter
  /** `192.0.2.1 port 4711` */
  readonly name: string
  readonly #witness: Witness
  readonly #peers = new Map<string, Peer>()
  readonly #views = new Map<string, PeerView>()
  #isFull = false

  constructor(router: BmpRouter, witness: Witness) {
    this.router = router
    this.name = `${router.address} port ${router.port}`
    this.#witness = witness
  }

  get peers(): number {
    return this.#peers.size
  }

  /** The view that the per-peer header at `at` names. */
  view(octets: Uint8Array, view: DataView, at: number): PeerView {
    const key = latin1(octets, at, at + PEER_KEY_OCTETS)
    const known = this.#views.get(key)
    if (known) return known
    const header = readPeerHeader(octets, view, at)
    const peer = this.#peers.get(header.identity)
    const made: PeerView = {
      header,
      state: stateOf(header, peer?.states),
      isKnown: peer !== undefined,
      remotePort: peer?.remotePort || undefined,
    }
    if (this.#views.size >= MAX_VIEWS) this.#views.clear()
    this.#views.set(key, made)
    return made
  }

  up(identity: string, states: PeerStates, remotePort: number): void {
    this.#views.clear()
    if (this.#peers.size < MAX_PEERS || this.#peers.has(identity)) this.#peers.set(identity, { states, remotePort })
    else this.#tooMany()
  }

  down(identity: string): void {
    if (this.#peers.delete(identity)) this.#views.clear()
  }

  #tooMany(): void {
    this.#witness.count('bmp/peers-over-limit')
    if (this.#isFull) return
    this.#isFull = true
    const message = `router ${this.name} has more than ${MAX_PEERS} peers: path identifiers of further ones are not read`
    this.#witness.report({ code: 'bmp/too-many-peers', message })
  }
}

function latin1(octets: Uint8Array, start: number, end: number): string {
  return Buffer.from(octets.buffer, octets.byteOffset + start, end - start).toString('latin1')
}
