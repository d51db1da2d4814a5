// One interface: frames in and out, neighbours, and their databases. Never a way for packets: we announce no LSP, and
// never become the designated system of a LAN (priority 0).
import type { Host } from '../../contract/host.ts'
import { hexText } from '../../octets/address.ts'
import { findPdu } from '../../wire/isis/frame.ts'
import { areasOf, THREE_WAY } from '../../wire/isis/hello.ts'
import { type Hello, type Level, PDU, type Pdu } from '../../wire/isis/pdu.ts'
import { TLV } from '../../wire/isis/tlv.ts'
import { areasTlv, threeWayTlv, type WriteTlv, writeHello } from '../../wire/isis/write.ts'
import { type Adjacency, levelBits, type SpeakerState } from './adjacency.ts'
import { addressTlvs, type NetworkInterface } from './interface.ts'
import { Neighbors } from './neighbors.ts'
import type { CircuitKind } from './options.ts'
import type { PacketSocket } from './packet-socket.ts'
import type { IsisReceiver } from './receiver.ts'
import { Synchronizer } from './synchronizer.ts'

const ETHERNET = 1
const MAC_OCTETS = 6
const HEADER_OCTETS = 14
const LLC = [0xfe, 0xfe, 0x03]
/** Groups of ISO 10589 section 8.4.8, and of RFC 5309 for point-to-point circuits. */
const ALL_LEVEL_1 = '0180c2000014'
const ALL_LEVEL_2 = '0180c2000015'
const ALL_SYSTEMS = '09002b000005'
const LARGEST_FRAME = 65_536
/** Frames that are read before others have their turn. */
const FRAMES_PER_TURN = 2000
/** NLPIDs of IPv4 and IPv6. */
const PROTOCOLS = Uint8Array.of(0xcc, 0x8e)

const octetsOf = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, 'hex'))
export const GROUPS = [ALL_LEVEL_1, ALL_LEVEL_2, ALL_SYSTEMS].map(octetsOf)

export class Circuit {
  readonly #at: NetworkInterface
  readonly #speaker: SpeakerState
  readonly #socket: PacketSocket
  readonly #receiver: IsisReceiver
  readonly #host: Host
  readonly #neighbors: Neighbors
  readonly #synchronizers: { readonly [level in Level]: Synchronizer }
  readonly #frame = new Uint8Array(LARGEST_FRAME)
  #kind: CircuitKind
  #helloDueMs = 0
  #nowMs = 0

  constructor(
    at: NetworkInterface,
    kind: CircuitKind,
    speaker: SpeakerState,
    socket: PacketSocket,
    receiver: IsisReceiver,
    host: Host,
  ) {
    this.#at = at
    this.#kind = kind
    this.#speaker = speaker
    this.#socket = socket
    this.#receiver = receiver
    this.#host = host
    this.#neighbors = new Neighbors(speaker, at, {
      changed: (neighbor, before) => this.#changed(neighbor, before),
      lost: (neighbor, why) => this.#lost(neighbor, why),
      refused: ({ systemId }, why) =>
        host.report({ code: 'isis/no-adjacency', message: `${at.name}: no adjacency with ${systemId}: ${why}` }),
    })
    const context = {
      receiver,
      systemId: speaker.systemId,
      mtu: at.mtu,
      send: (level: Level, pdu: Uint8Array) => this.#send(pdu, this.#groupOf(level)),
    }
    this.#synchronizers = { 1: new Synchronizer(context, 1), 2: new Synchronizer(context, 2) }
  }

  get adjacencies(): number {
    return [...this.#neighbors.all].filter(({ state }) => state === 'up').length
  }

  /** LSPs that were asked for and have not come. */
  get wanted(): number {
    return this.#synchronizers[1].wanted + this.#synchronizers[2].wanted
  }

  /** Reads what came; true when there was something. Throws where the interface is gone. */
  read(timeUs: number): boolean {
    this.#nowMs = Math.floor(timeUs / 1000)
    let read = 0
    for (; read < FRAMES_PER_TURN; read++) {
      const octets = this.#socket.receive(this.#frame)
      if (octets < 0) break
      this.#take(octets, timeUs)
    }
    if (read > 0) for (const level of this.#speaker.levels) this.#synchronizers[level].flush(this.#nowMs)
    return read > 0
  }

  #take(length: number, timeUs: number): void {
    const at = findPdu(ETHERNET, this.#frame, 0, length)
    const mac = hexText(this.#frame, MAC_OCTETS, 2 * MAC_OCTETS)
    if (at < 0 || mac === this.#at.mac) return
    const pdu = this.#receiver.read(this.#frame, at, length, this.#at.name)
    if (!pdu) return
    if (pdu.kind === 'hello') this.#hello(pdu, mac, timeUs)
    else if (this.#neighbors.isUp(pdu.level, mac)) this.#neighborSays(pdu, timeUs)
    else this.#host.count('pdus-dropped/no-adjacency')
  }

  #neighborSays(pdu: Exclude<Pdu, Hello>, timeUs: number): void {
    const synchronizer = this.#synchronizers[pdu.level]
    const outcome = this.#receiver.take(pdu, timeUs)
    if (pdu.kind !== 'lsp') synchronizer.compare(pdu)
    else if (this.#kind === 'p2p') synchronizer.acknowledge(pdu, outcome, this.#nowMs)
  }

  #hello(hello: Hello, mac: string, timeUs: number): void {
    const kind = hello.level === undefined ? 'p2p' : 'lan'
    if (this.#kind === 'auto') this.#kind = kind
    if (this.#kind !== kind) {
      this.#host.count('pdus-dropped/other-circuit')
      const [here, there] = kind === 'lan' ? ['point to point', 'a LAN'] : ['a LAN', 'point to point']
      const message = `${this.#at.name}: the circuit is ${here}, and ${hello.systemId} says that it is ${there}`
      this.#host.report({ code: 'isis/other-circuit', message, hint: 'configure it on the router, or give --circuit' })
      return
    }
    this.#receiver.take(hello, timeUs)
    if (this.#speaker.areas.length === 0) this.#speaker.areas = areasOf(hello)
    this.#neighbors.hello(hello, { mac, nowMs: this.#nowMs })
  }

  #changed(neighbor: Adjacency, before: string | undefined): void {
    this.#sayHello()
    if (neighbor.state !== 'up') {
      if (before !== 'up') return
      this.#host.count('adjacencies/down')
      this.#tell(neighbor, 'is no longer up: it does not hear us')
      return
    }
    if (before !== 'up') this.#host.count('adjacencies/up')
    this.#tell(neighbor, `is up (level ${neighbor.levels.join(' and ')})`)
    if (this.#kind === 'p2p') for (const level of neighbor.levels) this.#synchronizers[level].describe(this.#nowMs)
  }

  #lost(neighbor: Adjacency, why: string): void {
    if (neighbor.state === 'up') {
      this.#host.count('adjacencies/down')
      this.#tell(neighbor, `is down: ${why}`)
    }
    for (const level of neighbor.levels) {
      if (this.#neighbors.ofLevel(level).length === 0) this.#synchronizers[level].clear()
    }
    this.#sayHello()
  }

  #tell({ systemId }: Adjacency, what: string): void {
    const message = `${this.#at.name}: the adjacency with ${systemId} ${what}`
    this.#host.report({ code: 'isis/adjacency', message, note: true })
  }

  tick(timeUs: number): void {
    this.#nowMs = Math.floor(timeUs / 1000)
    this.#neighbors.tick(this.#nowMs)
    if (this.#nowMs >= this.#helloDueMs) this.#sayHello()
    for (const level of this.#speaker.levels) this.#synchronizers[level].flush(this.#nowMs)
  }

  /** Hellos in which we hear nobody: neighbours need not wait for the hold time. */
  close(): void {
    this.#sayHello(true)
    this.#socket.close()
  }

  #sayHello(isFarewell = false): void {
    // Nothing is said to nobody: kind and areas may come with the first hello.
    if (this.#kind === 'auto' || this.#speaker.areas.length === 0) return
    this.#helloDueMs = this.#nowMs + this.#speaker.helloMs
    const neighbors = isFarewell ? [] : [...this.#neighbors.all]
    if (this.#kind === 'p2p') this.#send(this.#p2pHello(neighbors[0]), ALL_SYSTEMS)
    else for (const level of this.#speaker.levels) this.#send(this.#lanHello(level, neighbors), this.#groupOf(level))
  }

  #commonTlvs(topologies: Uint8Array | undefined): WriteTlv[] {
    return [
      areasTlv(this.#speaker.areas),
      { type: TLV.protocols, octets: PROTOCOLS },
      ...(topologies ? [{ type: TLV.topologies, octets: topologies }] : []),
      ...addressTlvs(this.#at.name),
    ]
  }

  #p2pHello(neighbor: Adjacency | undefined): Uint8Array {
    const { systemId, holdSeconds, levels } = this.#speaker
    const state = neighbor ? THREE_WAY[neighbor.state] : THREE_WAY.down
    const header = { type: PDU.helloP2p, levels: levelBits(levels), systemId, holdSeconds, circuitId: 1 }
    const tlvs = [threeWayTlv(state, this.#at.index, neighbor), ...this.#commonTlvs(neighbor?.topologies)]
    return writeHello(header, tlvs, this.#receiver.keys?.of('hello')[0])
  }

  #lanHello(level: Level, all: readonly Adjacency[]): Uint8Array {
    const { systemId, holdSeconds, levels } = this.#speaker
    const neighbors = all.filter(neighbor => neighbor.levels.includes(level))
    const type = level === 1 ? PDU.lanHello1 : PDU.lanHello2
    const lanId = designated(neighbors)?.lanId ?? `${systemId}.00`
    const heard: WriteTlv[] = []
    const most = 42
    for (let at = 0; at < neighbors.length; at += most) {
      const macs = neighbors.slice(at, at + most).map(({ mac }) => mac)
      heard.push({ type: TLV.lanNeighbors, octets: octetsOf(macs.join('')) })
    }
    const topologies = neighbors.find(one => one.topologies)?.topologies
    const header = { type, levels: levelBits(levels), systemId, holdSeconds, lanId }
    return writeHello(header, [...this.#commonTlvs(topologies), ...heard], this.#receiver.keys?.of('hello')[0])
  }

  #groupOf(level: Level): string {
    if (this.#kind === 'p2p') return ALL_SYSTEMS
    return level === 1 ? ALL_LEVEL_1 : ALL_LEVEL_2
  }

  #send(pdu: Uint8Array, group: string): void {
    const octets = LLC.length + pdu.length
    const frame = new Uint8Array(HEADER_OCTETS + octets)
    frame.set(octetsOf(group))
    frame.set(octetsOf(this.#at.mac), MAC_OCTETS)
    new DataView(frame.buffer).setUint16(2 * MAC_OCTETS, octets)
    frame.set(LLC, HEADER_OCTETS)
    frame.set(pdu, HEADER_OCTETS + LLC.length)
    const sent = this.#socket.send(frame)
    this.#host.count(sent < 0 ? 'pdus-not-sent' : 'pdus-sent')
  }
}

/** Who is the designated system of the LAN: the highest priority, then the highest address. */
function designated(neighbors: readonly Adjacency[]): Adjacency | undefined {
  const order = (one: Adjacency, other: Adjacency): number =>
    other.priority - one.priority || (one.mac < other.mac ? 1 : -1)
  return neighbors.filter(({ state }) => state === 'up').sort(order)[0]
}
