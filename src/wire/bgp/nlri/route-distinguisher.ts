// Route distinguishers (RFC 4364 section 4.2) as pmacct prints them: type:administrator:number.
import { ipv4Address } from './prefix-text.ts'

export const RD_OCTETS = 8

/** Of the eight octets at `at`. */
export function distinguisherText(octets: Uint8Array, view: DataView, at: number): string {
  const type = view.getUint16(at)
  if (type === 1) return `1:${ipv4Address(octets, at + 2)}:${view.getUint16(at + 6)}`
  if (type === 2) return `2:${view.getUint32(at + 2)}:${view.getUint16(at + 6)}`
  return `${type}:${view.getUint16(at + 2)}:${view.getUint32(at + 4)}`
}
