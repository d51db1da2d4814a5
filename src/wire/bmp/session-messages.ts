// Initiation and termination: what the router says of itself and of the session (RFC 7854 sections 4.3 to 4.5).
import type { NetRecord } from '../../contract/record.ts'
import { putTlv, readTlvs, type TlvNames } from './tlv.ts'

const INITIATION: TlvNames = { prefix: 'bmp_init_info', names: { 0: 'string', 1: 'sysdescr', 2: 'sysname' } }
const TERMINATION: TlvNames = { prefix: 'bmp_term_info', names: { 0: 'string' } }
const REASON = 1

const REASONS: readonly string[] = [
  'Session administratively closed',
  'Unspecified reason',
  'Out of resources',
  'Redundant connection',
  'Session permanently administratively closed',
]

/** Keys of the record, and how many octets at the end are no TLV. */
export function readInitiation(
  octets: Uint8Array,
  view: DataView,
  start: number,
  end: number,
  into: NetRecord,
): number {
  const { tlvs, rest } = readTlvs(view, start, end, false)
  for (const tlv of tlvs) putTlv(into, octets, tlv, INITIATION)
  return rest
}

export function readTermination(
  octets: Uint8Array,
  view: DataView,
  start: number,
  end: number,
  into: NetRecord,
): number {
  const { tlvs, rest } = readTlvs(view, start, end, false)
  for (const tlv of tlvs) {
    if (tlv.pen === undefined && tlv.type === REASON && tlv.end - tlv.start === 2) {
      const reason = view.getUint16(tlv.start)
      into.bmp_term_info_reason = REASONS[reason] ?? `reason ${reason}`
    } else putTlv(into, octets, tlv, TERMINATION)
  }
  return rest
}
