// Datagrams to the rings of several workers, so that one exporter always meets the same worker: by address, never by port, because
// an exporter may send templates from one port and data from another. A new exporter goes to the worker that had least to do.
import type { Exporter } from '../wire/flow/options.ts'
import { type Ring, RingWriter } from './datagram-ring.ts'
import { SocketPeers } from './socket-peers.ts'

/** Addresses that are remembered; later ones go by their hash, which needs no memory. */
export const STEERED_ADDRESSES = 65_536
const SECOND_US = 1_000_000
/** Datagrams a worker is ahead by, for each exporter that it has: at the start nobody has sent much yet. */
const EXPORTER_WEIGHT = 16

/** 32-bit FNV-1a. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let index = 0; index < text.length; index++) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193)
  return value >>> 0
}

interface Outlet {
  readonly writer: RingWriter
  /** Something was put in during this turn. */
  isOpen: boolean
  /** The mark that did not fit: it comes before anything else. 0 = none. */
  owedUs: number
  load: number
}

export class Steering {
  readonly #outlets: readonly Outlet[]
  readonly #peers: SocketPeers
  readonly #workers = new Map<string, number>()
  /** The worker of each number of #peers. */
  readonly #workerOf: number[] = []
  #number = 0
  #secondUs = 0
  #clockUs = 0

  /** `known` are addresses that have a worker already. */
  constructor(rings: readonly Ring[], known: ReadonlyMap<string, number> = new Map()) {
    this.#outlets = rings.map(ring => ({ writer: new RingWriter(ring), isOpen: false, owedUs: 0, load: 0 }))
    for (const [address, worker] of known) this.#workers.set(address, worker)
    this.#peers = new SocketPeers((peer, exporter) => this.#announce(peer, exporter))
  }

  /** False when the ring of its worker has no room. Times that go back are kept: the marks are of the newest. */
  add(octets: Uint8Array, address: string, port: number, timeUs: number): boolean {
    if (timeUs > this.#clockUs) this.mark(timeUs)
    const peer = this.#peers.get(address, port)
    if (peer < 0) return false
    const outlet = this.#open(this.#workerOf[peer] as number)
    outlet.load++
    return this.#pay(outlet) && outlet.writer.add(octets, peer, timeUs, ++this.#number)
  }

  /** Marks each whole second of the clock, in all rings, before what comes later. */
  mark(timeUs: number): void {
    this.#clockUs = Math.max(this.#clockUs, timeUs)
    const secondUs = Math.floor(timeUs / SECOND_US) * SECOND_US
    if (secondUs <= this.#secondUs || this.#outlets.length === 1) return
    this.#secondUs = secondUs
    this.#outlets.forEach((outlet, index) => {
      outlet.owedUs = secondUs
      this.#pay(this.#open(index))
    })
  }

  /** The end of a turn: `wake` is called for the workers that sleep and have something now. */
  end(wake: (worker: number) => void): void {
    this.#outlets.forEach((outlet, index) => {
      if (!outlet.isOpen) return
      outlet.isOpen = false
      if (outlet.writer.end()) wake(index)
    })
  }

  #open(worker: number): Outlet {
    const outlet = this.#outlets[worker] as Outlet
    if (!outlet.isOpen) {
      outlet.isOpen = true
      outlet.writer.begin()
    }
    return outlet
  }

  #pay(outlet: Outlet): boolean {
    if (outlet.owedUs > 0 && outlet.writer.addMark(outlet.owedUs)) outlet.owedUs = 0
    return outlet.owedUs === 0
  }

  #announce(peer: number, exporter: Exporter): boolean {
    const worker = this.#workers.get(exporter.address) ?? this.#assign(exporter.address)
    this.#workerOf[peer] = worker
    return this.#open(worker).writer.addPeer(peer, exporter)
  }

  #assign(address: string): number {
    if (this.#workers.size >= STEERED_ADDRESSES) return hash(address) % this.#outlets.length
    let least = 0
    this.#outlets.forEach(({ load }, index) => {
      if (load < (this.#outlets[least] as Outlet).load) least = index
    })
    this.#workers.set(address, least)
    ;(this.#outlets[least] as Outlet).load += EXPORTER_WEIGHT
    return least
  }
}
