// Ethernet II with VLAN tags, MPLS and PPPoE, down to IP. Headers that are cut off leave what came before.
import { dissectIp } from './ip.ts'
import type { Packet } from './packet.ts'

const ETYPE_IPV4 = 0x0800
const ETYPE_IPV6 = 0x86dd
const ETYPE_MPLS = 0x8847
const ETYPE_MPLS_MULTICAST = 0x8848
const ETYPE_PPPOE_SESSION = 0x8864
/** 802.1Q, 802.1ad and what came before it. */
const TAGS = new Set([0x8100, 0x88a8, 0x9100, 0x9200])

const ETHERNET_OCTETS = 14
const TAG_OCTETS = 4
const LABEL_OCTETS = 4
const PPPOE_OCTETS = 8
const PPP_IPV4 = 0x0021
const PPP_IPV6 = 0x0057
/** More tags or labels are no packet. */
const DEPTH = 16

const mac = (view: DataView, at: number): number => view.getUint16(at) * 0x1_0000_0000 + view.getUint32(at + 2)

/** Reads the frame in view[at..end) into a cleared packet. */
export function dissectEthernet(view: DataView, at: number, end: number, packet: Packet): void {
  if (end - at < ETHERNET_OCTETS) return
  packet.macDestination = mac(view, at)
  packet.macSource = mac(view, at + 6)
  let etype = view.getUint16(at + 12)
  at += ETHERNET_OCTETS
  for (let depth = 0; TAGS.has(etype) && depth < DEPTH && end - at >= TAG_OCTETS; depth++) {
    const tag = view.getUint16(at)
    if (depth === 0) {
      packet.vlan = tag & 0xfff
      packet.cos = tag >>> 13
    } else if (depth === 1) packet.innerVlan = tag & 0xfff
    etype = view.getUint16(at + 2)
    at += TAG_OCTETS
  }
  dissectEtype(view, at, end, etype, packet)
}

function dissectEtype(view: DataView, at: number, end: number, etype: number, packet: Packet): void {
  packet.etype = etype
  packet.payload = at
  if (etype === ETYPE_IPV4 || etype === ETYPE_IPV6) dissectIp(view, at, end, packet)
  else if (etype === ETYPE_MPLS || etype === ETYPE_MPLS_MULTICAST) dissectMpls(view, at, end, packet)
  else if (etype === ETYPE_PPPOE_SESSION) dissectPppoe(view, at, end, packet)
}

/** A label stack, then IP where the next nibble is a version (RFC 4928). */
export function dissectMpls(view: DataView, at: number, end: number, packet: Packet): void {
  for (let depth = 0; depth < DEPTH && end - at >= LABEL_OCTETS; depth++) {
    const entry = view.getUint32(at)
    packet.labels.push(entry >>> 12)
    at += LABEL_OCTETS
    packet.payload = at
    if ((entry & 0x100) === 0) continue
    if (at < end) dissectIp(view, at, end, packet)
    return
  }
}

function dissectPppoe(view: DataView, at: number, end: number, packet: Packet): void {
  if (end - at < PPPOE_OCTETS) return
  const protocol = view.getUint16(at + 6)
  if (protocol === PPP_IPV4 || protocol === PPP_IPV6) dissectIp(view, at + PPPOE_OCTETS, end, packet)
}
