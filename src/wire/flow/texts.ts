// Texts of identifiers that are octets: application ids (RFC 6759), route distinguishers (RFC 4364 section 4.2).
import { dotted, hexText } from '../../octets/address.ts'

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
  if (length !== 8) return ''
  const view = new DataView(octets.buffer, octets.byteOffset + at, 8)
  const type = view.getUint16(0)
  switch (type) {
    case 0:
      return `0:${view.getUint16(2)}:${view.getUint32(4)}`
    case 1:
      return `1:${dotted(view.getUint32(2))}:${view.getUint16(6)}`
    case 2:
      return `2:${view.getUint32(2)}:${view.getUint16(6)}`
    default:
      return `${type}:${hexText(octets, at + 2, at + 8)}`
  }
}
