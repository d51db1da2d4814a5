// IP and UDP headers of datagrams that have another's address as their source (RFC 791, RFC 8200, RFC 768).
import { isIPv4 } from 'node:net'
import { ipv4Octets, ipv6Octets } from 'netally'

const UDP = 17
const HOP_LIMIT = 64
export const UDP_HEADER_OCTETS = 8
export const IPV4_HEADER_OCTETS = 20
export const IPV6_HEADER_OCTETS = 40
/** The most payload that the length field of IPv4 can say. */
export const MOST_PAYLOAD_OCTETS = 65_535 - IPV4_HEADER_OCTETS - UDP_HEADER_OCTETS

export interface Source {
  readonly address: string
  readonly port: number
}

/** One's complement sum of 16-bit words, not folded; a last single octet counts as the upper half of a word. */
export function wordSum(octets: Uint8Array, start: number, end: number): number {
  let sum = 0
  let at = start
  for (; at + 1 < end; at += 2) sum += ((octets[at] as number) << 8) | (octets[at + 1] as number)
  return at < end ? sum + ((octets[at] as number) << 8) : sum
}

function folded(sum: number): number {
  let rest = sum
  while (rest > 0xffff) rest = (rest & 0xffff) + Math.floor(rest / 0x1_0000)
  return ~rest & 0xffff
}

const octetsOf = (address: string): Uint8Array => (isIPv4(address) ? ipv4Octets(address) : ipv6Octets(address))

/** The headers from a source to a destination, of which only lengths and checksums are open. */
export class HeaderTemplate {
  readonly octets: Uint8Array
  readonly #view: DataView
  readonly #udp: number
  readonly #sum: number

  /** Both addresses are of one family. */
  constructor(source: Source, destination: Source) {
    const [from, to] = [octetsOf(source.address), octetsOf(destination.address)]
    const isIpv4 = from.length === 4
    this.#udp = isIpv4 ? IPV4_HEADER_OCTETS : IPV6_HEADER_OCTETS
    this.octets = new Uint8Array(this.#udp + UDP_HEADER_OCTETS)
    this.#view = new DataView(this.octets.buffer)
    if (isIpv4) {
      this.octets.set([0x45])
      this.octets.set([HOP_LIMIT, UDP], 8)
    } else {
      this.octets.set([0x60])
      this.octets.set([UDP, HOP_LIMIT], 6)
    }
    this.octets.set(from, isIpv4 ? 12 : 8)
    this.octets.set(to, isIpv4 ? 16 : 24)
    this.#view.setUint16(this.#udp, source.port)
    this.#view.setUint16(this.#udp + 2, destination.port)
    this.#sum = wordSum(from, 0, from.length) + wordSum(to, 0, to.length) + UDP + source.port + destination.port
  }

  /**
   * Writes the headers of a payload, whose word sum is given, at a place. The kernel fills the id and the checksum of the
   * IPv4 header (raw(7)).
   */
  write(payloadOctets: number, payloadSum: number, into: Uint8Array, at: number): void {
    const view = this.#view
    const octets = UDP_HEADER_OCTETS + payloadOctets
    if (this.#udp === IPV4_HEADER_OCTETS) view.setUint16(2, IPV4_HEADER_OCTETS + octets)
    else view.setUint16(4, octets)
    view.setUint16(this.#udp + 4, octets)
    // The length is in the pseudo-header and in the UDP header; a sum of zero is written as all ones.
    view.setUint16(this.#udp + 6, folded(this.#sum + 2 * octets + payloadSum) || 0xffff)
    into.set(this.octets, at)
  }
}
