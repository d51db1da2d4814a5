// Where the IS-IS PDU of a link-layer frame is: behind LLC fe fe 03 (ISO 8802-2), or a protocol number that means OSI.

/** Gives the first octet of the PDU in the frame [start, end), or -1. */
type Find = (octets: Uint8Array, start: number, end: number) => number

const NONE = -1
/** First octet of every PDU (ISO 10589 section 9.5). */
const DISCRIMINATOR = 0x83
const MAC_OCTETS = 12
const LARGEST_LENGTH = 1500
/** A jumbo frame that has LLC behind an EtherType of its own (draft-ietf-isis-ext-eth). */
const JUMBO_LLC = 0x8870
const TAGS: ReadonlySet<number> = new Set([0x8100, 0x88a8, 0x9100])
/** The kernel's number of 802.2 frames, in cooked captures. */
const COOKED_LLC = 4
const OSI_OF_HDLC = 0xfefe
const OSI_OF_PPP = 0x0023

const pair = (octets: Uint8Array, at: number): number => ((octets[at] as number) << 8) | (octets[at + 1] as number)
const isPdu = (octets: Uint8Array, at: number, end: number): boolean => at < end && octets[at] === DISCRIMINATOR

function behindLlc(octets: Uint8Array, at: number, end: number): number {
  const isLlc = at + 3 < end && octets[at] === 0xfe && octets[at + 1] === 0xfe && octets[at + 2] === 0x03
  return isLlc && isPdu(octets, at + 3, end) ? at + 3 : NONE
}

const behindEthernet: Find = (octets, start, end) => {
  let at = start + MAC_OCTETS
  while (at + 4 <= end && TAGS.has(pair(octets, at))) at += 4
  if (at + 2 > end) return NONE
  const type = pair(octets, at)
  return type <= LARGEST_LENGTH || type === JUMBO_LLC ? behindLlc(octets, at + 2, end) : NONE
}

const behindHdlc: Find = (octets, start, end) => {
  if (start + 5 > end || pair(octets, start + 2) !== OSI_OF_HDLC) return NONE
  // Cisco pads with an octet; others put LLC there.
  const at = octets[start + 4] === DISCRIMINATOR ? start + 4 : start + 5
  return isPdu(octets, at, end) ? at : behindLlc(octets, start + 4, end)
}

const behindPpp: Find = (octets, start, end) => {
  const at = start + 4 < end && pair(octets, start) === 0xff03 ? start + 2 : start
  return at + 2 < end && pair(octets, at) === OSI_OF_PPP && isPdu(octets, at + 2, end) ? at + 2 : NONE
}

const behindCooked: Find = (octets, start, end) =>
  start + 16 < end && pair(octets, start + 14) === COOKED_LLC ? behindLlc(octets, start + 16, end) : NONE

const behindCooked2: Find = (octets, start, end) =>
  start + 20 < end && pair(octets, start) === COOKED_LLC ? behindLlc(octets, start + 20, end) : NONE

/** By LINKTYPE_ number (tcpdump.org/linktypes.html). */
const LINKS: ReadonlyMap<number, Find> = new Map([
  [1, behindEthernet],
  [9, behindPpp],
  [50, behindPpp],
  [104, behindHdlc],
  [113, behindCooked],
  [276, behindCooked2],
])

/** The first octet of the PDU in a frame; -1 where it has none. */
export const findPdu = (linkType: number, octets: Uint8Array, start: number, end: number): number =>
  LINKS.get(linkType)?.(octets, start, end) ?? NONE
