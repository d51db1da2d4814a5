// Senders as one object each, so that nothing is made for a datagram.
import type { Exporter } from '../wire/flow/options.ts'

/** Then all are forgotten and made again. */
const PEERS = 65_536
const MAPPED = '::ffff:'

/** The address as records have it: no zone, and IPv4 as such on a socket that takes both. */
export function exporterAddress(address: string): { address: string; family: 4 | 6 } {
  if (address.startsWith(MAPPED) && address.includes('.')) return { address: address.slice(MAPPED.length), family: 4 }
  const zone = address.indexOf('%')
  return { address: zone < 0 ? address : address.slice(0, zone), family: address.includes(':') ? 6 : 4 }
}

export class SocketPeers {
  readonly #byAddress = new Map<string, Map<number, Exporter>>()
  #size = 0
  #lastAddress = ''
  #last: Map<number, Exporter> | undefined

  get(address: string, port: number): Exporter {
    if (address !== this.#lastAddress || !this.#last) {
      this.#last = this.#byAddress.get(address) ?? this.#add(address)
      this.#lastAddress = address
    }
    return this.#last.get(port) ?? this.#addPort(this.#last, address, port)
  }

  #add(address: string): Map<number, Exporter> {
    const ports = new Map<number, Exporter>()
    this.#byAddress.set(address, ports)
    return ports
  }

  #addPort(ports: Map<number, Exporter>, address: string, port: number): Exporter {
    const peer: Exporter = { ...exporterAddress(address), port }
    if (this.#size >= PEERS) {
      this.#byAddress.clear()
      this.#last = undefined
      this.#size = 0
    }
    ports.set(port, peer)
    this.#size++
    return peer
  }
}
