// Ethernet II, 802.3 with SNAP, VLAN tags (802.1Q, 802.1ad and what came before), VNTag, E-TAG (802.1BR), and frames in frames.
import { ETHERNET_LAYER, etypeLayer, type Layer, STOP } from './layer.ts'
import type { Packet } from './packet.ts'

const ETHERNET_OCTETS = 14
const TAG_OCTETS = 4
const VNTAG_OCTETS = 6
const SNAP_OCTETS = 8
const ETYPE_VNTAG = 0x8926
const ETYPE_ETAG = 0x893f
const ETAG_OCTETS = 8
const TAGS: readonly number[] = [0x8100, 0x88a8, 0x9100, 0x9200]
/** Smaller is a length. */
const FIRST_ETYPE = 0x600
const SNAP = 0xaaaa03
/** More tags are no packet. */
const DEPTH = 16

const isTag = (etype: number): boolean => etype === 0x8100 || etype === 0x88a8 || etype === 0x9100 || etype === 0x9200

const mac = (view: DataView, at: number): number => view.getUint16(at) * 0x1_0000_0000 + view.getUint32(at + 2)

export const ethernet: Layer = (view, packet) => {
  const { here, at, end } = packet
  if (end - at >= 6) here.macDestination = mac(view, at)
  if (end - at >= 12) here.macSource = mac(view, at + 6)
  if (end - at < ETHERNET_OCTETS) return STOP
  packet.at = at + ETHERNET_OCTETS
  return behindTags(view, packet, view.getUint16(at + 12))
}

/** What this EtherType and the tags that follow it lead to. */
function behindTags(view: DataView, packet: Packet, first: number): number {
  const { here, end } = packet
  let { at } = packet
  let etype = first
  for (let depth = 0, tags = 0; depth < DEPTH; depth++) {
    if (isTag(etype) && end - at >= TAG_OCTETS) {
      const tag = view.getUint16(at)
      if (tags === 0) {
        here.vlan = tag & 0xfff
        here.cos = tag >>> 13
      } else if (tags === 1) here.innerVlan = tag & 0xfff
      tags++
      etype = view.getUint16(at + 2)
      at += TAG_OCTETS
    } else if (etype === ETYPE_VNTAG && end - at >= VNTAG_OCTETS) {
      etype = view.getUint16(at + 4)
      at += VNTAG_OCTETS
    } else if (etype === ETYPE_ETAG && end - at >= ETAG_OCTETS) {
      etype = view.getUint16(at + 6)
      at += ETAG_OCTETS
    } else break
  }
  packet.at = at
  if (etype < FIRST_ETYPE) {
    if (end - at < SNAP_OCTETS || view.getUint32(at) >>> 8 !== SNAP) return STOP
    etype = view.getUint16(at + 6)
    packet.at = at + SNAP_OCTETS
  }
  here.etype = etype
  // A tag that was cut off leads nowhere.
  return isTag(etype) ? STOP : etypeLayer(etype)
}

/** A whole frame behind a header of so many octets: its addresses are those that count (FabricPath, IEEE 802.1ah). */
const frameBehind =
  (octets: number): Layer =>
  (_view, packet) => {
    if (packet.end - packet.at < octets) return STOP
    packet.at += octets
    return ETHERNET_LAYER
  }

/** By EtherType: tags where no Ethernet header stands before them, and frames in frames. */
export const ETHERNET_TYPES: readonly (readonly [etype: number, layer: Layer])[] = [
  ...TAGS.map(etype => [etype, (view: DataView, packet: Packet) => behindTags(view, packet, etype)] as const),
  [0x8903, frameBehind(2)],
  [0x88e7, frameBehind(4)],
]
