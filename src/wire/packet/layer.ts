// A layer reads one header at packet.at and returns the code of the layer that follows, or STOP.
import type { Packet } from './packet.ts'

export type Layer = (view: DataView, packet: Packet) => number

/** Codes are numbers of the protocol's own registry, with the registry above them. */
export const STOP = 0
const ETYPE = 0x1_0000
const PROTOCOL = 0x2_0000
const PPP = 0x3_0000
const OURS = 0x4_0000

export const etypeLayer = (etype: number): number => ETYPE | etype
export const protocolLayer = (protocol: number): number => PROTOCOL | protocol
export const pppLayer = (protocol: number): number => PPP | protocol

export const ETHERNET_LAYER = OURS | 1
/** The version that the first nibble says. */
export const IP_LAYER = OURS | 2
export const MPLS_LAYER = OURS | 3
/** A PPP protocol number, with or without what HDLC puts before it. */
export const PPP_LAYER = OURS | 4
/** A pseudowire that carries Ethernet. */
export const PSEUDOWIRE_LAYER = OURS | 5

/** What a UDP port may carry; below OURS as they stand in the table of ports. */
export const TUNNEL_LAYER = { vxlan: 16, 'vxlan-gpe': 17, geneve: 18, gtp: 19, l2tp: 20 } as const
export const tunnelLayer = (code: number): number => OURS | code

export const ETYPE_IPV4 = 0x0800
export const ETYPE_IPV6 = 0x86dd
export const ETYPE_PPPOE = 0x8864
export const ETYPE_MPLS = 0x8847
export const ETYPE_MPLS_MULTICAST = 0x8848
/** Transparent Ethernet bridging, in GRE and Geneve. */
export const ETYPE_ETHERNET = 0x6558
