// IPFIX by TCP or TLS: a session that breaks is opened again, and begins with the templates (RFC 7011 section 8 and 10.4).
// While there is none the input waits: nothing is gathered here.
import { once } from 'node:events'
import type { Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import type { Host } from '../../contract/host.ts'
import { pauseMs } from '../delivery/retry.ts'
import { connectTo, isLasting } from './connect.ts'
import { InFlight } from './in-flight.ts'
import { failed, type Message, type Opening, type Transport, type TransportOptions } from './transport.ts'

const SEQUENCE_AT = 8
const DOMAIN_AT = 12
/** A collector that does not close its end is left. */
const CLOSE_MS = 10_000

export class Session implements Transport {
  readonly #options: TransportOptions
  readonly #opening: Opening
  readonly #host: Host
  #socket: Socket | undefined
  #inFlight: InFlight | undefined
  #error: Error | undefined
  /** Data records so far, by observation domain: each session counts its own (RFC 7011 section 3.1). */
  #sequences = new Map<number, number>()
  #sessions = 0
  #isClosing = false

  constructor(options: TransportOptions, opening: Opening, host: Host) {
    this.#options = options
    this.#opening = opening
    this.#host = host
  }

  /** The first session, so that a wrong certificate is told at once. Throws a ProblemError. */
  async start(): Promise<this> {
    await this.#open()
    return this
  }

  async send(message: Message): Promise<boolean> {
    for (;;) {
      if (!this.#socket && !(await this.#open())) return false
      if (await this.#write(message)) return true
    }
  }

  /** Resolves to false when the session broke before the message was taken whole. */
  async #write({ octets, records, counted }: Message): Promise<boolean> {
    const socket = this.#socket as Socket
    const view = new DataView(octets.buffer, octets.byteOffset, octets.length)
    const domain = view.getUint32(DOMAIN_AT)
    const sequence = this.#sequences.get(domain) ?? 0
    view.setUint32(SEQUENCE_AT, sequence)
    if (!socket.write(octets)) {
      await Promise.race([once(socket, 'drain').catch(() => {}), once(socket, 'close').catch(() => {})])
    }
    if (this.#socket !== socket || socket.destroyed) return false
    this.#sequences.set(domain, (sequence + counted) >>> 0)
    this.#inFlight?.add(octets.length, records)
    return true
  }

  /** Until there is a session; false: the end was asked for. Throws a ProblemError when it is given up. */
  async #open(): Promise<boolean> {
    const { retry } = this.#options
    const startedMs = performance.now()
    for (let attempt = 1; ; attempt++) {
      try {
        this.#begin(await connectTo(this.#options))
        for (const message of this.#opening()) if (!(await this.#write(message))) break
        if (this.#socket) return true
      } catch (error) {
        this.#error = error as Error
      }
      const waitMs = pauseMs(retry, attempt, Math.random())
      const isOver = performance.now() - startedMs + waitMs > retry.giveUpMs
      if (isOver || isLasting(this.#error)) throw failed(this.#options, this.#error)
      this.#host.count('connects-failed')
      this.#tell(`${this.#error?.message || this.#error}; it is tried again`)
      if (this.#host.signal.aborted) return false
      await pause(waitMs, undefined, { signal: this.#host.signal }).catch(() => {})
    }
  }

  #begin(socket: Socket): void {
    this.#socket = socket
    this.#inFlight = new InFlight(socket)
    this.#error = undefined
    this.#sequences = new Map()
    if (this.#sessions++ > 0) this.#host.count('sessions-again')
    socket.on('error', error => {
      this.#error = error
    })
    // A collector has nothing to say; what it says is read so that its end is seen.
    socket.resume()
    socket.once('close', () => this.#broken(socket))
  }

  #broken(socket: Socket): void {
    if (this.#socket !== socket) return
    this.#socket = undefined
    if (this.#isClosing && !this.#error) {
      this.#inFlight?.end()
      return
    }
    this.#error ??= new Error('the collector closed the session')
    const records = this.#inFlight?.end() ?? 0
    if (records > 0) this.#host.count('in-doubt', records)
    const lost = records > 0 ? `; up to ${records} records that were under way may not have come` : ''
    this.#tell(`${this.#error.message || this.#error}${lost}`)
  }

  #tell(what: string): void {
    const { transport, host, port } = this.#options
    this.#host.report({
      note: true,
      code: 'sink-flow/session',
      message: `${transport} to ${host} port ${port}: ${what}`,
    })
  }

  /** All that was written is on its way when this resolves. */
  async close(): Promise<void> {
    const socket = this.#socket
    if (!socket) return
    const closed = once(socket, 'close').catch(() => {})
    this.#isClosing = true
    socket.end()
    await once(socket, 'finish').catch(() => {})
    await Promise.race([closed, pause(CLOSE_MS, undefined, { ref: false })])
    socket.destroy()
    const error = this.#error
    if (error && !socket.writableFinished) throw failed(this.#options, error)
  }
}
