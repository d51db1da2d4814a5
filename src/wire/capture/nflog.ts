// Packets from Linux netfilter's log (LINKTYPE_NFLOG): a header of 4 octets, then attributes of which one is the packet.
import { behindNibble, NO_IP } from './ethernet.ts'

const HEADER_OCTETS = 4
const PAYLOAD = 9

/** Lengths and types are in the byte order of the machine that captured: a length above 255 may be either, so both are tried. */
export function behindNflog(octets: Uint8Array, start: number, end: number): number {
  const little = findPayload(octets, start + HEADER_OCTETS, end, 0)
  return little === NO_IP ? findPayload(octets, start + HEADER_OCTETS, end, 1) : little
}

/** `low` is where a pair of octets has the low one. */
function findPayload(octets: Uint8Array, at: number, end: number, low: 0 | 1): number {
  const high = 1 - low
  while (at + 4 <= end) {
    const length = octets[at + low]! | (octets[at + high]! << 8)
    const type = octets[at + 2 + low]! | (octets[at + 2 + high]! << 8)
    if (length < 4) return NO_IP
    if (type === PAYLOAD) return behindNibble(octets, at + 4, end)
    at += (length + 3) & ~3
  }
  return NO_IP
}
