// TCP connections (RFC 9293) out of blocks of frames: the octets of both directions, in order.
import type { FrameBlock } from './block.ts'
import { NO_IP } from './ethernet.ts'
import { IpPacket, leadsTo, readExtensions, readIp } from './ip.ts'
import { LINK_LAYERS } from './link.ts'
import type { Witness } from './parser.ts'
import { PeerTable } from './peers.ts'
import { Reassembly } from './reassembly.ts'
import { type Segment, TcpEvent, TcpFlow } from './tcp-flow.ts'

const TCP = 6
const HEADER_OCTETS = 20
const FIN = 1
const SYN = 2
const RST = 4
const ACK = 16
/** Directions at a time; then the oldest is ended. */
export const MAX_FLOWS = 16_384
/** Above all indexes that a table of peers gives for captures of any size. */
const PEER_INDEXES = 2 ** 26

export interface TcpOptions {
  /** Ports of one of the ends; absent = all. */
  readonly tcpPorts?: readonly number[]
}

/** Reads the frames of one capture. */
export class TcpReader {
  readonly #witness: Witness
  readonly #ports: ReadonlySet<number> | undefined
  readonly #peers = new PeerTable()
  readonly #flows = new Map<number, TcpFlow>()
  readonly #packet = new IpPacket()
  readonly #reassembly: Reassembly
  readonly #event = new TcpEvent()

  constructor(options: TcpOptions, witness: Witness) {
    this.#witness = witness
    this.#ports = options.tcpPorts ? new Set(options.tcpPorts) : undefined
    this.#reassembly = new Reassembly(witness)
  }

  /** What the frames add to the connections. */
  *read(frames: FrameBlock): Generator<TcpEvent> {
    const { octets, view, start, end, timeUs, linkType, count } = frames
    const packet = this.#packet
    for (let index = 0; index < count; index++) {
      const link = LINK_LAYERS.get(linkType[index]!)
      const stop = end[index]!
      const at = link ? link(octets, start[index]!, stop) : NO_IP
      this.#event.timeUs = timeUs[index]!
      if (!link) this.#witness.count('capture/unknown-link-type')
      else if (at === NO_IP) this.#witness.count('capture/not-ip')
      else if (!readIp(octets, view, at, stop, packet)) this.#witness.count('capture/malformed')
      else if (packet.isFragment) yield* this.#fragment(octets)
      else if (packet.protocol !== TCP) this.#witness.count('capture/not-tcp')
      else yield* this.#segment(octets, view, packet.start, packet.end, missingOctets(view, at, packet))
    }
  }

  /** The capture is over. */
  *finish(): Generator<TcpEvent> {
    this.#reassembly.finish()
    for (const flow of this.#flows.values()) yield* flow.close(this.#event)
    this.#flows.clear()
  }

  *#fragment(octets: Uint8Array): Generator<TcpEvent> {
    const packet = this.#packet
    if (!leadsTo(TCP, packet)) {
      this.#witness.count('capture/not-tcp')
      return
    }
    const addresses = new DataView(octets.slice(packet.source, packet.source + 2 * packet.addressOctets).buffer)
    const whole = this.#reassembly.add(octets, packet, this.#event.timeUs)
    if (!whole) return
    const { octets: piece } = whole
    const pieceView = new DataView(piece.buffer, piece.byteOffset, piece.length)
    packet.start = 0
    packet.end = piece.length
    if (!readExtensions(piece, pieceView, whole.protocol, 0, packet) || packet.protocol !== TCP) {
      this.#witness.count('capture/malformed')
      return
    }
    packet.source = 0
    yield* this.#segment(piece, pieceView, packet.start, packet.end, 0, addresses)
  }

  /** A segment in octets[start..end), of which `missing` octets were not captured. */
  *#segment(
    octets: Uint8Array,
    view: DataView,
    start: number,
    end: number,
    missing: number,
    addresses = view,
  ): Generator<TcpEvent> {
    const headerOctets = end - start < HEADER_OCTETS ? 0 : (octets[start + 12]! >> 4) * 4
    if (headerOctets < HEADER_OCTETS || start + headerOctets > end) {
      this.#witness.count(missing > 0 ? 'capture/cut' : 'capture/malformed')
      return
    }
    const from = view.getUint16(start)
    const to = view.getUint16(start + 2)
    if (this.#ports && !this.#ports.has(from) && !this.#ports.has(to)) {
      this.#witness.count('capture/other-port')
      return
    }
    if (missing > 0) this.#witness.count('capture/cut')
    const { source, addressOctets } = this.#packet
    const sender = this.#peer(addresses, source, from)
    const receiver = this.#peer(addresses, source + addressOctets, to)
    const flags = octets[start + 13]!
    const sequence = (view.getUint32(start + 4) + (flags & SYN ? 1 : 0)) >>> 0
    const flow = yield* this.#flow(sender, receiver, sequence, flags)
    const at = start + headerOctets
    const segment: Segment = { octets, start: at, end, length: end - at + missing }
    yield* flow.take(sequence, segment, this.#event)
    if (flags & ACK && flow.reverse) yield* flow.reverse.acknowledged(view.getUint32(start + 8), this.#event)
    if (flags & FIN) flow.finAt(sequence + segment.length)
    if (flags & RST || flow.isFinished) yield* this.#end(sender, receiver, flags & RST)
  }

  #peer(view: DataView, at: number, port: number): number {
    return this.#packet.family === 4 ? this.#peers.ipv4(view, at, port) : this.#peers.ipv6(view, at, port)
  }

  *#flow(sender: number, receiver: number, sequence: number, flags: number): Generator<TcpEvent, TcpFlow> {
    const key = sender * PEER_INDEXES + receiver
    const known = this.#flows.get(key)
    const isNew = (flags & SYN) !== 0
    // A SYN that was sent again is the same connection; one with another number is the next.
    if (known && !known.ended && (!isNew || (known.whole && known.first === sequence))) return known
    // What comes behind the end (the last ACK, a FIN again) opens nothing.
    if (known?.ended && !isNew) return known
    if (known && isNew && !(flags & ACK)) yield* this.#end(sender, receiver, 1)
    this.#flows.delete(key)
    if (this.#flows.size >= MAX_FLOWS) yield* this.#evict()
    const flow = new TcpFlow(this.#peers.get(sender), this.#peers.get(receiver), sequence, isNew)
    const reverse = this.#flows.get(receiver * PEER_INDEXES + sender)
    if (reverse && !reverse.ended) {
      flow.reverse = reverse
      reverse.reverse = flow
    }
    this.#flows.set(key, flow)
    return flow
  }

  *#end(sender: number, receiver: number, both: number): Generator<TcpEvent> {
    const flow = this.#flows.get(sender * PEER_INDEXES + receiver)
    if (flow) yield* flow.close(this.#event)
    const reverse = this.#flows.get(receiver * PEER_INDEXES + sender)
    if (both && reverse) yield* reverse.close(this.#event)
  }

  *#evict(): Generator<TcpEvent> {
    for (const [key, flow] of this.#flows) {
      this.#flows.delete(key)
      if (!flow.ended) this.#witness.count('capture/tcp-evicted')
      yield* flow.close(this.#event)
      return
    }
  }
}

/** Octets of the packet at `at` that a snap length cut off. */
function missingOctets(view: DataView, at: number, packet: IpPacket): number {
  if (!packet.cut) return 0
  return (packet.family === 4 ? at + view.getUint16(at + 2) : at + 40 + view.getUint16(at + 4)) - packet.end
}
