// OPEN messages (RFC 4271 section 4.2, RFC 5492, extended parameters RFC 9072).
import { dotted, parseDotted } from '../../octets/address.ts'
import { type Capabilities, noCapabilities, readCapabilities, writeCapabilities } from './capabilities.ts'
import { HEADER_OCTETS, OPEN, writeMessage } from './message.ts'
import { type BgpProblem, bgpProblem, OPEN_ERROR } from './notification.ts'

export const BGP_VERSION = 4
/** Stands for AS numbers that do not fit two octets (RFC 6793). */
export const AS_TRANS = 23456
const CAPABILITIES_PARAMETER = 2
const EXTENDED_PARAMETERS = 255
const FIXED_OCTETS = 10

export interface Open {
  /** The AS number of the sender; of the capability when it is there. */
  readonly as: number
  readonly holdSeconds: number
  /** BGP identifier, dotted. */
  readonly routerId: string
  readonly capabilities: Capabilities
}

/**
 * The body of an OPEN in octets[start..end). What only the session can judge (AS, identifier of our own) is not judged; of
 * a `monitored` router, neither are hold time and identifier: the OPENs of a Loc-RIB are made up.
 */
export function readOpen(octets: Uint8Array, start: number, end: number, monitored = false): Open | BgpProblem {
  if (end - start < FIXED_OCTETS) return bgpProblem(OPEN_ERROR, 0, `an OPEN body of ${end - start} octets`)
  const view = new DataView(octets.buffer, octets.byteOffset, octets.length)
  const version = view.getUint8(start)
  if (version !== BGP_VERSION) {
    return bgpProblem(OPEN_ERROR, 1, `the peer speaks BGP version ${version}`, Uint8Array.of(0, BGP_VERSION))
  }
  const as = view.getUint16(start + 1)
  const holdSeconds = view.getUint16(start + 3)
  if (!monitored && (holdSeconds === 1 || holdSeconds === 2)) {
    return bgpProblem(OPEN_ERROR, 6, `a hold time of ${holdSeconds} s; RFC 4271 allows 0 and 3 or more`)
  }
  const id = view.getUint32(start + 5)
  if (id === 0 && !monitored) return bgpProblem(OPEN_ERROR, 3, 'the BGP identifier is 0.0.0.0')
  const capabilities = noCapabilities()
  const problem = readParameters(octets, view, start + 9, end, capabilities)
  if (problem) return problem
  const ownAs = capabilities.as4 ?? as
  if (ownAs === 0 && !monitored)
    return bgpProblem(OPEN_ERROR, 2, 'the peer says that its AS is 0, which RFC 7607 forbids')
  return { as: ownAs, holdSeconds, routerId: dotted(id), capabilities }
}

function readParameters(
  octets: Uint8Array,
  view: DataView,
  start: number,
  end: number,
  into: Capabilities,
): BgpProblem | undefined {
  const malformed = (what: string) => bgpProblem(OPEN_ERROR, 0, `optional parameters of an OPEN: ${what}`)
  let at = start + 1
  let lengthOctets = 1
  let octetsSaid = view.getUint8(start)
  if (octetsSaid > 0 && at < end && octets[at] === EXTENDED_PARAMETERS) {
    if (end - at < 3) return malformed('the extended length is cut')
    octetsSaid = view.getUint16(at + 1)
    lengthOctets = 2
    at += 3
  }
  if (at + octetsSaid !== end) return malformed(`they say ${octetsSaid} octets, there are ${end - at}`)
  while (at < end) {
    if (end - at < 1 + lengthOctets) return malformed('one is cut')
    const type = octets[at] as number
    const from = at + 1 + lengthOctets
    at = from + (lengthOctets === 2 ? view.getUint16(at + 1) : (octets[at + 1] as number))
    if (at > end) return malformed(`parameter ${type} goes beyond the message`)
    if (type !== CAPABILITIES_PARAMETER) return bgpProblem(OPEN_ERROR, 4, `optional parameter ${type} is not known`)
    if (!readCapabilities(octets, from, at, into)) return malformed('a capability goes beyond its parameter')
  }
  return undefined
}

/** A whole OPEN. All capabilities go in one parameter, in the extended form when they need more than 255 octets. */
export function writeOpen(open: Open): Uint8Array {
  const capabilities = writeCapabilities(open.capabilities)
  const as = open.as > 0xffff ? AS_TRANS : open.as
  const id = parseDotted(open.routerId)
  const body = [BGP_VERSION, as >> 8, as & 255, open.holdSeconds >> 8, open.holdSeconds & 255]
  body.push((id >>> 24) & 255, (id >>> 16) & 255, (id >>> 8) & 255, id & 255)
  const { length } = capabilities
  if (length === 0) body.push(0)
  else if (length + 2 <= 254) body.push(length + 2, CAPABILITIES_PARAMETER, length, ...capabilities)
  else {
    const all = length + 3
    body.push(255, EXTENDED_PARAMETERS, all >> 8, all & 255, CAPABILITIES_PARAMETER, length >> 8, length & 255)
    body.push(...capabilities)
  }
  return writeMessage(OPEN, Uint8Array.from(body))
}

/** A whole OPEN message as it stands in a BMP peer-up or a capture: header and body. */
export function readOpenMessage(octets: Uint8Array, start: number, end: number): Open | BgpProblem {
  return readOpen(octets, start + HEADER_OCTETS, end, true)
}
