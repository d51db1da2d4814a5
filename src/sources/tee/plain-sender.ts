// Datagrams sent with node:dgram, one system call each.
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import type { Exporter } from '../../wire/flow/options.ts'
import { errorCode } from '../listen-problem.ts'
import type { Destination, Outcome, Sender, SenderOptions } from './sender.ts'

/** Datagrams under way; with more, flush() waits. */
const MOST_UNDER_WAY = 4096

export class PlainSender implements Sender {
  readonly port: number
  readonly #socket: Socket
  readonly #outcome: Outcome
  #underWay = 0
  #resume: (() => void) | undefined

  /** Throws an error with the code of bind(2). */
  static async open(options: SenderOptions, outcome: Outcome): Promise<PlainSender> {
    const { family, address, port } = options
    const socket = createSocket({
      type: family === 4 ? 'udp4' : 'udp6',
      // Destinations are addresses: nothing is looked up.
      lookup: (host, _options, found) => found(null, host, family),
    })
    // What is looked up here is found at once, so that the event may come before bind() returns.
    const listening = once(socket, 'listening')
    try {
      socket.bind({ port, address: address ?? (family === 4 ? '0.0.0.0' : '::'), exclusive: true })
      await listening
    } catch (error) {
      socket.close()
      throw error
    }
    try {
      socket.setSendBufferSize(options.sendBufferOctets)
    } catch {
      // The size stays as it is.
    }
    socket.on('error', () => {})
    return new PlainSender(socket, outcome)
  }

  private constructor(socket: Socket, outcome: Outcome) {
    this.#socket = socket
    this.#outcome = outcome
    this.port = socket.address().port
  }

  target(): Uint8Array {
    return NO_TARGET
  }

  send(octets: Uint8Array, start: number, end: number, _: Uint8Array, to: Destination, _from: Exporter, token: number) {
    // A copy: the octets are another datagram's when this one leaves.
    const copy = octets.slice(start, end)
    this.#underWay++
    this.#socket.send(copy, to.port, to.address, error => {
      this.#underWay--
      this.#outcome(token, copy.length, error ? errorCode(error) || 'error' : undefined)
      if (this.#underWay <= MOST_UNDER_WAY / 2) this.#resume?.()
    })
  }

  flush(): void | Promise<void> {
    if (this.#underWay < MOST_UNDER_WAY) return
    return this.#until(MOST_UNDER_WAY / 2)
  }

  /** Resolves when nothing is under way. */
  idle(): Promise<void> {
    return this.#until(0)
  }

  async #until(most: number): Promise<void> {
    while (this.#underWay > most) {
      await new Promise<void>(resolve => {
        this.#resume = resolve
      })
    }
    this.#resume = undefined
  }

  close(): void {
    if (this.#underWay === 0) this.#socket.close()
    else setImmediate(() => this.close())
  }
}

const NO_TARGET = new Uint8Array(0)
