// A peer on a socket: its session, its octets, its records.
import type { Socket } from 'node:net'
import type { Host } from '../../contract/host.ts'
import type { Problem } from '../../contract/problem.ts'
import type { Batch } from '../../contract/record.ts'
import { HEADER_OCTETS, writeNotification } from '../../wire/bgp/message.ts'
import { type BgpProblem, isBgpProblem } from '../../wire/bgp/notification.ts'
import type { RouteRecords } from '../../wire/bgp/records.ts'
import { addressText } from '../listen-address.ts'
import { exporterAddress } from '../socket-peers.ts'
import type { SpeakerOptions } from './bgp-options.ts'
import { MessageBuffer } from './message-buffer.ts'
import { PeerLog } from './peer-log.ts'
import { BgpSession } from './session.ts'

/** A peer that does not take our last words in time does not get them. */
const FAREWELL_MS = 1000

export interface PeerContext {
  readonly speaker: SpeakerOptions
  readonly records: RouteRecords
  readonly host: Host
  readonly compat: boolean
}

export class BgpPeer {
  readonly address: string
  /** `[2001:db8::1]:40000` */
  readonly name: string
  /** We opened the connection. */
  readonly isOurs: boolean
  readonly session: BgpSession
  messages = 0
  /** No more octets will come. */
  ended = false
  /** What ends the session, found outside of the stream. */
  problem: BgpProblem | undefined
  readonly #socket: Socket
  readonly #context: PeerContext
  readonly #log: PeerLog
  readonly #buffer = new MessageBuffer()
  #timeUs = 0
  #isWaiting = false

  constructor(socket: Socket, isOurs: boolean, context: PeerContext, nowMs: number) {
    const { address } = exporterAddress(socket.remoteAddress ?? '')
    const port = socket.remotePort ?? 0
    this.address = address
    this.name = addressText(address, port)
    this.isOurs = isOurs
    this.#socket = socket
    this.#context = context
    this.#log = new PeerLog(context.records, { address, port })
    const local = exporterAddress(socket.localAddress ?? '').address
    const send = (octets: Uint8Array) => {
      if (socket.writable) socket.write(octets)
    }
    this.session = new BgpSession(context.speaker, { localAddress: local, send }, nowMs)
  }

  /** Takes what the socket gave, and holds the socket until it is read. */
  receive(chunk: Uint8Array, timeUs: number): void {
    if (this.session.state === 'ended') return
    this.#socket.pause()
    this.#buffer.give(chunk)
    this.#timeUs = timeUs
    this.#isWaiting = true
  }

  tick(nowMs: number): void {
    this.problem ??= this.session.tick(nowMs, this.#isWaiting)
  }

  /** Reads what came. `clash` says whether another session of the same peer stands in the way once the OPEN is there. */
  *read(clash: () => BgpProblem | undefined): Generator<Batch> {
    const { session } = this
    const buffer = this.#buffer
    while (session.state !== 'ended') {
      const message = this.problem ?? buffer.next()
      if (!message) break
      if (isBgpProblem(message)) {
        yield* this.end(message, this.#timeUs)
        return
      }
      this.messages++
      const { start } = buffer
      const [from, to] = [start + HEADER_OCTETS, start + message.length]
      const before = session.state
      const result = session.take(message, buffer.octets, buffer.view, from, to, this.#timeUs / 1000)
      if (result && isBgpProblem(result)) this.problem = result
      else if (result) {
        for (const problem of result.problems) this.tell(problem)
        yield* this.#log.update(result, this.#timeUs)
      } else if (session.state !== before) yield* this.#changed(clash)
    }
    this.#isWaiting = false
    if (session.state === 'ended') yield* this.#left()
    else if (this.ended) yield* this.#lost()
    else this.#socket.resume()
  }

  /** Ends the session with a NOTIFICATION. */
  *end(problem: BgpProblem, timeUs: number): Generator<Batch> {
    const { code, subcode, data } = problem.notification
    if (this.#socket.writable) {
      this.#socket.end(writeNotification(code, subcode, data))
      this.#context.host.count('notifications-sent')
      // What we were told to do is no news.
      if (!problem.note) this.tell(problem)
    }
    yield* this.#close(timeUs)
  }

  tell(problem: Problem): void {
    this.#context.host.report({ ...problem, message: `session of ${this.name}: ${problem.message}` })
  }

  *#changed(clash: () => BgpProblem | undefined): Generator<Batch> {
    const { session } = this
    const { maxOctets } = session
    if (maxOctets !== undefined) this.#buffer.maxOctets = maxOctets
    if (session.state === 'open-confirm') this.problem = clash()
    else if (session.state === 'established') {
      this.#context.host.count('sessions-established')
      yield* this.#log.open(this.#timeUs, session.theirs, this.#context.compat)
    }
  }

  *#left(): Generator<Batch> {
    this.#context.host.count('notifications-received')
    this.tell({ code: 'bgp-session/notification', message: `the peer ended it: ${session(this)}`, note: true })
    yield* this.#close(this.#timeUs)
  }

  *#lost(): Generator<Batch> {
    if (this.#buffer.rest > 0) {
      this.tell({ code: 'bgp-session/truncated', message: `it ended ${this.#buffer.rest} octets into a message` })
    } else if (this.#log.isOpen) {
      this.tell({ code: 'bgp-session/closed', message: 'the connection was closed without a NOTIFICATION', note: true })
    }
    yield* this.#close(this.#timeUs)
  }

  *#close(timeUs: number): Generator<Batch> {
    this.session.state = 'ended'
    this.ended = true
    yield* this.#log.close(timeUs)
    if (!this.#socket.writableEnded) this.#socket.end()
    // What still comes is not read: it must not keep the connection.
    this.#socket.resume()
    setTimeout(() => this.#socket.destroy(), FAREWELL_MS).unref()
  }
}

const session = (peer: BgpPeer): string => peer.session.farewell ?? ''
