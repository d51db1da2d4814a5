/** One frame for each way to an IP packet. */
import { ENDPOINTS6, ethernet, hex, join, packet } from './captures.ts'

export const IPV4 = packet('four')
const IPV6 = packet('six', ENDPOINTS6)
const SNAP = 'aaaa03 000000'

/** Name, link type, frame, payload of the UDP datagram in it. */
export const FRAMES: readonly [string, number, Uint8Array, string][] = [
  ['Ethernet', 1, ethernet('0800', IPV4), 'four'],
  ['Ethernet, IPv6', 1, ethernet('86dd', IPV6), 'six'],
  ['VLAN', 1, ethernet('8100 0064 0800', IPV4), 'four'],
  ['QinQ', 1, ethernet('88a8 0064 8100 0065 86dd', IPV6), 'six'],
  ['three tags', 1, ethernet('9100 0001 9100 0002 8100 0003 0800', IPV4), 'four'],
  ['VN-Tag before a VLAN tag', 1, ethernet('8926 80014002 8100 0003 0800', IPV4), 'four'],
  ['MPLS', 1, ethernet('8847 00064140', IPV4), 'four'],
  ['MPLS, three labels behind a VLAN tag', 1, ethernet('8100 0064 8847 00064040 00065040 00066140', IPV6), 'six'],
  ['MPLS multicast', 1, ethernet('8848 00064140', IPV4), 'four'],
  ['PPPoE', 1, ethernet('8864 1100 0001 0025 0021', IPV4), 'four'],
  ['PPPoE behind a VLAN tag, IPv6', 1, ethernet('8100 0007 8864 1100 0001 0040 0057', IPV6), 'six'],
  ['802.3 with SNAP', 1, ethernet(`0040 ${SNAP} 0800`, IPV4), 'four'],
  ['NULL, little-endian', 0, join(hex('02000000'), IPV4), 'four'],
  ['NULL, big-endian', 0, join(hex('00000002'), IPV4), 'four'],
  ['NULL, IPv6 of macOS', 0, join(hex('1e000000'), IPV6), 'six'],
  ['NULL, IPv6 of FreeBSD, big-endian', 0, join(hex('0000001c'), IPV6), 'six'],
  ['LOOP', 108, join(hex('00000018'), IPV6), 'six'],
  ['PPP', 9, join(hex('0021'), IPV4), 'four'],
  ['PPP with address and control', 9, join(hex('ff03 0057'), IPV6), 'six'],
  ['PPP, one octet of protocol', 9, join(hex('ff03 21'), IPV4), 'four'],
  ['PPP with MPLS', 9, join(hex('ff03 0281 00064140'), IPV4), 'four'],
  ['PPP serial', 50, join(hex('ff03 0021'), IPV4), 'four'],
  ['Cisco HDLC', 104, join(hex('0f00 0800'), IPV4), 'four'],
  ...[12, 14, 101].flatMap((type): [string, number, Uint8Array, string][] => [
    [`raw IP ${type}, IPv4`, type, IPV4, 'four'],
    [`raw IP ${type}, IPv6`, type, IPV6, 'six'],
  ]),
  ['IPv4', 228, IPV4, 'four'],
  ['IPv6', 229, IPV6, 'six'],
  ['SLL', 113, join(hex('0000 0001 0006 0200000000010000 0800'), IPV4), 'four'],
  ['SLL with a VLAN tag', 113, join(hex('0000 0001 0006 0200000000010000 8100 0064 86dd'), IPV6), 'six'],
  ['NFLOG, little-endian', 239, join(hex('02 00 0005 0800 0100 08000000 0500 0a00 00000000 2400 0900'), IPV4), 'four'],
  ['NFLOG, big-endian, IPv6', 239, join(hex('0a 00 0005 0008 0001 86dd0000 0037 0009'), IPV6), 'six'],
  ['SLL2', 276, join(hex('86dd 0000 00000002 0001 00 06 0200000000010000'), IPV6), 'six'],
]
