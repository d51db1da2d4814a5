// Framing of RTR: version, type, a number, length (RFC 6810, RFC 8210 section 5, draft-ietf-sidrops-8210bis section 5).
import { CORRUPT_DATA, type RtrProblem, rtrProblem, UNSUPPORTED_PDU } from './errors.ts'

export const SERIAL_NOTIFY = 0
export const SERIAL_QUERY = 1
export const RESET_QUERY = 2
export const CACHE_RESPONSE = 3
export const IPV4_PREFIX = 4
export const IPV6_PREFIX = 6
export const END_OF_DATA = 7
export const CACHE_RESET = 8
export const ROUTER_KEY = 9
export const ERROR_REPORT = 10
export const ASPA = 11

/** Newest version that is spoken: draft-ietf-sidrops-8210bis. */
export const NEWEST_VERSION = 2
export const HEADER_OCTETS = 8
/** The largest PDU taken: an ASPA of 16,000 providers. The protocol has no limit of its own. */
export const PDU_OCTETS = 65_536

interface Row {
  readonly name: string
  /** First version that has it. */
  readonly since: number
  /** Octets of the whole PDU; the upper bound without one is PDU_OCTETS. */
  readonly least: number
  readonly most?: number
}

const TYPES: { readonly [type: number]: Row } = {
  [SERIAL_NOTIFY]: { name: 'Serial Notify', since: 0, least: 12, most: 12 },
  [SERIAL_QUERY]: { name: 'Serial Query', since: 0, least: 12, most: 12 },
  [RESET_QUERY]: { name: 'Reset Query', since: 0, least: 8, most: 8 },
  [CACHE_RESPONSE]: { name: 'Cache Response', since: 0, least: 8, most: 8 },
  [IPV4_PREFIX]: { name: 'IPv4 Prefix', since: 0, least: 20, most: 20 },
  [IPV6_PREFIX]: { name: 'IPv6 Prefix', since: 0, least: 32, most: 32 },
  [END_OF_DATA]: { name: 'End of Data', since: 0, least: 12, most: 24 },
  [CACHE_RESET]: { name: 'Cache Reset', since: 0, least: 8, most: 8 },
  [ROUTER_KEY]: { name: 'Router Key', since: 1, least: 33 },
  [ERROR_REPORT]: { name: 'Error Report', since: 0, least: 16 },
  [ASPA]: { name: 'ASPA', since: 2, least: 12 },
}

export const pduName = (type: number): string => TYPES[type]?.name ?? `PDU type ${type}`

/** The body is in octets[at + HEADER_OCTETS .. at + length). */
export interface Pdu {
  readonly version: number
  readonly type: number
  /** Session ID, error code, or flags in its upper octet: what the type makes of it. */
  readonly number: number
  /** Octets of the whole PDU, header included. */
  readonly length: number
}

/** The PDU at `at`, of which `available` octets are there; undefined when it is not there in full. */
export function readPdu(view: DataView, at: number, available: number): Pdu | RtrProblem | undefined {
  if (available < HEADER_OCTETS) return undefined
  const version = view.getUint8(at)
  const type = view.getUint8(at + 1)
  const length = view.getUint32(at + 4)
  const row = TYPES[type]
  // Another version may have other lengths: judged where the version is negotiated.
  const [least, most] =
    row && version <= NEWEST_VERSION ? [row.least, row.most ?? PDU_OCTETS] : [HEADER_OCTETS, PDU_OCTETS]
  if (length < least || length > most)
    return rtrProblem(CORRUPT_DATA, `${pduName(type)} with a length of ${length} octets`)
  if (length > available) return undefined
  if (version <= NEWEST_VERSION && (!row || version < row.since)) {
    return rtrProblem(UNSUPPORTED_PDU, `${pduName(type)} in version ${version}`)
  }
  return { version, type, number: view.getUint16(at + 2), length }
}
