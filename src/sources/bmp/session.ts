// A router's connection: its octets, and who it is.
import type { Socket } from 'node:net'
import type { Problem } from '../../contract/problem.ts'
import type { RouterState } from '../../wire/bmp/router.ts'
import { readProxyHeader } from '../../wire/haproxy/header.ts'
import { HeldSocket } from '../held-socket.ts'
import { addressText } from '../listen-address.ts'
import { exporterAddress } from '../socket-peers.ts'
import { MessageBuffer } from './message-buffer.ts'

const NOTHING = new Uint8Array(0)
/** More than any PROXY header that a proxy sends. */
const PROXY_HEADER_OCTETS = 4096

export class BmpSession extends HeldSocket {
  readonly buffer = new MessageBuffer()
  /** The router; of the PROXY header where there is one. */
  address: string
  port: number
  /** Made when the first octets came. */
  state: RouterState | undefined
  problem: Problem | undefined
  /** Octets of a PROXY header that is not whole. */
  #head: Uint8Array | undefined

  constructor(socket: Socket, proxied: boolean) {
    super(socket)
    this.address = exporterAddress(socket.remoteAddress ?? '').address
    this.port = socket.remotePort ?? 0
    this.#head = proxied ? NOTHING : undefined
  }

  get name(): string {
    return addressText(this.address, this.port)
  }

  /** The router is not known before the PROXY header is there. */
  get isIdentified(): boolean {
    return this.#head === undefined
  }

  /** Reads the PROXY header, where one is awaited. */
  identify(): void {
    if (!this.#head || this.chunk.length === 0) return
    const octets = Buffer.concat([this.#head, this.chunk])
    this.chunk = NOTHING
    const header = readProxyHeader(octets, octets.length)
    if (!header && octets.length <= PROXY_HEADER_OCTETS) {
      this.#head = octets
      return
    }
    this.#head = undefined
    if (!header)
      this.#refuse('proxy-protocol/malformed', `its PROXY header is longer than ${PROXY_HEADER_OCTETS} octets`)
    else if ('code' in header) this.#refuse(header.code, header.message, header.hint)
    else {
      this.chunk = octets.subarray(header.length)
      if (header.source) Object.assign(this, header.source)
    }
  }

  /** Moves on to the next whole message; false when it is still to come, or never will. */
  next(): boolean {
    const { buffer } = this
    if (this.problem) return false
    if (this.chunk.length > 0) {
      buffer.push(this.chunk)
      this.chunk = NOTHING
    }
    if (buffer.next()) {
      this.messages++
      return true
    }
    if (buffer.problem) this.#refuse(buffer.problem.code, buffer.problem.message)
    return false
  }

  #refuse(code: string, message: string, hint?: string): void {
    const said = `session of ${this.name}: ${message}; the session is closed`
    this.problem = { code, message: said, ...(hint === undefined ? {} : { hint }) }
  }
}
