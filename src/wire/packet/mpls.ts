// MPLS label stacks (RFC 3032), and what is below: IP where the next nibble is a version (RFC 4928), else perhaps a pseudowire.
import { ETHERNET_LAYER, IP_LAYER, type Layer, PSEUDOWIRE_LAYER, STOP } from './layer.ts'

const LABEL_OCTETS = 4
const BOTTOM = 0x100
const CONTROL_WORD_OCTETS = 4
const ETHERNET_OCTETS = 14
/** EtherTypes that make an Ethernet pseudowire believable. */
const BELIEVABLE: ReadonlySet<number> = new Set([0x800, 0x806, 0x86dd, 0x8100, 0x88a8, 0x8847, 0x8863, 0x8864])
/** More labels are no packet. */
const DEPTH = 16

export const mpls: Layer = (view, packet) => {
  for (let depth = 0; depth < DEPTH && packet.end - packet.at >= LABEL_OCTETS; depth++) {
    const entry = view.getUint32(packet.at)
    packet.labels.push(entry >>> 12)
    packet.at += LABEL_OCTETS
    if ((entry & BOTTOM) === 0) continue
    if (packet.at >= packet.end) return STOP
    const nibble = view.getUint8(packet.at) >>> 4
    return nibble === 4 || nibble === 6 ? IP_LAYER : PSEUDOWIRE_LAYER
  }
  return STOP
}

/** Nothing says what a pseudowire carries: a control word (RFC 4385) and an Ethernet frame that looks like one. */
export const pseudowire: Layer = (view, packet) => {
  const at = packet.at + CONTROL_WORD_OCTETS
  if (packet.end - at < ETHERNET_OCTETS || view.getUint8(packet.at) >>> 4 !== 0) return STOP
  if (!BELIEVABLE.has(view.getUint16(at + 12)) || !packet.enter('mpls-pw', packet.labels.at(-1))) return STOP
  packet.at = at
  return ETHERNET_LAYER
}
