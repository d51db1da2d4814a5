// Who gives a number out, and the number: the six octets behind the type of extended communities and route distinguishers.
import { parseDotted } from '../../octets/address.ts'

/** An AS of 16 bits with 32 bits of its own, an IPv4 address with 16, an AS of 32 bits with 16. */
export type AdministratorType = 0 | 1 | 2

const wholeNumber = (text: string): number => (/^\d+$/.test(text) ? Number(text) : Number.NaN)

/**
 * Eight octets: the type as it is in front (RFC 4360 section 3, RFC 4364 section 4.2), and both numbers of the texts;
 * undefined when one of them does not fit.
 */
export function administratorOctets(
  front: number,
  type: AdministratorType,
  administrator: string,
  assigned: string,
): Uint8Array | undefined {
  const high = type === 1 ? parseDotted(administrator) : wholeNumber(administrator)
  const low = wholeNumber(assigned)
  const [highBits, lowBits] = type === 0 ? [16, 32] : [32, 16]
  if (!(high >= 0 && high < 2 ** highBits && low < 2 ** lowBits)) return undefined
  const view = new DataView(new ArrayBuffer(8))
  view.setUint16(0, front)
  if (type === 0) {
    view.setUint16(2, high)
    view.setUint32(4, low)
  } else {
    view.setUint32(2, high)
    view.setUint16(6, low)
  }
  return new Uint8Array(view.buffer)
}
