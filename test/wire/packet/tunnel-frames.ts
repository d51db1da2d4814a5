// Frames with a packet in a tunnel, and frames of other layers; each with what netally and tshark must both see.
import { ETHERNET, hex, IPV4_TCP, IPV6_UDP } from './frames.ts'

const half = (number: number): string => number.toString(16).padStart(4, '0')
const bytes = (text: string): number => hex(text).length
/** 192.0.2.1 to 192.0.2.2. */
const ipv4 = (protocol: number, payload: string): string =>
  `4500${half(20 + bytes(payload))} 0001 0000 40${protocol.toString(16).padStart(2, '0')}0000 c0000201 c0000202 ${payload}`
/** 2001:db8:1::1 to 2001:db8:1::2. */
const ipv6 = (next: number, payload: string): string =>
  `60000000 ${half(bytes(payload))} ${next.toString(16).padStart(2, '0')} 40
   20010db8 00010000 00000000 00000001 20010db8 00010000 00000000 00000002 ${payload}`
const udp = (port: number, payload: string): string => `c000 ${half(port)} ${half(8 + bytes(payload))} 0000 ${payload}`
const over4 = (protocol: number, payload: string): string => `${ETHERNET} 0800 ${ipv4(protocol, payload)}`
const INNER = '0a0000000002 0a0000000001'
const FRAME_IN = `${INNER} 0800 ${IPV4_TCP}`

export interface TunnelFrame {
  readonly type: string
  readonly id?: number
  readonly octets: Uint8Array
  /** Of the packet in the tunnel. */
  readonly source: string
  readonly port: number
}

const tcp = { source: '10.0.0.1', port: 443 }
const udp6 = { source: '2001:db8::1', port: 53 }

export const TUNNELS: { readonly [name: string]: TunnelFrame } = {
  '4in4': { type: 'ipip', octets: hex(over4(4, IPV4_TCP)), ...tcp },
  '6in4': { type: 'ipip', octets: hex(over4(41, IPV6_UDP)), ...udp6 },
  '4in6': { type: 'ipip', octets: hex(ETHERNET, '86dd', ipv6(4, IPV4_TCP)), ...tcp },
  gre: { type: 'gre', octets: hex(over4(47, `0000 0800 ${IPV4_TCP}`)), ...tcp },
  'gre, all fields': {
    type: 'gre',
    id: 0x01020304,
    octets: hex(over4(47, `b000 86dd 00000000 01020304 00000001 ${IPV6_UDP}`)),
    ...udp6,
  },
  'gre, MPLS': { type: 'gre', octets: hex(over4(47, `0000 8847 00045140 ${IPV4_TCP}`)), ...tcp },
  nvgre: { type: 'nvgre', id: 5001, octets: hex(over4(47, `2000 6558 00138900 ${FRAME_IN}`)), ...tcp },
  'erspan II': {
    type: 'erspan',
    id: 9,
    octets: hex(over4(47, `1000 88be 00000001 10000009 00000000 ${FRAME_IN}`)),
    ...tcp,
  },
  pptp: { type: 'pptp', id: 7, octets: hex(over4(47, `3001 880b 00380007 00000001 ff03 0021 ${IPV4_TCP}`)), ...tcp },
  vxlan: { type: 'vxlan', id: 5001, octets: hex(over4(17, udp(4789, `08000000 00138900 ${FRAME_IN}`))), ...tcp },
  'vxlan-gpe': { type: 'vxlan', id: 6, octets: hex(over4(17, udp(4790, `0c000001 00000600 ${IPV4_TCP}`))), ...tcp },
  geneve: {
    type: 'geneve',
    id: 77,
    octets: hex(over4(17, udp(6081, `02006558 00004d00 0102800100000000 ${FRAME_IN}`))),
    ...tcp,
  },
  'gtp-u': { type: 'gtp-u', id: 99, octets: hex(over4(17, udp(2152, `30ff0034 00000063 ${IPV4_TCP}`))), ...tcp },
  'gtp-u of 5G': {
    type: 'gtp-u',
    id: 99,
    octets: hex(over4(17, udp(2152, `34ff003c 00000063 00000085 01000900 ${IPV4_TCP}`))),
    ...tcp,
  },
  l2tp: {
    type: 'l2tp',
    id: 3,
    octets: hex(over4(17, udp(1701, `4002 ${half(12 + 52 - 2)} 0001 0003 ff03 0021 ${IPV4_TCP}`))),
    ...tcp,
  },
  srv6: {
    type: 'ipip',
    octets: hex(
      ETHERNET,
      '86dd',
      ipv6(
        43,
        `0404 0401 01000000 ${'20010db8 000a0000 00000000 00000001'} ${'20010db8 000b0000 00000000 00000002'} ${IPV4_TCP}`,
      ),
    ),
    ...tcp,
  },
  'srv6, Ethernet': {
    type: 'ethernet',
    octets: hex(ETHERNET, '86dd', ipv6(43, `8f02 0400 00000000 ${'20010db8 000a0000 00000000 00000001'} ${FRAME_IN}`)),
    ...tcp,
  },
  'a tunnel in a tunnel': {
    type: 'vxlan',
    id: 5001,
    octets: hex(over4(47, `0000 0800 ${ipv4(17, udp(4789, `08000000 00138900 ${FRAME_IN}`))}`)),
    ...tcp,
  },
  pseudowire: { type: 'mpls-pw', id: 69, octets: hex(ETHERNET, '8847', '00045140 00000001', FRAME_IN), ...tcp },
}
