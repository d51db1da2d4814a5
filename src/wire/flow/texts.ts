// Texts of identifiers that are octets: application ids (RFC 6759), route distinguishers (RFC 4364 section 4.2).
import { hexText } from '../../octets/address.ts'
import { distinguisherText, RD_OCTETS } from '../bgp/nlri/route-distinguisher.ts'

const LARGEST_RD_TYPE = 2

/** `engine:selector`, the selector in decimal up to six octets, in hex beyond. */
export function applicationText(octets: Uint8Array, at: number, length: number): string {
  if (length < 1) return ''
  const engine = octets[at] as number
  if (length > 7) return `${engine}:${hexText(octets, at + 1, at + length)}`
  let selector = 0
  for (let index = 1; index < length; index++) selector = selector * 256 + (octets[at + index] as number)
  return `${engine}:${selector}`
}

/** The global table, as pmacct says it. */
export const NO_RD = '0:0:0'

/** `type:administrator:value`; empty for a length that no route distinguisher has. */
export function rdText(octets: Uint8Array, at: number, length: number): string {
  if (length !== RD_OCTETS) return ''
  const view = new DataView(octets.buffer, octets.byteOffset, octets.length)
  const type = view.getUint16(at)
  return type <= LARGEST_RD_TYPE
    ? distinguisherText(octets, view, at)
    : `${type}:${hexText(octets, at + 2, at + RD_OCTETS)}`
}
