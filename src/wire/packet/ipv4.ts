// IPv4 (RFC 791).
import { type Layer, protocolLayer, STOP } from './layer.ts'
import type { Packet } from './packet.ts'

const HEADER_OCTETS = 20
const MORE_FRAGMENTS = 0x2000
const OFFSET = 0x1fff

export const ipv4: Layer = (view, packet) => {
  const { at, end, here } = packet
  if (end - at < HEADER_OCTETS) return cut(view, packet)
  const octets = (view.getUint8(at) & 15) * 4
  if (octets < HEADER_OCTETS) return STOP
  const fragment = view.getUint16(at + 6)
  const total = view.getUint16(at + 2)
  here.family = 4
  here.ipAt = at
  here.tos = view.getUint8(at + 1)
  if (total > 0) here.ipOctets = total
  here.ttl = view.getUint8(at + 8)
  here.protocol = view.getUint8(at + 9)
  here.source[0] = view.getUint32(at + 12)
  here.destination[0] = view.getUint32(at + 16)
  packet.at = Math.min(end, at + octets)
  // The frame may be padded; 0 is what a card's segmentation leaves, and says nothing.
  if (total >= octets && at + total < end) packet.end = at + total
  if ((fragment & (MORE_FRAGMENTS | OFFSET)) !== 0) {
    here.fragmentId = view.getUint16(at + 4)
    here.fragmentOffset = (fragment & OFFSET) * 8
    if (here.fragmentOffset > 0) return STOP
  }
  if (at + octets > end) return STOP
  here.transportAt = packet.at
  return protocolLayer(here.protocol)
}

/** What is there of a header that was cut off; addresses come together or not at all. */
function cut(view: DataView, { at, end, here }: Packet): number {
  if (end - at >= 2) here.tos = view.getUint8(at + 1)
  if (end - at >= 4) here.ipOctets = view.getUint16(at + 2)
  if (end - at >= 9) here.ttl = view.getUint8(at + 8)
  if (end - at >= 10) here.protocol = view.getUint8(at + 9)
  return STOP
}
