// PPP (RFC 1661, RFC 1662) and PPPoE sessions (RFC 2516).
import { type Layer, PPP_LAYER, pppLayer, STOP } from './layer.ts'

const PPPOE_OCTETS = 6
const SESSION = 0
/** All stations, unnumbered information: left out where compressed. */
const ADDRESS_AND_CONTROL = 0xff03

export const ppp: Layer = (view, packet) => {
  if (packet.end - packet.at >= 2 && view.getUint16(packet.at) === ADDRESS_AND_CONTROL) packet.at += 2
  if (packet.end - packet.at < 1) return STOP
  const first = view.getUint8(packet.at)
  // Protocol numbers end with an odd octet, so that one octet less can be told (RFC 1661 section 6.5).
  if ((first & 1) === 1) {
    packet.at++
    return pppLayer(first)
  }
  if (packet.end - packet.at < 2) return STOP
  packet.at += 2
  return pppLayer(view.getUint16(packet.at - 2))
}

export const pppoeSession: Layer = (view, packet) => {
  if (packet.end - packet.at < PPPOE_OCTETS || view.getUint8(packet.at + 1) !== SESSION) return STOP
  const end = packet.at + PPPOE_OCTETS + view.getUint16(packet.at + 4)
  packet.at += PPPOE_OCTETS
  // The frame may be padded.
  if (end > packet.at && end < packet.end) packet.end = end
  return PPP_LAYER
}
