// A cache: its connection, again and again, and its session on it.
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { Problem } from '../../contract/problem.ts'
import type { NetRecord } from '../../contract/record.ts'
import { isRtrProblem, type RtrProblem } from '../../wire/rtr/errors.ts'
import { addressText } from '../listen-address.ts'
import { exporterAddress } from '../socket-peers.ts'
import type { Turns } from '../turns.ts'
import type { RpkiOptions, RtrCache } from './options.ts'
import { PduBuffer } from './pdu-buffer.ts'
import { type Delivery, type Held, RtrSession } from './session.ts'

const CONNECT_MS = 10_000
/** The first pause after a failure; each is twice as long as the one before. */
const FIRST_PAUSE_MS = 1000
const LONGEST_PAUSE_MS = 60_000
/** After more failures than these, nothing is tried without a pause. */
const HASTY_FAILURES = 5
/** Our last words are on their way so long. */
const FAREWELL_MS = 1000

export class RtrClient {
  readonly name: string
  readonly #cache: RtrCache
  readonly #options: RpkiOptions
  readonly #turns: Turns
  /** What is held of its data: its session goes on there. */
  held: Held | undefined
  /** The last connection ended, or its cache had nothing, before it delivered anything. */
  isFailing = false
  /** log_init was written, and no log_close. */
  isLogged = false
  peer: NetRecord = {}
  readonly problems: Problem[] = []
  #version: number
  #socket: Socket | undefined
  #session: RtrSession | undefined
  #buffer = new PduBuffer()
  #hasMore = false
  /** The connection is over, and why; '' = it was just closed. */
  #lostBecause: string | undefined
  #failures = 0
  #nextMs = 0

  constructor(cache: RtrCache, options: RpkiOptions, turns: Turns) {
    this.#cache = cache
    this.#options = options
    this.#turns = turns
    this.#version = options.version
    this.name = addressText(cache.host, cache.port)
  }

  get isConnected(): boolean {
    return this.#socket !== undefined
  }

  get version(): number {
    return this.#session?.version ?? this.#version
  }

  /** Call it every second while this cache is wanted. */
  tick(nowMs: number): void {
    if (!this.#socket && nowMs >= this.#nextMs) this.#connect()
    this.#session?.tick(nowMs)
    if (this.#session?.hasNoData) this.isFailing = true
    this.#settle()
  }

  /** What came is read; what is complete. */
  *read(): Generator<Delivery> {
    if (this.#hasMore && this.#session) yield* this.#read(this.#session)
    this.#settle()
    if (this.#socket && this.#lostBecause !== undefined) this.#lost(this.#lostBecause)
  }

  *#read(session: RtrSession): Generator<Delivery> {
    const buffer = this.#buffer
    while (!session.ending) {
      const pdu = buffer.next()
      if (!pdu) break
      if (isRtrProblem(pdu)) session.fail(pdu, buffer.rest)
      else {
        const delivery = session.take(pdu, buffer.octets, buffer.view, buffer.start, this.#turns.nowUs() / 1000)
        if (!delivery) continue
        this.held = delivery
        this.#version = session.version
        this.isFailing = false
        this.#failures = 0
        yield delivery
      }
    }
    this.#hasMore = false
    this.#socket?.resume()
  }

  /** What it delivered does not fit what it delivered before. */
  fail(problem: RtrProblem): void {
    this.#session?.fail(problem, new Uint8Array(0))
    this.#settle()
  }

  /** Ends the connection; the next begins from nothing. */
  leave(): void {
    this.#forget()
    this.#close()
  }

  #settle(): void {
    const ending = this.#session?.ending
    if (!ending) return
    const { code, message, lower, forget } = ending
    const hadHeld = this.held !== undefined
    if (forget) this.#forget()
    if (lower !== undefined) {
      this.#version = lower
      this.held = undefined
      this.#problem({ code: 'rtr-session/downgrade', message: `${message}; going on in version ${lower}`, note: true })
      this.#close()
      return
    }
    this.#problem({ code, message })
    // What a restarted cache does not know it is asked for anew at once.
    if (forget && hadHeld && this.#failures < HASTY_FAILURES) this.#close()
    else this.#failed()
  }

  #failed(): void {
    this.isFailing = this.isFailing || !this.isLogged || this.#failures > 0
    const pauseMs = Math.min(FIRST_PAUSE_MS * 2 ** this.#failures, LONGEST_PAUSE_MS)
    this.#failures++
    this.#nextMs = this.#turns.nowUs() / 1000 + pauseMs
    this.#close()
  }

  #close(): void {
    const socket = this.#socket
    this.#socket = undefined
    this.#session = undefined
    if (!socket) return
    socket.end()
    socket.resume()
    setTimeout(() => socket.destroy(), FAREWELL_MS).unref()
  }

  #connect(): void {
    const socket = this.#open()
    this.#socket = socket
    this.#buffer = new PduBuffer()
    this.#hasMore = false
    this.#lostBecause = undefined
    const timer = setTimeout(() => socket.destroy(new Error('no answer')), CONNECT_MS)
    let reason = ''
    socket.on(this.#options.tls ? 'secureConnect' : 'connect', () => {
      clearTimeout(timer)
      if (this.#socket === socket) this.#begin(socket)
    })
    socket.on('data', chunk => {
      if (this.#socket !== socket) return
      socket.pause()
      this.#buffer.give(chunk)
      this.#hasMore = true
      this.#turns.ring()
    })
    socket.on('error', error => {
      reason = error.message
    })
    socket.on('close', () => {
      clearTimeout(timer)
      if (this.#socket !== socket) return
      // What came before it is still to be read.
      this.#lostBecause = reason
      this.#turns.ring()
    })
  }

  #open(): Socket {
    const { host, port } = this.#cache
    const { tls } = this.#options
    if (!tls) return connect({ host, port, noDelay: true })
    const { ca, cert, key, name = host } = tls
    const secrets = { ...(ca ? { ca } : {}), ...(cert ? { cert } : {}), ...(key ? { key } : {}) }
    // An address is no server name (RFC 6066); the certificate is checked against it all the same.
    const servername = /^[\d.]+$|:/.test(name) ? {} : { servername: name }
    return connectTls({ host, port, minVersion: 'TLSv1.2', ...secrets, ...servername })
  }

  #begin(socket: Socket): void {
    const { address } = exporterAddress(socket.remoteAddress ?? '')
    this.peer = { peer_ip_src: address, peer_tcp_port: this.#cache.port }
    const send = (octets: Uint8Array) => {
      if (socket.writable) socket.write(octets)
    }
    const nowMs = this.#turns.nowUs() / 1000
    this.#session = new RtrSession(this.#version, this.held, this.#options.timers, send, nowMs)
  }

  #lost(reason: string): void {
    const isUnanswered = this.#session?.isAgreed === false
    if (isUnanswered && this.held === undefined && this.#version > 0) {
      // Who does not know a version may just hang up.
      this.#version--
      const message = `the connection was closed without an answer; trying version ${this.#version}`
      this.#problem({ code: 'rtr-session/downgrade', message, note: true })
      this.#close()
      return
    }
    if (isUnanswered) this.#forget()
    this.#problem({ code: 'rtr-session/closed', message: reason === '' ? 'the connection was closed' : reason })
    this.#failed()
  }

  /** The next connection begins from nothing, with the newest version. */
  #forget(): void {
    this.held = undefined
    this.#version = this.#options.version
  }

  #problem(problem: Problem): void {
    this.problems.push({ ...problem, message: `cache ${this.name}: ${problem.message}` })
  }
}
