// One direction of a BGP session in a capture.
import type { Host } from '../../contract/host.ts'
import type { Batch } from '../../contract/record.ts'
import type { Capabilities } from '../../wire/bgp/capabilities.ts'
import {
  EXTENDED_MESSAGE_OCTETS,
  HEADER_OCTETS,
  KEEPALIVE,
  type MessageHeader,
  NOTIFICATION,
  OPEN,
  UPDATE,
} from '../../wire/bgp/message.ts'
import { type BgpProblem, isBgpProblem } from '../../wire/bgp/notification.ts'
import { type Open, readOpen } from '../../wire/bgp/open.ts'
import type { RouteRecords } from '../../wire/bgp/records.ts'
import { ADD_PATH_RECEIVE, negotiate, PLAIN_SESSION, type SessionState } from '../../wire/bgp/session-state.ts'
import { readUpdate } from '../../wire/bgp/update.ts'
import type { TcpEvent } from '../../wire/capture/tcp-flow.ts'
import { addressText } from '../listen-address.ts'
import { guessState } from './guess-state.ts'
import { MessageBuffer } from './message-buffer.ts'
import { PeerLog } from './peer-log.ts'

export class CaptureSession {
  /** What the other side sends, once seen. */
  reverse: CaptureSession | undefined
  open: Open | undefined
  readonly #buffer = new MessageBuffer()
  readonly #log: PeerLog
  readonly #host: Host
  readonly #compat: boolean
  readonly #name: string
  /** Undefined = still to be found out. */
  #state: SessionState | undefined

  constructor({ flow }: TcpEvent, records: RouteRecords, host: Host, compat: boolean) {
    this.#log = new PeerLog(records, flow.source)
    this.#host = host
    this.#compat = compat
    this.#name = addressText(flow.source.address, flow.source.port)
    this.#buffer.maxOctets = EXTENDED_MESSAGE_OCTETS
    if (!flow.whole) this.#buffer.resynchronize()
  }

  *take(event: TcpEvent): Generator<Batch> {
    if (event.kind === 'end') yield* this.close(event.timeUs)
    else if (event.kind === 'lost') this.#lose(event.lost)
    else yield* this.#read(event)
  }

  *close(timeUs: number): Generator<Batch> {
    this.open = undefined
    this.#state = undefined
    yield* this.#log.close(timeUs)
  }

  #lose(octets: number): void {
    this.#host.count('lost/capture-octets', octets)
    this.#tell({ code: 'bgp-capture/gap', message: `${octets} octets are missing in the capture` })
    this.#buffer.resynchronize()
  }

  *#read({ octets, start, end, timeUs }: TcpEvent): Generator<Batch> {
    const buffer = this.#buffer
    buffer.give(octets.subarray(start, end))
    for (let message = buffer.next(); message; message = buffer.next()) {
      if (isBgpProblem(message)) {
        this.#tell(message)
        buffer.resynchronize()
      } else yield* this.#message(message, timeUs)
    }
  }

  *#message({ type, length }: MessageHeader, timeUs: number): Generator<Batch> {
    const { octets, start } = this.#buffer
    const [from, to] = [start + HEADER_OCTETS, start + length]
    this.#host.count('messages')
    if (type === OPEN) {
      const open = readOpen(octets, from, to)
      if (isBgpProblem(open)) this.#tell(open)
      else this.open = open
      this.#state = undefined
      if (this.reverse) this.reverse.#state = undefined
    } else if (type === NOTIFICATION) {
      yield* this.close(timeUs)
      if (this.reverse) yield* this.reverse.close(timeUs)
    } else if (type === UPDATE || type === KEEPALIVE) {
      yield* this.#log.open(timeUs, this.open, this.#compat)
      if (type === UPDATE) yield* this.#update(from, to, timeUs)
    }
  }

  *#update(start: number, end: number, timeUs: number): Generator<Batch> {
    const { octets, view } = this.#buffer
    this.#state ??= this.#agreed() ?? guessState(octets, view, start, end)
    const update = readUpdate(octets, view, start, end, this.#state ?? PLAIN_SESSION)
    if (isBgpProblem(update)) {
      this.#host.count('dropped/malformed')
      this.#tell(update)
      return
    }
    for (const problem of update.problems) this.#tell(problem)
    yield* this.#log.update(update, timeUs)
  }

  /** By the OPENs of both sides; where only the sender's was seen, the other is taken to want what it offers. */
  #agreed(): SessionState | undefined {
    if (!this.open) return undefined
    const theirs = this.open.capabilities
    return negotiate(this.reverse?.open?.capabilities ?? willing(theirs), theirs)
  }

  #tell(problem: BgpProblem | { code: string; message: string }): void {
    this.#host.report({ ...problem, message: `session of ${this.#name}: ${problem.message}` })
  }
}

/** The capabilities of a side that takes all it is offered. */
function willing(offered: Capabilities): Capabilities {
  return { ...offered, addPath: offered.addPath.map(({ family }) => ({ family, mode: ADD_PATH_RECEIVE })) }
}
