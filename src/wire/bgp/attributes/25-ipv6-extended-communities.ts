// Attribute 25, IPv6 Address Specific Extended Communities (RFC 5701): type, subtype, address, 16-bit number.
import { ipv6Address } from '../nlri/prefix-text.ts'
import { type AttributeRow, lengthProblem, OPTIONAL, TRANSITIVE } from './attribute.ts'

const OCTETS = 20
const NAMES: { readonly [type: number]: string } = { 2: 'RT', 3: 'SoO', 11: 'VRF-Import' }

export const ipv6ExtendedCommunities: AttributeRow = {
  code: 25,
  name: 'IPV6_EXTENDED_COMMUNITIES',
  flags: OPTIONAL | TRANSITIVE,
  whenMalformed: 'treat-as-withdraw',
  reference: 'RFC 7606 section 7.15',
  decode: (octets, view, start, end, draft) => {
    if (end === start || (end - start) % OCTETS !== 0) return lengthProblem(end - start, 'a multiple of 20 above 0')
    const texts: string[] = []
    for (let at = start; at < end; at += OCTETS) {
      const type = view.getUint16(at)
      const name = NAMES[type] ?? `0x${type.toString(16).padStart(4, '0')}`
      texts.push(`${name}:${ipv6Address(octets, at + 2)}:${view.getUint16(at + 18)}`)
    }
    draft.extra.ecomms_ipv6 = texts
    return undefined
  },
}
