// Captures of our own: tests, the demonstration, and cutting pieces out of captures.
import { parseDotted, parseIpv6 } from '../../octets/address.ts'
import { internetChecksum, wordSum } from '../../octets/checksum.ts'
import { MAX_FRAME_OCTETS } from './block.ts'
import { LINKTYPE_ETHERNET } from './link.ts'

const UDP = 17
const UDP_HEADER_OCTETS = 8
const HOP_LIMIT = 64

/** The header of a pcap file: little-endian, microseconds, version 2.4. */
export function pcapHeader(linkType = LINKTYPE_ETHERNET): Uint8Array {
  const header = new DataView(new ArrayBuffer(24))
  header.setUint32(0, 0xa1b2c3d4, true)
  header.setUint16(4, 2, true)
  header.setUint16(6, 4, true)
  header.setUint32(16, MAX_FRAME_OCTETS, true)
  header.setUint32(20, linkType, true)
  return new Uint8Array(header.buffer)
}

/** One record of such a file; `wireLength` is given where the frame was cut. */
export function pcapRecord(timeUs: number, frame: Uint8Array, wireLength = frame.length): Uint8Array {
  const record = new Uint8Array(16 + frame.length)
  const view = new DataView(record.buffer)
  view.setUint32(0, Math.floor(timeUs / 1e6), true)
  view.setUint32(4, timeUs % 1e6, true)
  view.setUint32(8, frame.length, true)
  view.setUint32(12, wireLength, true)
  record.set(frame, 16)
  return record
}

/** 4 or 16 octets of an address. Throws RangeError for other text. */
function addressOctets(text: string): Uint8Array {
  const ipv4 = parseDotted(text)
  const words = new Uint32Array(4)
  if (ipv4 < 0 && !parseIpv6(text, words, 0)) throw new RangeError(`no IP address: ${text}`)
  const address = new DataView(new ArrayBuffer(ipv4 < 0 ? 16 : 4))
  if (ipv4 >= 0) address.setUint32(0, ipv4)
  else for (const [index, word] of words.entries()) address.setUint32(4 * index, word)
  return new Uint8Array(address.buffer)
}

export interface UdpEndpoints {
  /** IPv4 or IPv6 address as text, the same family as `destination`. */
  source: string
  destination: string
  sourcePort: number
  destinationPort: number
}

/** An Ethernet frame with the payload in one UDP datagram over IPv4 or IPv6. Throws RangeError for what does not fit. */
export function udpFrame(endpoints: UdpEndpoints, payload: Uint8Array): Uint8Array {
  const packet = udpPacket(endpoints, payload)
  const frame = new Uint8Array(14 + packet.length)
  frame.set([0x02, 0, 0, 0, 0, 2, 0x02, 0, 0, 0, 0, 1])
  frame.set(packet[0]! >> 4 === 4 ? [0x08, 0x00] : [0x86, 0xdd], 12)
  frame.set(packet, 14)
  return frame
}

/** The IP packet of such a frame. */
export function udpPacket(endpoints: UdpEndpoints, payload: Uint8Array): Uint8Array {
  const source = addressOctets(endpoints.source)
  const destination = addressOctets(endpoints.destination)
  if (source.length !== destination.length) throw new RangeError('source and destination are of two families')
  const datagram = udpDatagram(endpoints, payload, source, destination)
  const header = source.length === 4 ? ipv4Header(datagram.length) : ipv6Header(datagram.length)
  const at = source.length === 4 ? 12 : 8
  header.set(source, at)
  header.set(destination, at + source.length)
  if (source.length === 4) new DataView(header.buffer).setUint16(10, internetChecksum(header))
  const packet = new Uint8Array(header.length + datagram.length)
  packet.set(header)
  packet.set(datagram, header.length)
  return packet
}

function udpDatagram(endpoints: UdpEndpoints, payload: Uint8Array, ...addresses: Uint8Array[]): Uint8Array {
  const octets = UDP_HEADER_OCTETS + payload.length
  if (octets > 65_535 - 20) throw new RangeError(`${payload.length} octets do not fit a UDP datagram`)
  const datagram = new Uint8Array(octets)
  const view = new DataView(datagram.buffer)
  view.setUint16(0, endpoints.sourcePort)
  view.setUint16(2, endpoints.destinationPort)
  view.setUint16(4, octets)
  datagram.set(payload, UDP_HEADER_OCTETS)
  // The pseudo-header: addresses, length, protocol (RFC 768, RFC 8200 section 8.1).
  let sum = UDP + octets
  for (const address of addresses) sum = wordSum(address, sum)
  view.setUint16(6, internetChecksum(datagram, sum) || 0xffff)
  return datagram
}

function ipv4Header(payloadOctets: number): Uint8Array {
  const header = new DataView(new ArrayBuffer(20))
  header.setUint8(0, 0x45)
  header.setUint16(2, 20 + payloadOctets)
  header.setUint16(6, 0x4000)
  header.setUint8(8, HOP_LIMIT)
  header.setUint8(9, UDP)
  return new Uint8Array(header.buffer)
}

function ipv6Header(payloadOctets: number): Uint8Array {
  const header = new DataView(new ArrayBuffer(40))
  header.setUint8(0, 0x60)
  header.setUint16(4, payloadOctets)
  header.setUint8(6, UDP)
  header.setUint8(7, HOP_LIMIT)
  return new Uint8Array(header.buffer)
}
