// Payloads of one IP protocol in the frames of a capture, put together where they came in fragments.
import type { FrameBlock } from './block.ts'
import { NO_IP } from './ethernet.ts'
import { IpPacket, leadsTo, readExtensions, readIp } from './ip.ts'
import { LINK_LAYERS } from './link.ts'
import type { Witness } from './parser.ts'
import { Reassembly } from './reassembly.ts'

export interface Payload {
  readonly octets: Uint8Array
  readonly start: number
  /** One past the last octet that was captured. */
  readonly end: number
  readonly family: 4 | 6
  /** Source and destination, one behind the other; a copy. */
  readonly addresses: Uint8Array
}

export class PayloadReader {
  readonly #protocol: number
  readonly #witness: Witness
  readonly #reassembly: Reassembly
  readonly #packet = new IpPacket()

  constructor(protocol: number, witness: Witness) {
    this.#protocol = protocol
    this.#witness = witness
    this.#reassembly = new Reassembly(witness)
  }

  /** The payload in a frame; undefined: another protocol, no IP, or a fragment of what is not whole yet. */
  read({ octets, view, start, end, timeUs, linkType }: FrameBlock, index: number): Payload | undefined {
    const link = LINK_LAYERS.get(linkType[index] as number)
    if (!link) {
      const message = `frames of link type ${linkType[index]} are not read`
      this.#witness.report({ code: 'capture/unknown-link-type', message })
      return undefined
    }
    const packet = this.#packet
    const stop = end[index] as number
    const at = link(octets, start[index] as number, stop)
    if (at === NO_IP || !readIp(octets, view, at, stop, packet)) return undefined
    if (packet.isFragment) return this.#whole(octets, timeUs[index] as number)
    return packet.protocol === this.#protocol ? this.#payload(octets, octets) : undefined
  }

  /** Counts what never became whole. */
  finish(): void {
    this.#reassembly.finish()
  }

  #whole(octets: Uint8Array, timeUs: number): Payload | undefined {
    const packet = this.#packet
    const whole = leadsTo(this.#protocol, packet) ? this.#reassembly.add(octets, packet, timeUs) : undefined
    if (!whole) return undefined
    const view = new DataView(whole.octets.buffer, whole.octets.byteOffset, whole.octets.length)
    packet.end = whole.octets.length
    packet.start = 0
    packet.protocol = whole.protocol
    if (packet.family === 6 && !readExtensions(whole.octets, view, whole.protocol, 0, packet)) return undefined
    return packet.protocol === this.#protocol ? this.#payload(whole.octets, octets) : undefined
  }

  #payload(octets: Uint8Array, frame: Uint8Array): Payload {
    const { start, end, family, source, addressOctets } = this.#packet
    return { octets, start, end, family, addresses: frame.slice(source, source + 2 * addressOctets) }
  }
}
