// Telemetry messages as records: pmacct's flat form, from which the others are made (operators/telemetry).
import { isProblem, type Problem } from '../../contract/problem.ts'
import { type Batch, type NetRecord, RECORDS_PER_BATCH, recordBatch } from '../../contract/record.ts'
import type { Exporter } from '../flow/options.ts'
import { looksLikeCisco } from './cisco-mdt.ts'
import { looksLikeJti } from './jti/jti.ts'
import { NodeState } from './node-state.ts'
import type { Payload, TelemetryDecoderName, TelemetryDecoderOptions, Witness } from './options.ts'
import { type ReadDatagram, readCiscoDatagram, readGpbDatagram, readJsonDatagram, readJtiDatagram } from './plain.ts'
import { type TelemetryStream, telemetryStream } from './stream.ts'
import { looksLikeUdpNotif } from './udp-notif.ts'
import { type BodyEncoding, readBody, YangPush } from './yang-push.ts'

type Encoding = Exclude<TelemetryDecoderName, 'auto'>
type Marker = 'log_init' | 'log_close'

const DATAGRAMS: { readonly [encoding in Exclude<Encoding, 'udp-notif'>]: ReadDatagram } = {
  json: readJsonDatagram,
  cisco: readCiscoDatagram,
  jti: readJtiDatagram,
  gpb: readGpbDatagram,
}

/** A connection of a node. */
export interface NodeSession {
  readonly node: NodeState
  /** Undefined before the first octet. */
  stream: TelemetryStream | undefined
  /** Nothing says where the next message begins. */
  isOver: boolean
}

export class TelemetryDecoder {
  readonly #options: TelemetryDecoderOptions
  readonly #witness: Witness
  readonly #yangPush: YangPush
  /** Nodes that send datagrams, the one that is silent longest first. */
  readonly #nodes = new Map<string, NodeState>()
  #records: NetRecord[] = []
  #seq = 0
  #nowUs = 0

  constructor(options: TelemetryDecoderOptions, witness: Witness) {
    this.#options = options
    this.#witness = witness
    this.#yangPush = new YangPush(options.maxMessageOctets, witness)
  }

  /** Nodes that send datagrams, and connections, at a time. */
  get maxPeers(): number {
    return this.#options.maxPeers
  }

  get nodes(): Iterable<NodeState> {
    return this.#nodes.values()
  }

  /** Octets of messages that wait for segments. */
  get heldOctets(): number {
    return this.#yangPush.segments.octets
  }

  /** Enough records wait for a batch. */
  get isFull(): boolean {
    return this.#records.length >= RECORDS_PER_BATCH
  }

  /** Whether octets start..end begin like a message of the decoder. */
  isMessage(octets: Uint8Array, view: DataView, start: number, end: number): boolean {
    return this.#encodingOf(octets, view, start, end) !== undefined
  }

  /** Reads a datagram. */
  datagram(octets: Uint8Array, view: DataView, start: number, end: number, peer: Exporter, timeUs: number): void {
    const encoding = this.#encodingOf(octets, view, start, end)
    if (encoding === undefined) {
      this.#unknown(peer.address)
      return
    }
    const node = this.#node(peer, timeUs)
    if (!node) return
    if (encoding === 'udp-notif') {
      const payload = this.#yangPush.read(octets, view, start, end, node, timeUs)
      if (payload) this.#log(node, peer.port, payload, timeUs)
    } else this.#take(node, peer.port, DATAGRAMS[encoding](octets.subarray(start, end), node, this.#witness), timeUs)
  }

  /** Reads the body of a request: a notification, or several. A Problem when nothing of it was taken. */
  body(octets: Uint8Array, encoding: BodyEncoding, peer: Exporter, timeUs: number): Problem | undefined {
    const payloads = readBody(octets, encoding)
    if (isProblem(payloads)) {
      this.#witness.report({ ...payloads, message: `${peer.address}: ${payloads.message}` })
      return payloads
    }
    const node = this.#node(peer, timeUs)
    if (!node) return { code: 'telemetry/too-many-peers', message: 'there are too many nodes already' }
    for (const data of payloads) {
      const subscription = node.subscriptions.follow(data)
      this.#log(node, peer.port, { data, serialization: encoding, protocol: 'yang-push', subscription }, timeUs)
    }
    return undefined
  }

  /** A connection begins. */
  open({ address, port }: Exporter, timeUs: number): NodeSession {
    return { node: this.#open(address, port, timeUs), stream: undefined, isOver: false }
  }

  /** Reads octets of a connection. */
  octets(session: NodeSession, octets: Uint8Array, timeUs: number): void {
    const [first] = octets
    if (first === undefined || session.isOver) return
    const { decoder, maxMessageOctets } = this.#options
    session.stream ??= telemetryStream(decoder, first, maxMessageOctets)
    this.#take(session.node, session.node.port, session.stream.take(octets), timeUs)
    session.isOver = session.stream.isOver
  }

  /** A connection ends. */
  close({ node, stream }: NodeSession, timeUs: number): void {
    const rest = stream?.isOver ? 0 : (stream?.rest ?? 0)
    if (rest > 0) this.#report({ code: 'telemetry/truncated', message: `it ended ${rest} octets into a message` }, node)
    this.#mark('log_close', node, timeUs)
  }

  /** Closes nodes that are silent for too long. */
  expire(timeUs: number): void {
    this.#yangPush.segments.expire(timeUs)
    for (const [address, node] of this.#nodes) {
      if (timeUs - node.lastUs <= this.#options.peerTimeoutMs * 1000) return
      this.#nodes.delete(address)
      this.#mark('log_close', node, timeUs)
    }
  }

  /** Nothing more will come: closes every node. */
  finish(timeUs: number): void {
    this.#yangPush.segments.finish()
    for (const node of this.#nodes.values()) this.#mark('log_close', node, timeUs || this.#nowUs)
    this.#nodes.clear()
  }

  /** The records so far. */
  *take(): Generator<Batch> {
    const records = this.#records
    if (records.length === 0) return
    this.#records = []
    const now = Math.floor(this.#nowUs / 1000)
    for (let at = 0; at < records.length; at += RECORDS_PER_BATCH) {
      yield recordBatch(records.slice(at, at + RECORDS_PER_BATCH), now)
    }
  }

  #encodingOf(octets: Uint8Array, view: DataView, start: number, end: number): Encoding | undefined {
    const { decoder } = this.#options
    if (decoder !== 'auto') return decoder
    if (looksLikeUdpNotif(view, start, end)) return 'udp-notif'
    if (looksLikeCisco(view, start, end)) return 'cisco'
    if (looksLikeJti(octets, start, end)) return 'jti'
    return looksLikeJson(view, start, end) ? 'json' : undefined
  }

  #take(node: NodeState, port: number, payloads: Iterable<Payload | Problem>, timeUs: number): void {
    for (const payload of payloads) {
      if (isProblem(payload)) this.#report(payload, node)
      else this.#log(node, port, payload, timeUs)
    }
  }

  #report(problem: Problem, { address }: NodeState): void {
    this.#witness.report({ ...problem, message: `${address}: ${problem.message}` })
  }

  #node({ address, port }: Exporter, timeUs: number): NodeState | undefined {
    const known = this.#nodes.get(address)
    if (known) {
      known.lastUs = timeUs
      this.#nodes.delete(address)
      this.#nodes.set(address, known)
      return known
    }
    this.expire(timeUs)
    if (this.#nodes.size >= this.#options.maxPeers) {
      this.#witness.count('peers-refused')
      this.#witness.report({
        code: 'telemetry/too-many-peers',
        message: `${address}: refused, there are ${this.#nodes.size} nodes already (--max-peers)`,
        hint: 'raise --max-peers, or name who may send with --allow',
      })
      return undefined
    }
    const made = this.#open(address, port, timeUs)
    this.#nodes.set(address, made)
    return made
  }

  #open(address: string, port: number, timeUs: number): NodeState {
    const node = new NodeState(address, port, timeUs, () => this.#witness.count('telemetry/subscriptions-over-limit'))
    this.#mark('log_init', node, timeUs)
    return node
  }

  #mark(kind: Marker, { address, port }: NodeState, timeUs: number): void {
    this.#add(
      {
        event_type: kind,
        seq: this.#seq++,
        timestamp: timeUs / 1e6,
        telemetry_node: address,
        telemetry_node_port: port,
      },
      timeUs,
    )
  }

  #log(node: NodeState, port: number, payload: Payload, timeUs: number): void {
    node.messages++
    this.#witness.count('telemetry-messages')
    const record: NetRecord = {
      event_type: 'log',
      seq: this.#seq++,
      timestamp: timeUs / 1e6,
      telemetry_node: node.address,
      telemetry_port: port,
      telemetry_data: payload.data,
      serialization: payload.serialization,
      session_protocol: payload.protocol,
    }
    if (payload.privateEncoding !== undefined) record.private_encoding = payload.privateEncoding
    if (payload.subscription !== undefined) record.yang_push_subscription = payload.subscription
    this.#add(record, timeUs)
  }

  #add(record: NetRecord, timeUs: number): void {
    if (timeUs > this.#nowUs) this.#nowUs = timeUs
    this.#records.push(record)
  }

  #unknown(address: string): void {
    this.#witness.count('telemetry/unknown-encoding')
    this.#witness.report({
      code: 'telemetry/unknown-encoding',
      message: `${address}: a message that begins like none of ${this.#options.decoder === 'auto' ? 'the known encodings' : this.#options.decoder}`,
      hint: '--decoder says how messages come; `netally telemetry-recv --help` lists them',
    })
  }
}

/** An object or array, after blanks at most. */
function looksLikeJson(view: DataView, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    const octet = view.getUint8(at)
    if (octet === 0x7b || octet === 0x5b) return true
    if (octet > 0x20) return false
  }
  return false
}
