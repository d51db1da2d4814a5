// VXLAN (RFC 7348) and its generic extension (draft-ietf-nvo3-vxlan-gpe).
import { ETHERNET_LAYER, IP_LAYER, type Layer, STOP } from './layer.ts'
import type { Packet } from './packet.ts'

const HEADER_OCTETS = 8
const HAS_VNI = 0x08
const HAS_NEXT_PROTOCOL = 0x04
/** Next protocols: IPv4, IPv6, Ethernet. */
const NEXT: { readonly [protocol: number]: number } = { 1: IP_LAYER, 2: IP_LAYER, 3: ETHERNET_LAYER }

function enter(view: DataView, packet: Packet): boolean {
  if (packet.end - packet.at < HEADER_OCTETS || (view.getUint8(packet.at) & HAS_VNI) === 0) return false
  const vni = view.getUint32(packet.at + 4) >>> 8
  if (!packet.enter('vxlan', vni)) return false
  packet.vxlan = vni
  packet.at += HEADER_OCTETS
  return true
}

export const vxlan: Layer = (view, packet) => (enter(view, packet) ? ETHERNET_LAYER : STOP)

export const vxlanGpe: Layer = (view, packet) => {
  const { at } = packet
  if (!enter(view, packet)) return STOP
  const said = (view.getUint8(at) & HAS_NEXT_PROTOCOL) !== 0
  return said ? (NEXT[view.getUint8(at + 3)] ?? STOP) : ETHERNET_LAYER
}
