// IPv6 with its extension headers (RFC 8200), SRv6 among them (RFC 8754).
import { ipv6Text } from '../../octets/address.ts'
import type { Headers } from './headers.ts'
import { type Layer, protocolLayer, STOP } from './layer.ts'
import type { Packet } from './packet.ts'

const HEADER_OCTETS = 40
const HOP_BY_HOP = 0
const ROUTING = 43
const FRAGMENT = 44
const AUTHENTICATION = 51
const DESTINATION_OPTIONS = 60
const NO_NEXT_HEADER = 59
const SEGMENT_ROUTING = 4
const SEGMENT_OCTETS = 16

/** A jumbogram (RFC 2675) and a card's segmentation say 0, though something follows. */
const octetsOf = (payload: number, next: number): number =>
  payload === 0 && next !== NO_NEXT_HEADER ? Number.NaN : HEADER_OCTETS + payload

export const ipv6: Layer = (view, packet) => {
  const { at, end, here } = packet
  if (end - at < HEADER_OCTETS) return cut(view, packet)
  const first = view.getUint32(at)
  const total = octetsOf(view.getUint16(at + 4), view.getUint8(at + 6))
  here.family = 6
  here.ipAt = at
  here.tos = (first >>> 20) & 255
  here.flowLabel = first & 0xf_ffff
  here.ipOctets = total
  here.ttl = view.getUint8(at + 7)
  const { source, destination } = here
  for (let word = 0; word < 4; word++) {
    source[word] = view.getUint32(at + 8 + 4 * word)
    destination[word] = view.getUint32(at + 24 + 4 * word)
  }
  here.protocol = view.getUint8(at + 6)
  packet.at = at + HEADER_OCTETS
  if (at + total < end) packet.end = at + total
  here.transportAt = packet.at
  return protocolLayer(here.protocol)
}

function cut(view: DataView, { at, end, here }: Packet): number {
  if (end - at >= 4) {
    const first = view.getUint32(at)
    here.tos = (first >>> 20) & 255
    here.flowLabel = first & 0xf_ffff
  }
  if (end - at >= 7) {
    here.protocol = view.getUint8(at + 6)
    here.ipOctets = octetsOf(view.getUint16(at + 4), here.protocol)
  }
  if (end - at >= 8) here.ttl = view.getUint8(at + 7)
  return STOP
}

/** Goes over a header of so many octets; its first octet says what follows. */
function skip(view: DataView, packet: Packet, octets: number): number {
  const { here } = packet
  here.protocol = view.getUint8(packet.at)
  const next = packet.at + octets
  packet.at = Math.min(next, packet.end)
  if (next > packet.end) return none(here)
  here.transportAt = next
  return protocolLayer(here.protocol)
}

/** The protocol is that of the packet, so a header that is cut off leaves none. */
function none(here: Headers): number {
  here.transportAt = -1
  return STOP
}

/** Hop-by-hop and destination options, mobility, HIP, shim6: the second octet counts eights after the first eight. */
export const optionsHeader: Layer = (view, packet) => {
  if (packet.end - packet.at < 8) return none(packet.here)
  return skip(view, packet, 8 + 8 * view.getUint8(packet.at + 1))
}

export const routingHeader: Layer = (view, packet) => {
  const { at, end } = packet
  if (end - at < 8) return none(packet.here)
  const octets = 8 + 8 * view.getUint8(at + 1)
  if (view.getUint8(at + 2) === SEGMENT_ROUTING) readSegments(view, packet, Math.min(end, at + octets))
  return skip(view, packet, octets)
}

function readSegments(view: DataView, packet: Packet, end: number): void {
  const count = view.getUint8(packet.at + 4) + 1
  for (let index = 0, at = packet.at + 8; index < count && at + SEGMENT_OCTETS <= end; index++, at += SEGMENT_OCTETS) {
    const word = (which: number): number => view.getUint32(at + 4 * which)
    packet.segments.push(ipv6Text(word(0), word(1), word(2), word(3)))
  }
}

export const fragmentHeader: Layer = (view, packet) => {
  const { at, end, here } = packet
  if (end - at < 8) return none(here)
  here.fragmentOffset = view.getUint16(at + 2) & 0xfff8
  here.fragmentId = view.getUint32(at + 4)
  const next = skip(view, packet, 8)
  return here.fragmentOffset > 0 ? none(here) : next
}

/** RFC 4302: the length counts fours, less two. */
export const authenticationHeader: Layer = (view, packet) => {
  if (packet.end - packet.at < 8) return none(packet.here)
  return skip(view, packet, 8 + 4 * view.getUint8(packet.at + 1))
}

export const EXTENSION_HEADERS: readonly (readonly [protocol: number, layer: Layer])[] = [
  [HOP_BY_HOP, optionsHeader],
  [ROUTING, routingHeader],
  [FRAGMENT, fragmentHeader],
  [AUTHENTICATION, authenticationHeader],
  [DESTINATION_OPTIONS, optionsHeader],
  [135, optionsHeader],
  [139, optionsHeader],
  [140, optionsHeader],
]
