// Link types of captures (tcpdump.org/linktypes.html): which layer begins where. Some say the interface too.
import type { Frame } from './frame.ts'
import { ETHERNET_LAYER, ETYPE_PPPOE, etypeLayer, IP_LAYER, MPLS_LAYER, PPP_LAYER, STOP } from './layer.ts'

export interface Link {
  /** Layer code of the frame, whose start it may move; STOP when nothing of ours follows. */
  readonly first: (frame: Frame) => number
}

const fixed =
  (layer: number, skip = 0): Link['first'] =>
  frame => {
    frame.start = Math.min(frame.end, frame.start + skip)
    return layer
  }

/** An EtherType stands somewhere before the payload. */
const etypeAt =
  (at: number, octets: number): Link['first'] =>
  frame => {
    if (frame.end - frame.start < octets) return STOP
    const etype = frame.view.getUint16(frame.start + at)
    frame.packet.here.etype = etype
    frame.start += octets
    return etypeLayer(etype)
  }

/** Linux cooked capture v2: EtherType, ifIndex at 4, packet type at 10 of which 4 is outgoing. */
const COOKED2_OCTETS = 20
const OUTGOING = 4
const cooked2: Link['first'] = frame => {
  if (frame.end - frame.start < COOKED2_OCTETS) return STOP
  const { view, start } = frame
  const index = view.getUint32(start + 4)
  if (view.getUint8(start + 10) === OUTGOING) frame.ifaceOut = index
  else frame.ifaceIn = index
  return etypeAt(0, COOKED2_OCTETS)(frame)
}

/** OpenBSD's packet filter says how long its header is, less the octets that fill it up to fours. */
const pflog: Link['first'] = frame => {
  if (frame.end === frame.start) return STOP
  const octets = (frame.view.getUint8(frame.start) + 3) & ~3
  frame.start = Math.min(frame.end, frame.start + octets)
  return IP_LAYER
}

const NFLOG_HEADER_OCTETS = 4
/** Attributes: interface in, out (NFULA_IFINDEX_INDEV, _OUTDEV), packet. */
const INTERFACE_IN = 4
const INTERFACE_OUT = 5
const PAYLOAD = 9

/** Attributes in the byte order of the machine that captured, which is tried: a length is never above 0xffff the other way. */
const nflog: Link['first'] = frame => (attributes(frame, true) ? IP_LAYER : attributes(frame, false) ? IP_LAYER : STOP)

function attributes(frame: Frame, little: boolean): boolean {
  const { view, end } = frame
  let at = frame.start + NFLOG_HEADER_OCTETS
  while (at + 4 <= end) {
    const octets = view.getUint16(at, little)
    const type = view.getUint16(at + 2, little)
    if (octets < 4) return false
    if (type === PAYLOAD) {
      frame.start = at + 4
      frame.end = Math.min(end, at + octets)
      return true
    }
    if (octets >= 8 && at + 8 <= end) {
      if (type === INTERFACE_IN) frame.ifaceIn = view.getUint32(at + 4)
      if (type === INTERFACE_OUT) frame.ifaceOut = view.getUint32(at + 4)
    }
    at += (octets + 3) & ~3
  }
  return false
}

const link = (first: Link['first']): Link => ({ first })

export const LINKS: ReadonlyMap<number, Link> = new Map([
  [0, link(fixed(IP_LAYER, 4))],
  [1, link(fixed(ETHERNET_LAYER))],
  [9, link(fixed(PPP_LAYER))],
  [12, link(fixed(IP_LAYER))],
  [14, link(fixed(IP_LAYER))],
  [50, link(fixed(PPP_LAYER))],
  [51, link(fixed(etypeLayer(ETYPE_PPPOE)))],
  [101, link(fixed(IP_LAYER))],
  [104, link(etypeAt(2, 4))],
  [108, link(fixed(IP_LAYER, 4))],
  [109, link(fixed(IP_LAYER, 12))],
  [113, link(etypeAt(14, 16))],
  [117, link(pflog)],
  [204, link(fixed(PPP_LAYER, 1))],
  [219, link(fixed(MPLS_LAYER))],
  [228, link(fixed(IP_LAYER))],
  [229, link(fixed(IP_LAYER))],
  [239, link(nflog)],
  [276, link(cooked2)],
])
