// IPv4 and IPv6 with extension headers, TCP, UDP, SCTP and ICMP, as far as their octets reach.
import type { Packet } from './packet.ts'

const IPV4_OCTETS = 20
const IPV6_OCTETS = 40
const TCP = 6
const ICMP = 1
const ICMP6 = 58
const AUTHENTICATION = 51
const FRAGMENT = 44
/** Hop-by-hop, routing, destination options, mobility, HIP, shim6: their second octet counts eights after the first eight (RFC 8200). */
const EXTENSIONS = new Set([0, 43, 60, 135, 139, 140])
/** TCP, UDP, DCCP, SCTP, UDP-Lite: two ports come first. */
const WITH_PORTS = new Set([TCP, 17, 33, 132, 136])
/** More extension headers are no packet. */
const DEPTH = 16

/** Reads the IP packet in view[at..end), of the version that its first nibble says. */
export function dissectIp(view: DataView, at: number, end: number, packet: Packet): void {
  if (at >= end) return
  const version = view.getUint8(at) >>> 4
  if (version === 4) dissectIpv4(view, at, end, packet)
  else if (version === 6) dissectIpv6(view, at, end, packet)
}

function dissectIpv4(view: DataView, at: number, end: number, packet: Packet): void {
  const headerOctets = (view.getUint8(at) & 15) * 4
  if (end - at < IPV4_OCTETS || headerOctets < IPV4_OCTETS) return
  packet.family = 4
  packet.tos = view.getUint8(at + 1)
  packet.ipOctets = view.getUint16(at + 2)
  packet.ttl = view.getUint8(at + 8)
  packet.protocol = view.getUint8(at + 9)
  packet.source[0] = view.getUint32(at + 12)
  packet.destination[0] = view.getUint32(at + 16)
  packet.payload = at + headerOctets
  const fragmentOffset = view.getUint16(at + 6) & 0x1fff
  if (fragmentOffset === 0) dissectTransport(view, packet.payload, end, packet)
}

function dissectIpv6(view: DataView, at: number, end: number, packet: Packet): void {
  if (end - at < IPV6_OCTETS) return
  packet.family = 6
  const first = view.getUint32(at)
  packet.tos = (first >>> 20) & 255
  packet.flowLabel = first & 0xf_ffff
  packet.ipOctets = IPV6_OCTETS + view.getUint16(at + 4)
  packet.ttl = view.getUint8(at + 7)
  for (let word = 0; word < 4; word++) {
    packet.source[word] = view.getUint32(at + 8 + 4 * word)
    packet.destination[word] = view.getUint32(at + 24 + 4 * word)
  }
  packet.protocol = view.getUint8(at + 6)
  packet.payload = at + IPV6_OCTETS
  if (followExtensions(view, end, packet)) dissectTransport(view, packet.payload, end, packet)
}

/** Steps over extension headers; false when no transport header follows (a later fragment, or cut off). */
function followExtensions(view: DataView, end: number, packet: Packet): boolean {
  for (let depth = 0; depth < DEPTH; depth++) {
    const { protocol, payload } = packet
    const extension = EXTENSIONS.has(protocol)
    if (!extension && protocol !== FRAGMENT && protocol !== AUTHENTICATION) return true
    if (end - payload < 8) return false
    packet.protocol = view.getUint8(payload)
    const length = view.getUint8(payload + 1)
    if (protocol === FRAGMENT) {
      packet.payload += 8
      if (view.getUint16(payload + 2) >>> 3 !== 0) return false
    } else packet.payload += extension ? 8 + 8 * length : 8 + 4 * length
  }
  return false
}

function dissectTransport(view: DataView, at: number, end: number, packet: Packet): void {
  const { protocol } = packet
  if (WITH_PORTS.has(protocol) && end - at >= 4) {
    packet.sourcePort = view.getUint16(at)
    packet.destinationPort = view.getUint16(at + 2)
    if (protocol === TCP && end - at >= 14) packet.tcpFlags = view.getUint8(at + 13)
  } else if ((protocol === ICMP || protocol === ICMP6) && end - at >= 2) {
    packet.icmpType = view.getUint8(at)
    packet.icmpCode = view.getUint8(at + 1)
  }
}
