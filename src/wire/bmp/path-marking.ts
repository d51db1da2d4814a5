// The path marking TLV: states of a path and why (draft-ietf-grow-bmp-path-marking-tlv section 2).
import type { NetRecord } from '../../contract/record.ts'
import type { Tlv } from './tlv.ts'

/** By bit, from the lowest. */
const STATES: readonly string[] = [
  'Invalid',
  'Best',
  'Non-selected',
  'Primary',
  'Backup',
  'Non-installed',
  'Best-external',
  'Add-Path',
  'Filtered-In-Policy',
  'Filtered-Out-Policy',
  'Stale',
  'Suppressed',
]
const KNOWN_BITS = 2 ** STATES.length - 1
const hex = (value: number, digits: number): string => `0x${value.toString(16).padStart(digits, '0')}`

/** Keys of the record; undefined when the TLV is too short. */
export function readPathMarking(view: DataView, { start, end }: Tlv): NetRecord | undefined {
  if (end - start < 4) return undefined
  const status = view.getUint32(start)
  const names = STATES.filter((_, bit) => status & (1 << bit))
  const rest = (status & ~KNOWN_BITS) >>> 0
  if (rest !== 0) names.push(hex(rest, 8))
  if (names.length === 0) names.push('Unknown')
  const fields: NetRecord = { path_status: names }
  if (end - start >= 6) fields.reason_code = hex(view.getUint16(start + 4), 4)
  return fields
}
