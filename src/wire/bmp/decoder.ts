// BMP messages to records (RFC 7854, 8671, 9069).
import { isProblem, type Problem } from '../../contract/problem.ts'
import type { Batch, NetRecord } from '../../contract/record.ts'
import { hexText } from '../../octets/address.ts'
import { HEADER_OCTETS, messageTypeName } from '../bgp/message.ts'
import { isBgpProblem } from '../bgp/notification.ts'
import { RouteRecords, type Sequence } from '../bgp/records.ts'
import * as message from './message.ts'
import { hasDistinguishers, marked, readRoutes, withNextHops } from './monitored-routes.ts'
import type { BmpDecoderOptions, BmpRouter, Witness } from './options.ts'
import { readPeerDown } from './peer-down.ts'
import { PEER_HEADER_OCTETS, peerTimeUs } from './peer-header.ts'
import { statelessState, statesOf } from './peer-state.ts'
import { readPeerUp } from './peer-up.ts'
import { endOfRib, eventRecord, type Moment, putPeer, ROUTE_ENVELOPE, routeEnvelope, sessionRecord } from './records.ts'
import { readMirroring } from './route-mirroring.ts'
import { type MonitoredUpdate, readMonitoredTlvs } from './route-monitoring.ts'
import { type PeerView, RouterState } from './router.ts'
import { readInitiation, readTermination } from './session-messages.ts'
import { readStatistics } from './statistics.ts'

/** A message: its body is octets[start..end), behind the common header. */
interface Message {
  readonly octets: Uint8Array
  readonly view: DataView
  readonly start: number
  readonly end: number
  readonly version: number
  readonly state: RouterState
  readonly arrivalUs: number
}

/** A message about a peer: the body begins behind the per-peer header. */
interface PeerMessage extends Message {
  readonly peer: PeerView
  readonly moment: Moment
}

interface Kind {
  readonly name: string
  readonly aboutPeer: boolean
}

const KINDS: { readonly [type: number]: Kind } = {
  [message.ROUTE_MONITORING]: { name: 'route monitoring', aboutPeer: true },
  [message.STATISTICS_REPORT]: { name: 'statistics report', aboutPeer: true },
  [message.PEER_DOWN]: { name: 'peer down', aboutPeer: true },
  [message.PEER_UP]: { name: 'peer up', aboutPeer: true },
  [message.INITIATION]: { name: 'initiation', aboutPeer: false },
  [message.TERMINATION]: { name: 'termination', aboutPeer: false },
  [message.ROUTE_MIRRORING]: { name: 'route mirroring', aboutPeer: true },
}

/** How pmacct spells these counters (types 9, 16, 17). */
const PMACCT_SPELLING: ReadonlySet<number> = new Set([9, 16, 17])

export class BmpDecoder {
  readonly #options: BmpDecoderOptions
  readonly #witness: Witness
  readonly #records: RouteRecords
  readonly #compat: boolean

  constructor(options: BmpDecoderOptions, witness: Witness, sequence: Sequence = { next: 0 }) {
    this.#options = options
    this.#witness = witness
    this.#compat = options.compat === 'pmacct'
    this.#records = new RouteRecords(ROUTE_ENVELOPE, sequence)
  }

  /** A session of a router begins. */
  open(router: BmpRouter): RouterState {
    return new RouterState(router, this.#witness)
  }

  /** `log_init` or `log_close` of a session. */
  session(state: RouterState, eventType: 'log_init' | 'log_close', timeUs: number): Generator<Batch> {
    return this.#records.record(sessionRecord(state.router, eventType, timeUs), Math.floor(timeUs / 1000))
  }

  /** One whole message, octets[start..end), that readBmpHeader found; `view` is over the same octets. */
  *decode(
    octets: Uint8Array,
    view: DataView,
    start: number,
    end: number,
    state: RouterState,
    arrivalUs: number,
  ): Generator<Batch> {
    const version = view.getUint8(start)
    const type = view.getUint8(start + 5)
    const kind = KINDS[type]
    const body: Message = { octets, view, start: start + message.BMP_HEADER_OCTETS, end, version, state, arrivalUs }
    if (!kind) {
      this.#problem(body, message.bmpProblem('bmp/unknown-type', `a message of type ${type}`, '4.1'))
      return
    }
    this.#witness.count(`bmp/${kind.name.replaceAll(' ', '-')}`)
    if (!kind.aboutPeer) yield* this.#aboutRouter(body, type)
    else if (end - body.start < PEER_HEADER_OCTETS) {
      const what = `a ${kind.name} message of ${end - start} octets has no per-peer header`
      this.#problem(body, message.bmpProblem('bmp/truncated', what, '4.2'))
    } else yield* this.#aboutPeer(body, type)
  }

  /** What was not yielded so far. */
  flush(): Batch | undefined {
    return this.#records.flush()
  }

  *#aboutRouter(body: Message, type: number): Generator<Batch> {
    const { octets, view, start, end, state, arrivalUs } = body
    const isInitiation = type === message.INITIATION
    const moment = { router: state.router, timeUs: 0, arrivalUs }
    const record = eventRecord(moment, isInitiation ? 'init' : 'term', this.#compat)
    const rest = (isInitiation ? readInitiation : readTermination)(octets, view, start, end, record)
    yield* this.#put(body, record)
    if (rest > 0) this.#problem(body, message.bmpProblem('bmp/tlv', `${rest} octets at its end are no TLV`, '4.4'))
  }

  #aboutPeer(body: Message, type: number): Generator<Batch> {
    const { octets, view, start, state, arrivalUs } = body
    const peer = state.view(octets, view, start)
    const moment: Moment = { router: state.router, timeUs: peerTimeUs(view, start), arrivalUs }
    const about: PeerMessage = { ...body, start: start + PEER_HEADER_OCTETS, peer, moment }
    switch (type) {
      case message.ROUTE_MONITORING:
        return this.#monitoring(about)
      case message.STATISTICS_REPORT:
        return this.#statistics(about)
      case message.PEER_UP:
        return this.#peerUp(about)
      case message.PEER_DOWN:
        return this.#peerDown(about)
      default:
        return this.#mirroring(about)
    }
  }

  *#monitoring(about: PeerMessage): Generator<Batch> {
    const { octets, view, start, end, version, peer } = about
    if (version === 3) {
      yield* this.#routes(about, { start, end }, 'route_monitor')
      return
    }
    const read = readMonitoredTlvs(octets, view, start, end)
    if (isProblem(read)) {
      this.#problem(about, read)
      return
    }
    if (read.problem) this.#problem(about, read.problem)
    const state = read.capabilities ? statelessState(peer.state, read.capabilities) : peer.state
    yield* this.#routes({ ...about, peer: { ...peer, state } }, read, 'route_monitor')
  }

  *#routes(
    about: PeerMessage,
    said: Pick<MonitoredUpdate, 'start' | 'end'> & Partial<MonitoredUpdate>,
    messageType: 'route_monitor' | 'route_mirror',
  ): Generator<Batch> {
    const { octets, view, peer, moment, arrivalUs } = about
    const { update, guessed } = readRoutes(octets, view, said.start, said.end, peer.state, peer.isKnown)
    if (guessed) this.#witness.count('bmp/encoding-guessed')
    if (isBgpProblem(update)) {
      this.#witness.count('bmp/unreadable-update')
      this.#problem(about, update)
      return
    }
    for (const problem of update.problems) this.#problem(about, problem)
    const envelope = routeEnvelope(peer, moment, messageType, this.#options, hasDistinguishers(update))
    const whole = this.#compat ? withNextHops(update) : update
    if (update.endOfRib && said.fields) yield* this.#put(about, endOfRib(envelope, update.endOfRib, said.fields))
    else yield* this.#records.update(marked(whole, said.fields, said.marks), envelope, Math.floor(arrivalUs / 1000))
  }

  *#statistics(about: PeerMessage): Generator<Batch> {
    const { octets, view, start, end, version } = about
    const read = readStatistics(octets, view, start, end, version)
    if (isProblem(read)) {
      this.#problem(about, read)
      return
    }
    for (const fields of read.counters) {
      yield* this.#put(about, Object.assign(this.#peerRecord(about, 'stats', false), this.#spelled(fields)))
    }
    if (read.problem) this.#problem(about, read.problem)
  }

  #spelled(fields: NetRecord): NetRecord {
    if (!this.#compat || !PMACCT_SPELLING.has(Number(fields.counter_type))) return fields
    return { ...fields, counter_type_str: String(fields.counter_type_str).replace('Adj-RIB', 'Abj-RIB') }
  }

  *#peerUp(about: PeerMessage): Generator<Batch> {
    const { octets, view, start, end, peer, state } = about
    const read = readPeerUp(octets, view, start, end, peer.header)
    if (isProblem(read)) {
      this.#problem(about, read)
      return
    }
    state.up(peer.header.identity, statesOf(read), read.remotePort)
    yield* this.#put(about, Object.assign(this.#peerRecord(about, 'peer_up', true), read.fields))
    if (read.problem) this.#problem(about, read.problem)
  }

  *#peerDown(about: PeerMessage): Generator<Batch> {
    const { octets, view, start, end, version, peer, state } = about
    const read = readPeerDown(octets, view, start, end, version, this.#compat)
    state.down(peer.header.identity)
    if (isProblem(read)) {
      this.#problem(about, read)
      return
    }
    const record = Object.assign(this.#peerRecord(about, 'peer_down', true), read.fields)
    yield* this.#put(about, this.#compat ? record : Object.assign(record, read.notification))
    if (read.problem) this.#problem(about, read.problem)
  }

  /** UPDATEs as routes, other messages as their octets; pmacct has no records of this kind. */
  *#mirroring(about: PeerMessage): Generator<Batch> {
    const { octets, view, start, end } = about
    const { messages, information, rest } = readMirroring(view, start, end)
    for (const { start: from, end: to } of messages) {
      const isWhole = information.length === 0
      const before = isWhole
        ? readRoutes(octets, view, from, to, about.peer.state, about.peer.isKnown).update
        : undefined
      if (before && !isBgpProblem(before)) yield* this.#routes(about, { start: from, end: to }, 'route_mirror')
      else yield* this.#mirrored(about, information, octets.subarray(from, to))
    }
    if (messages.length === 0) yield* this.#mirrored(about, information, undefined)
    if (rest > 0) this.#problem(about, message.bmpProblem('bmp/tlv', `${rest} octets at its end are no TLV`, '4.7'))
  }

  #mirrored(about: PeerMessage, information: readonly string[], bgpMessage: Uint8Array | undefined): Generator<Batch> {
    const record = this.#peerRecord(about, 'route_mirror', true)
    if (information.length > 0) record.bmp_mirror_info = information.join(', ')
    if (bgpMessage) {
      record.bgp_message_type = messageTypeName(bgpMessage[HEADER_OCTETS - 1] ?? 0)
      record.bgp_message = hexText(bgpMessage, 0, bgpMessage.length)
    }
    return this.#put(about, record)
  }

  #peerRecord({ peer, moment }: PeerMessage, messageType: string, inWords: boolean): NetRecord {
    const record = eventRecord(moment, messageType, this.#compat)
    return putPeer(record, peer.header, this.#options.distinguisher, inWords)
  }

  #put({ arrivalUs }: Message, record: NetRecord): Generator<Batch> {
    return this.#records.record(record, Math.floor(arrivalUs / 1000))
  }

  #problem(body: Message & Partial<PeerMessage>, problem: Problem): void {
    const whose = body.peer ? `, peer ${body.peer.header.address}` : ''
    this.#witness.report({ ...problem, message: `router ${body.state.name}${whose}: ${problem.message}` })
  }
}
