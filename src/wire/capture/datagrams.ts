// UDP payloads (RFC 768) in blocks of frames.
import { type DatagramBlock, FRAMES_PER_BLOCK, type FrameBlock } from './block.ts'
import { NO_IP } from './ethernet.ts'
import { IpPacket, leadsTo, readExtensions, readIp } from './ip.ts'
import { LINK_LAYERS, type LinkLayer } from './link.ts'
import type { Witness } from './parser.ts'
import { PeerTable } from './peers.ts'
import { MAX_DATAGRAM_OCTETS, Reassembly, type Whole } from './reassembly.ts'
import { type CaptureWindow, SCRATCH_START } from './window.ts'

const UDP = 17
const UDP_HEADER_OCTETS = 8
/** Unknown link types that are reported by number; further ones are only counted. */
const MAX_LINK_TYPES_REPORTED = 16

class DatagramTable implements DatagramBlock {
  readonly octets: Uint8Array
  readonly view: DataView
  count = 0
  readonly start = new Int32Array(FRAMES_PER_BLOCK)
  readonly end = new Int32Array(FRAMES_PER_BLOCK)
  readonly timeUs = new Float64Array(FRAMES_PER_BLOCK)
  readonly peer = new Int32Array(FRAMES_PER_BLOCK)
  readonly peers = new PeerTable()

  constructor(octets: Uint8Array, view: DataView) {
    this.octets = octets
    this.view = view
  }
}

/** What became of the frames of a block, counted once a block. */
interface Tally {
  cut: number
  malformed: number
  notIp: number
  notUdp: number
  otherPort: number
  unknownLink: number
}

const COUNTERS: readonly (readonly [keyof Tally, string])[] = [
  ['cut', 'capture/cut'],
  ['malformed', 'capture/malformed'],
  ['notIp', 'capture/not-ip'],
  ['notUdp', 'capture/not-udp'],
  ['otherPort', 'capture/other-port'],
  ['unknownLink', 'capture/unknown-link-type'],
]

export interface DatagramOptions {
  /** Destination ports; absent = all. */
  readonly udpPorts?: readonly number[]
}

function portSet(ports: readonly number[] | undefined): Uint8Array {
  const set = new Uint8Array(65_536).fill(ports ? 0 : 1)
  for (const port of ports ?? []) set[port] = 1
  return set
}

/** Reads the frames of one capture. */
export class DatagramReader {
  /** What the last `read` found. */
  readonly block: DatagramBlock
  readonly #table: DatagramTable
  readonly #witness: Witness
  readonly #ports: Uint8Array
  readonly #reassembly: Reassembly
  readonly #packet = new IpPacket()
  readonly #tally: Tally = { cut: 0, malformed: 0, notIp: 0, notUdp: 0, otherPort: 0, unknownLink: 0 }
  readonly #unknownLinkTypes = new Set<number>()
  /** Where the next reassembled datagram goes. */
  #scratch = SCRATCH_START

  constructor(window: CaptureWindow, options: DatagramOptions, witness: Witness) {
    this.#table = new DatagramTable(window.octets, window.view)
    this.block = this.#table
    this.#witness = witness
    this.#ports = portSet(options.udpPorts)
    this.#reassembly = new Reassembly(witness)
  }

  /** Reads frames into `block`, from this index on; returns the index to go on at: the count when all are read. */
  read(frames: FrameBlock, from: number): number {
    const { octets, view, start, end, timeUs, linkType, count } = frames
    const packet = this.#packet
    const tally = this.#tally
    let lastType = -1
    let link: LinkLayer | undefined
    this.#table.count = 0
    this.#scratch = SCRATCH_START
    let index = from
    for (; index < count && octets.length - this.#scratch >= MAX_DATAGRAM_OCTETS; index++) {
      if (linkType[index]! !== lastType) {
        lastType = linkType[index]!
        link = LINK_LAYERS.get(lastType) ?? this.#unknownLink(lastType)
      }
      const stop = end[index]!
      const at = link ? link(octets, start[index]!, stop) : NO_IP
      if (!link) tally.unknownLink++
      else if (at === NO_IP) tally.notIp++
      else if (!readIp(octets, view, at, stop, packet)) tally.malformed++
      else if (!packet.isFragment) this.#addUdp(timeUs[index]!)
      else this.#addFragment(timeUs[index]!)
    }
    this.#count(index - from)
    return index
  }

  /** Counts what is left at the end of the capture. */
  finish(): void {
    this.#reassembly.finish()
  }

  #addUdp(timeUs: number): void {
    const { start, protocol } = this.#packet
    const table = this.#table
    let end = this.#packet.end
    if (protocol !== UDP) {
      this.#tally.notUdp++
      return
    }
    // 0 octets is a jumbogram (RFC 2675): the packet's end is the datagram's.
    const udpOctets = end - start >= UDP_HEADER_OCTETS ? table.view.getUint16(start + 4) : 1
    if (udpOctets < UDP_HEADER_OCTETS && udpOctets !== 0) {
      this.#tally.malformed++
      return
    }
    if (this.#ports[table.view.getUint16(start + 2)] === 0) {
      this.#tally.otherPort++
      return
    }
    if (udpOctets === 0 ? this.#packet.cut : start + udpOctets > end) this.#tally.cut++
    else if (udpOctets !== 0) end = start + udpOctets
    const index = table.count++
    table.start[index] = start + UDP_HEADER_OCTETS
    table.end[index] = end
    table.timeUs[index] = timeUs
    table.peer[index] = this.#peer(table.view.getUint16(start))
  }

  #peer(port: number): number {
    const { family, source } = this.#packet
    const { view, peers } = this.#table
    return family === 4 ? peers.ipv4(view, source, port) : peers.ipv6(view, source, port)
  }

  #addFragment(timeUs: number): void {
    const packet = this.#packet
    if (!leadsTo(UDP, packet)) {
      this.#tally.notUdp++
      return
    }
    if (packet.cut) this.#tally.cut++
    const whole = this.#reassembly.add(this.#table.octets, packet, timeUs)
    if (!whole) return
    if (this.#place(whole)) this.#addUdp(timeUs)
    else this.#tally.malformed++
  }

  /** Puts the whole where the block can point to it, and makes it the packet's payload. */
  #place(whole: Whole): boolean {
    const packet = this.#packet
    const { octets, view } = this.#table
    octets.set(whole.octets, this.#scratch)
    packet.start = this.#scratch
    packet.end = this.#scratch + whole.octets.length
    packet.protocol = whole.protocol
    packet.isFragment = false
    this.#scratch = packet.end
    if (packet.family === 4) return true
    return readExtensions(octets, view, whole.protocol, packet.start, packet) && !packet.isFragment
  }

  #unknownLink(linkType: number): undefined {
    if (this.#unknownLinkTypes.has(linkType) || this.#unknownLinkTypes.size >= MAX_LINK_TYPES_REPORTED) return
    this.#unknownLinkTypes.add(linkType)
    this.#witness.report({
      code: 'capture/unknown-link-type',
      message: `frames of link type ${linkType} are not read`,
    })
  }

  #count(frames: number): void {
    this.#witness.count('capture/frames', frames)
    if (this.#table.count > 0) this.#witness.count('capture/datagrams', this.#table.count)
    for (const [key, name] of COUNTERS) {
      if (this.#tally[key] > 0) this.#witness.count(name, this.#tally[key])
      this.#tally[key] = 0
    }
  }
}
