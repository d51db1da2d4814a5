// The one route that a collector announces: it is a member of every route target (RFC 4684 sections 3.2 and 4). A peer
// that knows route target membership sends no VPN route that nobody asked for.
import { parseDotted, parseIpv6 } from '../../octets/address.ts'
import { AFI_IPV4, SAFI_RTC } from './families.ts'
import { UPDATE, writeMessage } from './message.ts'

const ORIGIN = [0x40, 1, 1, 0]
const LOCAL_PREF = [0x40, 5, 4, 0, 0, 0, 100]
const AS_SEQUENCE = 2
/** A prefix of no bits holds every route target. */
const EVERY_TARGET = [0]

export interface Speaker {
  readonly as: number
  /** Our address of the session. */
  readonly address: string
  /** Both sides are of one AS. */
  readonly isInternal: boolean
  /** AS numbers have four octets. */
  readonly as4: boolean
}

/** UPDATEs of the default membership and of the end of the family's routes, which the peer may be waiting for. */
export function writeDefaultMembership(speaker: Speaker): Uint8Array[] {
  const family = [0, AFI_IPV4, SAFI_RTC]
  const nextHop = addressOctets(speaker.address)
  const reach = [...family, nextHop.length, ...nextHop, 0, ...EVERY_TARGET]
  const path = speaker.isInternal ? [] : asSequence(speaker)
  const attributes = [0x80, 14, reach.length, ...reach, ...ORIGIN, 0x40, 2, path.length, ...path]
  if (speaker.isInternal) attributes.push(...LOCAL_PREF)
  return [writeUpdate(attributes), writeUpdate([0x80, 15, family.length, ...family])]
}

function asSequence({ as, as4 }: Speaker): number[] {
  const low = [(as >>> 8) & 255, as & 255]
  return [AS_SEQUENCE, 1, ...(as4 ? [as >>> 24, (as >>> 16) & 255, ...low] : low)]
}

function writeUpdate(attributes: readonly number[]): Uint8Array {
  return writeMessage(UPDATE, Uint8Array.of(0, 0, 0, attributes.length, ...attributes))
}

function addressOctets(address: string): number[] {
  const ipv4 = parseDotted(address)
  if (ipv4 >= 0) return octetsOf([ipv4])
  const words = new Uint32Array(4)
  return parseIpv6(address, words, 0) ? octetsOf([...words]) : [0, 0, 0, 0]
}

const octetsOf = (words: readonly number[]): number[] =>
  words.flatMap(word => [word >>> 24, (word >>> 16) & 255, (word >>> 8) & 255, word & 255])
