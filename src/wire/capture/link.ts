// Link layers by LINKTYPE_ number (tcpdump.org/linktypes.html): where the IP packet of a frame starts.
import { behindEthernet, behindEtherType, behindNibble, behindPppProtocol, NO_IP, readPair } from './ethernet.ts'
import { behindNflog } from './nflog.ts'

/** Gives the first octet of the IP packet in the frame [start, end), or NO_IP. */
export type LinkLayer = (octets: Uint8Array, start: number, end: number) => number

/** The protocol family, four octets in the byte order of the machine that captured: all of them mean IP by the nibble. */
const IP_FAMILIES = new Set([2, 10, 24, 28, 30])

const behindFamily: LinkLayer = (octets, start, end) => {
  if (start + 4 > end) return NO_IP
  const family = readPair(octets, start, end) === 0 ? octets[start + 3]! : octets[start]!
  return IP_FAMILIES.has(family) ? behindNibble(octets, start + 4, end) : NO_IP
}

/** RFC 1662 section 3.1: the address and control octets may have been left out. */
const behindPpp: LinkLayer = (octets, start, end) =>
  behindPppProtocol(octets, readPair(octets, start, end) === 0xff03 ? start + 2 : start, end)

/** Cisco HDLC: address, control, EtherType. */
const behindCiscoHdlc: LinkLayer = (octets, start, end) =>
  behindEtherType(octets, readPair(octets, start + 2, end), start + 4, end)

const behindLinuxCooked: LinkLayer = (octets, start, end) =>
  behindEtherType(octets, readPair(octets, start + 14, end), start + 16, end)

const behindLinuxCooked2: LinkLayer = (octets, start, end) =>
  behindEtherType(octets, readPair(octets, start, end), start + 20, end)

export const LINK_LAYERS: ReadonlyMap<number, LinkLayer> = new Map([
  [0, behindFamily],
  [1, behindEthernet],
  [9, behindPpp],
  [12, behindNibble],
  [14, behindNibble],
  [50, behindPpp],
  [101, behindNibble],
  [104, behindCiscoHdlc],
  [108, behindFamily],
  [113, behindLinuxCooked],
  [228, behindNibble],
  [229, behindNibble],
  [239, behindNflog],
  [276, behindLinuxCooked2],
])

export const LINKTYPE_ETHERNET = 1
