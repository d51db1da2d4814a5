// Datagrams do not go in circles: what we sent ourselves is not sent on, and no receiver is one of our own sockets.
import { networkInterfaces } from 'node:os'
import type { Exporter } from '../../wire/flow/options.ts'
import type { ListenAddress } from '../listen-address.ts'

const isLoopback = (address: string): boolean => address.startsWith('127.') || address === '::1'

export class LoopGuard {
  readonly #listen: readonly ListenAddress[]
  #own = new Set<string>()
  #ports: ReadonlySet<number> = new Set()

  constructor(listen: readonly ListenAddress[]) {
    this.#listen = listen
    this.refresh()
  }

  /** Addresses of this machine come and go; call it now and then. */
  refresh(): void {
    const addresses = Object.values(networkInterfaces()).flatMap(list => list ?? [])
    this.#own = new Set(addresses.map(({ address }) => address))
  }

  /** The ports that datagrams are sent from. */
  setPorts(ports: Iterable<number>): void {
    this.#ports = new Set(ports)
  }

  isOwn({ address, port }: Exporter): boolean {
    return this.#ports.has(port) && this.#isHere(address)
  }

  /** Whether what is sent there comes back here. */
  isListening(address: string, port: number): boolean {
    return this.#listen.some(
      own =>
        own.port === port &&
        (own.address === undefined || isAny(own.address) ? this.#isHere(address) : own.address === address),
    )
  }

  #isHere(address: string): boolean {
    return isLoopback(address) || this.#own.has(address)
  }
}

const isAny = (address: string): boolean => address === '0.0.0.0' || address === '::'
