// Geneve (RFC 8926).
import { ETHERNET_LAYER, ETYPE_ETHERNET, etypeLayer, type Layer, STOP } from './layer.ts'

const HEADER_OCTETS = 8

export const geneve: Layer = (view, packet) => {
  const { at, end } = packet
  if (end - at < HEADER_OCTETS || view.getUint8(at) >>> 6 !== 0) return STOP
  const next = at + HEADER_OCTETS + 4 * (view.getUint8(at) & 0x3f)
  const type = view.getUint16(at + 2)
  if (next > end || !packet.enter('geneve', view.getUint32(at + 4) >>> 8)) return STOP
  packet.at = next
  if (type === ETYPE_ETHERNET) return ETHERNET_LAYER
  packet.here.etype = type
  return etypeLayer(type)
}
