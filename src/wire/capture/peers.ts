// Senders as small numbers, so that no text is made for a datagram.
import { dotted, ipv6Text } from '../../octets/address.ts'
import type { CapturePeer, CapturePeers } from './block.ts'

export const MAX_PEERS = 65_536
const PORTS = 65_536

export class PeerTable implements CapturePeers {
  size = 0
  /** Peer of index i at i % MAX_PEERS. */
  readonly #peers: CapturePeer[] = []
  readonly #keys: (number | string)[] = []
  readonly #indexes = new Map<number | string, number>()
  #lastIpv4 = -1
  #lastIpv4Index = -1
  /** Four words of the address and the port. */
  readonly #lastIpv6 = new Uint32Array(5)
  #lastIpv6Index = -1

  get(index: number): CapturePeer {
    const peer = index < this.size && index >= this.size - MAX_PEERS ? this.#peers[index % MAX_PEERS] : undefined
    if (!peer) throw new RangeError(`no capture peer ${index}`)
    return peer
  }

  /** The index of the address at `at` with this port. */
  ipv4(view: DataView, at: number, port: number): number {
    const address = view.getUint32(at)
    const key = address * PORTS + port
    if (key === this.#lastIpv4) return this.#lastIpv4Index
    this.#lastIpv4 = key
    this.#lastIpv4Index = this.#indexes.get(key) ?? this.#add(key, { address: dotted(address), port, family: 4 })
    return this.#lastIpv4Index
  }

  ipv6(view: DataView, at: number, port: number): number {
    const a = view.getUint32(at)
    const b = view.getUint32(at + 4)
    const c = view.getUint32(at + 8)
    const d = view.getUint32(at + 12)
    const last = this.#lastIpv6
    const same = last[3] === d && last[2] === c && last[1] === b && last[0] === a && last[4] === port
    if (same && this.#lastIpv6Index >= 0) return this.#lastIpv6Index
    last[0] = a
    last[1] = b
    last[2] = c
    last[3] = d
    last[4] = port
    const key = `${a}/${b}/${c}/${d}/${port}`
    this.#lastIpv6Index = this.#indexes.get(key) ?? this.#add(key, { address: ipv6Text(a, b, c, d), port, family: 6 })
    return this.#lastIpv6Index
  }

  #add(key: number | string, peer: CapturePeer): number {
    const index = this.size++
    const slot = index % MAX_PEERS
    if (index >= MAX_PEERS) this.#forget(slot)
    this.#peers[slot] = peer
    this.#keys[slot] = key
    this.#indexes.set(key, index)
    return index
  }

  #forget(slot: number): void {
    const key = this.#keys[slot]!
    this.#indexes.delete(key)
    // What is forgotten must not be found by the short cut either.
    if (key === this.#lastIpv4) this.#lastIpv4 = -1
    if (this.#lastIpv6Index % MAX_PEERS === slot) this.#lastIpv6Index = -1
  }
}
