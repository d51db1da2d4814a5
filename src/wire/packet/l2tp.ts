// L2TP version 2 over UDP (RFC 2661): data messages carry PPP. Version 3 does not say in its packets what it carries.
import { type Layer, PPP_LAYER, STOP } from './layer.ts'

const CONTROL = 0x8000
const LENGTH = 0x4000
const SEQUENCE = 0x0800
const OFFSET = 0x0200
const VERSION = 15

export const l2tp: Layer = (view, packet) => {
  let { at } = packet
  const { end } = packet
  if (end - at < 6) return STOP
  const flags = view.getUint16(at)
  if ((flags & CONTROL) !== 0 || (flags & VERSION) !== 2) return STOP
  at += (flags & LENGTH) !== 0 ? 4 : 2
  if (end - at < 4) return STOP
  const session = view.getUint16(at + 2)
  at += (flags & SEQUENCE) !== 0 ? 8 : 4
  if ((flags & OFFSET) !== 0) {
    if (end - at < 2) return STOP
    at += 2 + view.getUint16(at)
  }
  if (at > end || !packet.enter('l2tp', session)) return STOP
  packet.at = at
  return PPP_LAYER
}
