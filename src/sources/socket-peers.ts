// Senders as numbers, so that nothing is made for a datagram.
import type { Exporter } from '../wire/flow/options.ts'

/** Then all are forgotten and numbered again. */
export const PEERS = 65_536
const MAPPED = '::ffff:'

/** The address as records have it: no zone, and IPv4 as such on a socket that takes both. */
export function exporterAddress(address: string): { address: string; family: 4 | 6 } {
  if (address.startsWith(MAPPED) && address.includes('.')) return { address: address.slice(MAPPED.length), family: 4 }
  const zone = address.indexOf('%')
  return { address: zone < 0 ? address : address.slice(0, zone), family: address.includes(':') ? 6 : 4 }
}

export class SocketPeers {
  /** Told of every number before it is given out; false = it could not be told, and is asked for again. */
  readonly #onNew: (peer: number, exporter: Exporter) => boolean
  readonly #byAddress = new Map<string, Map<number, number>>()
  #size = 0
  #lastAddress = ''
  #last: Map<number, number> | undefined

  constructor(onNew: (peer: number, exporter: Exporter) => boolean) {
    this.#onNew = onNew
  }

  /** The number of a sender, -1 when a new one could not be told. */
  get(address: string, port: number): number {
    if (address !== this.#lastAddress || !this.#last) {
      this.#last = this.#byAddress.get(address) ?? this.#add(address)
      this.#lastAddress = address
    }
    return this.#last.get(port) ?? this.#addPort(address, port)
  }

  #add(address: string): Map<number, number> {
    const ports = new Map<number, number>()
    this.#byAddress.set(address, ports)
    return ports
  }

  #addPort(address: string, port: number): number {
    if (this.#size >= PEERS) {
      this.#byAddress.clear()
      this.#size = 0
      this.#last = this.#add(address)
    }
    if (!this.#onNew(this.#size, { ...exporterAddress(address), port })) return -1
    this.#last?.set(port, this.#size)
    return this.#size++
  }
}
