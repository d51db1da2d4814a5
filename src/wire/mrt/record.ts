// The common header of MRT records: time, type, subtype, length (RFC 6396 section 2), and the extended time (section 3).
import type { Problem } from '../../contract/problem.ts'

export const MRT_HEADER_OCTETS = 12
/** A prefix with an entry of each of 65,535 peers does not come near it. */
export const MRT_RECORD_OCTETS = 32 * 1024 * 1024

export const TABLE_DUMP = 12
export const TABLE_DUMP_V2 = 13
export const BGP4MP = 16
export const BGP4MP_ET = 17

/** A record whose body is octets[start..end). */
export interface MrtRecord {
  readonly octets: Uint8Array
  readonly view: DataView
  readonly start: number
  readonly end: number
  readonly type: number
  readonly subtype: number
  /** Unix microseconds. */
  readonly timeUs: number
}

/** Octets of the whole record at `at`; undefined when the header is not there, a Problem when it cannot be one. */
export function recordOctets(view: DataView, at: number, available: number): number | Problem | undefined {
  if (available < MRT_HEADER_OCTETS) return undefined
  const length = view.getUint32(at + 8)
  if (length <= MRT_RECORD_OCTETS) return MRT_HEADER_OCTETS + length
  return mrtProblem('mrt/corrupt', `a record that says ${length} octets of length: the file is damaged`, '2')
}

/** The record in octets[start..end), whose length recordOctets found. */
export function readRecord(octets: Uint8Array, view: DataView, start: number, end: number): MrtRecord | Problem {
  const seconds = view.getUint32(start)
  const type = view.getUint16(start + 4)
  const subtype = view.getUint16(start + 6)
  const body = start + MRT_HEADER_OCTETS
  if (type !== BGP4MP_ET) return { octets, view, start: body, end, type, subtype, timeUs: seconds * 1e6 }
  if (end - body < 4) return mrtProblem('mrt/truncated', 'a record of extended time without its microseconds', '3')
  const timeUs = seconds * 1e6 + view.getUint32(body)
  return { octets, view, start: body + 4, end, type: BGP4MP, subtype, timeUs }
}

export function mrtProblem(code: `mrt/${string}`, message: string, section: string): Problem {
  return { code, message, reference: `RFC 6396 section ${section}` }
}
