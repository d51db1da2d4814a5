// The common header: version, length, type (RFC 7854 section 4.1; version 4 is draft-ietf-grow-bmp-tlv).
import type { Problem } from '../../contract/problem.ts'

export const ROUTE_MONITORING = 0
export const STATISTICS_REPORT = 1
export const PEER_DOWN = 2
export const PEER_UP = 3
export const INITIATION = 4
export const TERMINATION = 5
export const ROUTE_MIRRORING = 6

export const BMP_HEADER_OCTETS = 6
/** No message of a router needs more: two OPENs or one UPDATE of 65,535 octets, and TLVs. */
export const BMP_MESSAGE_OCTETS = 1024 * 1024
const VERSIONS: ReadonlySet<number> = new Set([3, 4])

export interface BmpHeader {
  readonly version: number
  readonly type: number
  /** Octets of the whole message, header included. */
  readonly length: number
}

/** The header at `at`, of which `available` octets are there; undefined when the message is not there in full. */
export function readBmpHeader(view: DataView, at: number, available: number): BmpHeader | Problem | undefined {
  if (available < 1) return undefined
  const version = view.getUint8(at)
  if (!VERSIONS.has(version)) {
    return bmpProblem('bmp/version', `a message of BMP version ${version}: only 3 and 4 are read`, '4.1')
  }
  if (available < BMP_HEADER_OCTETS) return undefined
  const length = view.getUint32(at + 1)
  if (length < BMP_HEADER_OCTETS || length > BMP_MESSAGE_OCTETS) {
    return bmpProblem('bmp/length', `a message that says ${length} octets of length`, '4.1')
  }
  return length <= available ? { version, type: view.getUint8(at + 5), length } : undefined
}

export function bmpProblem(code: `bmp/${string}`, message: string, section: string): Problem {
  return { code, message, reference: `RFC 7854 section ${section}` }
}
