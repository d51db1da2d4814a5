// Attribute 23, TUNNEL_ENCAPSULATION (RFC 9012): TLVs of a 16-bit type and length, kept in hex.
import { hexText } from '../../../octets/address.ts'
import { type AttributeRow, OPTIONAL, TRANSITIVE } from './attribute.ts'

export const tunnelEncapsulation: AttributeRow = {
  code: 23,
  name: 'TUNNEL_ENCAPSULATION',
  flags: OPTIONAL | TRANSITIVE,
  whenMalformed: 'treat-as-withdraw',
  reference: 'RFC 9012 section 13',
  decode: (octets, view, start, end, draft) => {
    let at = start
    while (at + 4 <= end) at += 4 + view.getUint16(at + 2)
    if (at !== end) return 'its tunnels do not fill it'
    draft.extra.tunnel_encap = hexText(octets, start, end)
    return undefined
  },
}
