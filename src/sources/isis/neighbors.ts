// Adjacencies of a circuit: the handshake of a point-to-point circuit (RFC 5303) and of a LAN (ISO 10589 section 8.4).
import { areasOf, hears, THREE_WAY, threeWayOf, topologiesOf } from '../../wire/isis/hello.ts'
import type { Hello, Level } from '../../wire/isis/pdu.ts'
import { type Adjacency, type AdjacencyState, commonLevels, type SpeakerState } from './adjacency.ts'

/** Neighbours of a circuit; more are not looked at. */
const MAX_NEIGHBORS = 4096

export interface NeighborEvents {
  /** State of a neighbour that is new to us, or changed. */
  changed(neighbor: Adjacency, before: AdjacencyState | undefined): void
  lost(neighbor: Adjacency, why: string): void
  /** A hello that makes no adjacency. */
  refused(hello: Hello, why: string): void
}

export interface HelloOrigin {
  readonly mac: string
  readonly nowMs: number
}

const keyOf = (level: Level | undefined, mac: string): string => (level === undefined ? 'p2p' : `${level} ${mac}`)

export class Neighbors {
  readonly #speaker: SpeakerState
  readonly #mac: string
  readonly #circuit: number
  readonly #events: NeighborEvents
  readonly #known = new Map<string, Adjacency>()

  constructor(speaker: SpeakerState, at: { mac: string; index: number }, events: NeighborEvents) {
    this.#speaker = speaker
    this.#mac = at.mac
    this.#circuit = at.index
    this.#events = events
  }

  get all(): Iterable<Adjacency> {
    return this.#known.values()
  }

  /** Neighbours of a LAN at a level, heard at all. */
  ofLevel(level: Level): Adjacency[] {
    return [...this.#known.values()].filter(({ levels }) => levels.includes(level))
  }

  /** Whether PDUs of the level from this MAC address are taken. */
  isUp(level: Level, mac: string): boolean {
    for (const { levels, state, mac: known } of this.#known.values()) {
      if (state === 'up' && known === mac && levels.includes(level)) return true
    }
    return false
  }

  hello(hello: Hello, { mac, nowMs }: HelloOrigin): void {
    const why = this.#refusal(hello)
    const key = keyOf(hello.level, mac)
    if (why !== undefined) {
      this.#refuse(key, hello, why)
      return
    }
    let known = this.#known.get(key)
    if (known && (known.systemId !== hello.systemId || known.mac !== mac)) {
      this.#drop(key, 'another system is there now')
      known = undefined
    }
    const levels = commonLevels(this.#speaker, hello, areasOf(hello))
    if (levels.length === 0) {
      this.#refuse(key, hello, 'it has no level in common with us, or for level 1 no area')
      return
    }
    const state = hello.level === undefined ? this.#pointToPoint(hello) : this.#lan(hello)
    if (state === undefined) {
      this.#drop(key, 'it says that it has another neighbour')
      return
    }
    if (!known && this.#known.size >= MAX_NEIGHBORS) return
    const before = known?.state
    const neighbor = known ?? newNeighbor(hello.systemId, mac)
    const hadLevels = neighbor.levels.join()
    Object.assign(neighbor, { levels, state, expiresMs: nowMs + 1000 * hello.holdSeconds })
    Object.assign(neighbor, { priority: hello.priority, lanId: hello.lanId, topologies: topologiesOf(hello) })
    neighbor.circuit = hello.level === undefined ? (threeWayOf(hello)?.circuit ?? hello.circuitId) : 0
    this.#known.set(key, neighbor)
    if (before !== state || hadLevels !== levels.join()) this.#events.changed(neighbor, before)
  }

  #refuse(key: string, hello: Hello, why: string): void {
    this.#drop(key, why)
    this.#events.refused(hello, why)
  }

  #refusal({ systemId, holdSeconds }: Hello): string | undefined {
    if (systemId === this.#speaker.systemId) return `it has our own system id ${systemId}`
    return holdSeconds === 0 ? 'its hold time is 0' : undefined
  }

  /** RFC 5303 section 3.2; undefined: it is the neighbour of somebody else. */
  #pointToPoint(hello: Hello): AdjacencyState | undefined {
    const said = threeWayOf(hello)
    if (!said) return 'up'
    if (said.neighbor === undefined) return 'initializing'
    const isUs =
      said.neighbor === this.#speaker.systemId &&
      (said.neighborCircuit === undefined || said.neighborCircuit === this.#circuit)
    if (!isUs) return undefined
    return said.state === THREE_WAY.down ? 'initializing' : 'up'
  }

  #lan(hello: Hello): AdjacencyState {
    return hears(hello, this.#mac) ? 'up' : 'initializing'
  }

  /** Gives up who was silent for too long. */
  tick(nowMs: number): void {
    for (const [key, { expiresMs }] of this.#known) if (expiresMs <= nowMs) this.#drop(key, 'nothing was heard of it')
  }

  #drop(key: string, why: string): void {
    const known = this.#known.get(key)
    if (!known) return
    this.#known.delete(key)
    this.#events.lost(known, why)
  }
}

const newNeighbor = (systemId: string, mac: string): Adjacency => ({
  systemId,
  mac,
  levels: [],
  state: 'initializing',
  expiresMs: 0,
  circuit: 0,
  priority: 0,
  lanId: '',
  topologies: undefined,
})
