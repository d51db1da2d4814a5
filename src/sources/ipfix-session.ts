// One IPFIX session over TCP or TLS: messages framed by their own length (RFC 7011 section 10.4).
import type { Socket } from 'node:net'
import type { Problem } from '../contract/problem.ts'
import type { Exporter } from '../wire/flow/options.ts'
import { HeldSocket } from './held-socket.ts'
import { addressText } from './listen-address.ts'
import { exporterAddress } from './socket-peers.ts'

const IPFIX_VERSION = 10
const HEADER_OCTETS = 16
/** Version and length. */
const FRAME_OCTETS = 4
/** A message of 65,535 octets that is not whole yet, and what one read gives. */
const BUFFER_OCTETS = 128 * 1024

export class IpfixSession extends HeldSocket {
  readonly octets = new Uint8Array(BUFFER_OCTETS)
  readonly view = new DataView(this.octets.buffer)
  /** The message that `next` found. */
  start = 0
  end = 0
  /** Why the session must end. */
  problem: Problem | undefined
  readonly peer: Exporter
  /** `[2001:db8::1]:4739` */
  readonly name: string
  #filled = 0

  constructor(socket: Socket) {
    super(socket)
    const address = exporterAddress(socket.remoteAddress ?? '')
    this.peer = { ...address, port: socket.remotePort ?? 0 }
    this.name = addressText(address.address, this.peer.port)
  }

  /** Finds the next whole message, octets[start..end); false when it is still to come, or never will. */
  next(): boolean {
    this.start = this.end
    while (!this.problem) {
      const octets = this.#messageOctets()
      if (octets > 0 && this.#filled - this.start >= octets) {
        this.end = this.start + octets
        this.messages++
        return true
      }
      if (!this.#fill()) return false
    }
    return false
  }

  /** What is there of a message when the session ends in it. */
  get rest(): number {
    return this.#filled - this.start
  }

  /** 0 = not known yet. */
  #messageOctets(): number {
    const { view, start } = this
    if (this.#filled - start < FRAME_OCTETS) return 0
    const version = view.getUint16(start)
    const octets = view.getUint16(start + 2)
    if (version !== IPFIX_VERSION)
      this.#problem('ipfix-session/version', `a message of version ${version}: only IPFIX (10) comes so`)
    else if (octets < HEADER_OCTETS)
      this.#problem('ipfix-session/length', `a message that says ${octets} octets of length`)
    return this.problem ? 0 : octets
  }

  #fill(): boolean {
    if (this.chunk.length === 0) return false
    this.octets.copyWithin(0, this.start, this.#filled)
    this.#filled -= this.start
    this.start = 0
    this.end = 0
    const taken = this.chunk.subarray(0, BUFFER_OCTETS - this.#filled)
    this.octets.set(taken, this.#filled)
    this.#filled += taken.length
    this.chunk = this.chunk.subarray(taken.length)
    return true
  }

  #problem(code: string, message: string): void {
    this.problem = {
      code,
      message: `session of ${this.name}: ${message}; the session is closed`,
      reference: 'RFC 7011 section 10.4',
    }
  }
}
