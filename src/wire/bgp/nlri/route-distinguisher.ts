// Route distinguishers (RFC 4364 section 4.2) as pmacct prints them: type:administrator:number, and back.
import { type AdministratorType, administratorOctets } from '../administrator.ts'
import { ipv4Address } from './prefix-text.ts'

export const RD_OCTETS = 8

/** Of the eight octets at `at`. */
export function distinguisherText(octets: Uint8Array, view: DataView, at: number): string {
  const type = view.getUint16(at)
  if (type === 1) return `1:${ipv4Address(octets, at + 2)}:${view.getUint16(at + 6)}`
  if (type === 2) return `2:${view.getUint32(at + 2)}:${view.getUint16(at + 6)}`
  return `${type}:${view.getUint16(at + 2)}:${view.getUint32(at + 4)}`
}

/** Eight octets of what `distinguisherText` gives; undefined when the text is none of the types 0 to 2. */
export function distinguisherOctets(text: string): Uint8Array | undefined {
  const [, type, administrator, assigned] = /^([012]):([\d.]+):(\d+)$/.exec(text) ?? []
  if (!type || !administrator || !assigned) return undefined
  return administratorOctets(Number(type), Number(type) as AdministratorType, administrator, assigned)
}
