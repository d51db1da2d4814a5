// From an EtherType or a PPP protocol number to the IP packet behind any tags (IEEE 802.1Q, 802.1BR, RFC 3032, RFC 2516, RFC 1661).

/** No IP packet there. */
export const NO_IP = -1

const ETHERNET_HEADER_OCTETS = 14
/** Octets between the EtherType of a tag and the one behind it: VLAN, provider VLAN, its predecessor, VN-Tag. */
const TAG_OCTETS: ReadonlyMap<number, number> = new Map([
  [0x8100, 2],
  [0x88a8, 2],
  [0x9100, 2],
  [0x8926, 4],
])
/** EtherType values start here; below, the two octets are a length (IEEE 802.3). */
const LEAST_ETHER_TYPE = 0x600
const SNAP_HEADER_OCTETS = 8
const PPPOE_HEADER_OCTETS = 6

/** Gives the first octet of the IP packet in octets [at, end), or NO_IP. */
type Find = (octets: Uint8Array, at: number, end: number) => number

/** Two octets, big-endian; a number no protocol has where they are not both before `end`. */
export function readPair(octets: Uint8Array, at: number, end: number): number {
  return at + 2 <= end ? (octets[at]! << 8) | octets[at + 1]! : -1
}

const here: Find = (_, at, end) => (at < end ? at : NO_IP)

/** What follows the bottom of the stack says in its first four bits what it is. */
const behindLabels: Find = (octets, at, end) => {
  while (at + 4 <= end) {
    const bottom = octets[at + 2]! & 1
    at += 4
    if (bottom) return behindNibble(octets, at, end)
  }
  return NO_IP
}

/** An IP packet where the version is 4 or 6. */
export const behindNibble: Find = (octets, at, end) => {
  const version = at < end ? octets[at]! >> 4 : 0
  return version === 4 || version === 6 ? at : NO_IP
}

const behindPppoe: Find = (octets, at, end) => behindPppProtocol(octets, at + PPPOE_HEADER_OCTETS, end)

const PPP_PROTOCOLS: ReadonlyMap<number, Find> = new Map([
  [0x0021, here],
  [0x0057, here],
  [0x0281, behindLabels],
  [0x0283, behindLabels],
])

/** The protocol number has one octet where that is odd (RFC 1661 section 6.5). */
export const behindPppProtocol: Find = (octets, at, end) => {
  if (at >= end) return NO_IP
  const short = octets[at]! & 1
  const protocol = short ? octets[at]! : readPair(octets, at, end)
  return PPP_PROTOCOLS.get(protocol)?.(octets, at + (short ? 1 : 2), end) ?? NO_IP
}

const ETHER_TYPES: ReadonlyMap<number, Find> = new Map([
  [0x0800, here],
  [0x86dd, here],
  [0x8847, behindLabels],
  [0x8848, behindLabels],
  [0x8864, behindPppoe],
])

/** The IP packet behind an EtherType whose payload starts at `at`. */
export function behindEtherType(octets: Uint8Array, etherType: number, at: number, end: number): number {
  let type = etherType
  for (let tag = TAG_OCTETS.get(type); tag !== undefined; tag = TAG_OCTETS.get(type)) {
    type = readPair(octets, at + tag, end)
    at += tag + 2
  }
  if (type >= 0 && type < LEAST_ETHER_TYPE) return behindSnap(octets, at, end)
  return ETHER_TYPES.get(type)?.(octets, at, end) ?? NO_IP
}

/** LLC with a SNAP header: aa aa 03, three octets of zero, an EtherType (RFC 1042). */
function behindSnap(octets: Uint8Array, at: number, end: number): number {
  if (at + SNAP_HEADER_OCTETS > end || octets[at] !== 0xaa || octets[at + 1] !== 0xaa) return NO_IP
  const find = ETHER_TYPES.get(readPair(octets, at + 6, end))
  return find?.(octets, at + SNAP_HEADER_OCTETS, end) ?? NO_IP
}

export function behindEthernet(octets: Uint8Array, start: number, end: number): number {
  const at = start + ETHERNET_HEADER_OCTETS
  if (at >= end) return NO_IP
  const etherType = (octets[at - 2]! << 8) | octets[at - 1]!
  return etherType === 0x0800 ? at : behindEtherType(octets, etherType, at, end)
}
