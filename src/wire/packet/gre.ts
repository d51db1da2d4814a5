// GRE (RFC 2784, RFC 2890), its forms NVGRE (RFC 7637), PPTP's (RFC 2637) and ERSPAN, and IP in IP (RFC 2003, RFC 2473).
import { ETHERNET_LAYER, ETYPE_ETHERNET, etypeLayer, IP_LAYER, type Layer, PPP_LAYER, STOP } from './layer.ts'
import type { Packet } from './packet.ts'

const CHECKSUM = 0x8000
const ROUTING = 0x4000
const KEY = 0x2000
const SEQUENCE = 0x1000
const ACKNOWLEDGEMENT = 0x0080
const VERSION = 7
const PPP = 0x880b
const ERSPAN = 0x88be
const ERSPAN_3 = 0x22eb
const ERSPAN_OCTETS = 8
const ERSPAN_3_OCTETS = 12
const ERSPAN_3_PLATFORM_OCTETS = 8

export const ipInIp: Layer = (_view, packet) => (packet.enter('ipip') ? IP_LAYER : STOP)

/** IANA's protocol 143, which SRv6 uses (RFC 8986). */
export const ethernetInIp: Layer = (_view, packet) => (packet.enter('ethernet') ? ETHERNET_LAYER : STOP)

export const gre: Layer = (view, packet) => {
  const { at, end } = packet
  if (end - at < 4) return STOP
  const flags = view.getUint16(at)
  const type = view.getUint16(at + 2)
  // Source routes were never used; where they end is said nowhere before them (RFC 1701).
  if ((flags & ROUTING) !== 0 || (flags & VERSION) > 1) return STOP
  const keyAt = at + 4 + ((flags & CHECKSUM) !== 0 ? 4 : 0)
  let next = keyAt
  for (const flag of [KEY, SEQUENCE]) if ((flags & flag) !== 0) next += 4
  if ((flags & VERSION) === 1 && (flags & ACKNOWLEDGEMENT) !== 0) next += 4
  if (next > end) return STOP
  const key = (flags & KEY) !== 0 ? view.getUint32(keyAt) : Number.NaN
  packet.at = next
  return payload(view, packet, type, flags, key)
}

function payload(view: DataView, packet: Packet, type: number, flags: number, key: number): number {
  if ((flags & VERSION) === 1) return type === PPP && packet.enter('pptp', key & 0xffff) ? PPP_LAYER : STOP
  if (type === ERSPAN || type === ERSPAN_3) return erspan(view, packet, type, (flags & SEQUENCE) !== 0)
  const isNvgre = type === ETYPE_ETHERNET && !Number.isNaN(key)
  if (!packet.enter(isNvgre ? 'nvgre' : 'gre', isNvgre ? key >>> 8 : key)) return STOP
  if (isNvgre) packet.nvgre = key >>> 8
  if (type === ETYPE_ETHERNET) return ETHERNET_LAYER
  packet.here.etype = type
  return etypeLayer(type)
}

/** Type I has no header of its own, type II has one where GRE has a sequence number, type III always. */
function erspan(view: DataView, packet: Packet, type: number, hasHeader: boolean): number {
  const { at, end } = packet
  let octets = hasHeader ? ERSPAN_OCTETS : 0
  if (type === ERSPAN_3) {
    if (end - at < ERSPAN_3_OCTETS) return STOP
    octets = ERSPAN_3_OCTETS + ((view.getUint8(at + 11) & 1) === 1 ? ERSPAN_3_PLATFORM_OCTETS : 0)
  }
  if (end - at < octets) return STOP
  const session = octets > 0 ? view.getUint16(at + 2) & 0x3ff : Number.NaN
  packet.at += octets
  return packet.enter('erspan', session) ? ETHERNET_LAYER : STOP
}
