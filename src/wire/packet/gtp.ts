// GTP-U version 1 (3GPP TS 29.281): user packets, with the extension headers of 5G before them.
import { IP_LAYER, type Layer, STOP } from './layer.ts'

const HEADER_OCTETS = 8
const USER_PACKET = 255
/** Sequence number, N-PDU number, next extension: all there when one is. */
const OPTIONAL_OCTETS = 4
const EXTENSION = 4
const MORE_FLAGS = 7
/** More extension headers are no packet. */
const DEPTH = 16

export const gtp: Layer = (view, packet) => {
  let { at } = packet
  const { end } = packet
  if (end - at < HEADER_OCTETS) return STOP
  const flags = view.getUint8(at)
  // Version 1, protocol type GTP.
  if (flags >>> 4 !== 3 || view.getUint8(at + 1) !== USER_PACKET) return STOP
  const endpoint = view.getUint32(at + 4)
  at += HEADER_OCTETS
  if ((flags & MORE_FLAGS) !== 0) {
    at += OPTIONAL_OCTETS
    if (at > end) return STOP
    let next = (flags & EXTENSION) !== 0 ? view.getUint8(at - 1) : 0
    for (let depth = 0; next !== 0; depth++) {
      const octets = at < end ? 4 * view.getUint8(at) : 0
      if (octets === 0 || at + octets > end || depth === DEPTH) return STOP
      at += octets
      next = view.getUint8(at - 1)
    }
  }
  if (!packet.enter('gtp-u', endpoint)) return STOP
  packet.at = at
  return IP_LAYER
}
