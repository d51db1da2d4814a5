// IPv4 (RFC 791) and IPv6 (RFC 8200) headers: where the payload is. Positions are into the octets that were read.

const IPV4_HEADER_OCTETS = 20
const IPV6_HEADER_OCTETS = 40
const FRAGMENT = 44
const AUTHENTICATION = 51
/** Headers of (n + 1) * 8 octets: hop-by-hop, routing, destination options, mobility, HIP, shim6. */
const EXTENSIONS = new Set([0, 43, 60, 135, 139, 140])

/** What the headers of one packet say. One object is used for all packets. */
export class IpPacket {
  family: 4 | 6 = 4
  /** First octet of the source address; the destination follows it. */
  source = 0
  addressOctets: 4 | 16 = 4
  /** IANA protocol number of the payload; in a fragment that is not the first, of what the whole starts with. */
  protocol = 0
  /** The payload: of the packet, or of this fragment. */
  start = 0
  end = 0
  /** Fewer octets were captured than the packet has. */
  cut = false
  isFragment = false
  moreFragments = false
  /** Octets of the whole before this fragment. */
  fragmentOffset = 0
  identification = 0
}

/** Reads the packet at `at`, of which the octets before `end` were captured; false when that is no IP packet. */
export function readIp(octets: Uint8Array, view: DataView, at: number, end: number, packet: IpPacket): boolean {
  const version = at < end ? octets[at]! >> 4 : 0
  packet.isFragment = false
  packet.moreFragments = false
  packet.fragmentOffset = 0
  if (version === 4) return readIpv4(octets, view, at, end, packet)
  return version === 6 && readIpv6(octets, view, at, end, packet)
}

function readIpv4(octets: Uint8Array, view: DataView, at: number, end: number, packet: IpPacket): boolean {
  const headerOctets = (octets[at]! & 15) * 4
  if (headerOctets < IPV4_HEADER_OCTETS || at + headerOctets > end) return false
  // 0 is what segmentation offload leaves: the packet is all there is.
  const totalOctets = view.getUint16(at + 2) || end - at
  if (totalOctets < headerOctets) return false
  packet.family = 4
  packet.source = at + 12
  packet.addressOctets = 4
  packet.protocol = octets[at + 9]!
  packet.start = at + headerOctets
  packet.cut = at + totalOctets > end
  packet.end = packet.cut ? end : at + totalOctets
  const fragment = view.getUint16(at + 6) & 0x3fff
  if (fragment !== 0) setFragment(packet, (fragment & 0x1fff) * 8, fragment >= 0x2000, view.getUint16(at + 4))
  return true
}

function setFragment(packet: IpPacket, offset: number, more: boolean, identification: number): void {
  packet.isFragment = true
  packet.fragmentOffset = offset
  packet.moreFragments = more
  packet.identification = identification
}

function readIpv6(octets: Uint8Array, view: DataView, at: number, end: number, packet: IpPacket): boolean {
  if (at + IPV6_HEADER_OCTETS > end) return false
  packet.family = 6
  packet.source = at + 8
  packet.addressOctets = 16
  const start = at + IPV6_HEADER_OCTETS
  // 0 is a jumbogram (RFC 2675) or what segmentation offload leaves.
  const payloadOctets = view.getUint16(at + 4) || end - start
  packet.cut = start + payloadOctets > end
  packet.end = packet.cut ? end : start + payloadOctets
  return readExtensions(octets, view, octets[at + 6]!, start, packet)
}

/** Goes from header to header up to packet.end; false when one is not whole. Stops at a fragment of a larger packet. */
export function readExtensions(
  octets: Uint8Array,
  view: DataView,
  protocol: number,
  at: number,
  packet: IpPacket,
): boolean {
  for (;;) {
    packet.protocol = protocol
    packet.start = at
    const isFragment = protocol === FRAGMENT
    if (!isFragment && protocol !== AUTHENTICATION && !EXTENSIONS.has(protocol)) return true
    if (at + 8 > packet.end) return false
    const next = octets[at]!
    const length = octets[at + 1]!
    if (isFragment && (view.getUint16(at + 2) & 0xfff9) !== 0) {
      const fragment = view.getUint16(at + 2)
      packet.protocol = next
      packet.start = at + 8
      setFragment(packet, fragment & 0xfff8, (fragment & 1) === 1, view.getUint32(at + 4))
      return true
    }
    at += isFragment ? 8 : protocol === AUTHENTICATION ? (length + 2) * 4 : (length + 1) * 8
    if (at > packet.end) return false
    protocol = next
  }
}

/** Whether the payload may be of this protocol: it is, or further IPv6 headers stand before what is. */
export function leadsTo(protocol: number, packet: IpPacket): boolean {
  if (packet.protocol === protocol) return true
  return packet.family === 6 && (packet.protocol === AUTHENTICATION || EXTENSIONS.has(packet.protocol))
}
