// Attribute 22, PMSI_TUNNEL (RFC 6514 section 5): flags, tunnel type, label and the tunnel's identifier, kept in hex.
import { hexText } from '../../../octets/address.ts'
import { type AttributeRow, lengthProblem, OPTIONAL, TRANSITIVE } from './attribute.ts'

export const pmsiTunnel: AttributeRow = {
  code: 22,
  name: 'PMSI_TUNNEL',
  flags: OPTIONAL | TRANSITIVE,
  whenMalformed: 'treat-as-withdraw',
  reference: 'RFC 6514 section 5',
  decode: (octets, view, start, end, draft) => {
    if (end - start < 5) return lengthProblem(end - start, '5 or more')
    const label = view.getUint32(start + 1) & 0xffffff
    draft.extra.pmsi_tunnel = {
      flags: octets[start] as number,
      type: octets[start + 1] as number,
      // With VXLAN and its like the whole field is the VNI (RFC 8365 section 5.1.3); here both can be told from the number.
      label_field: label,
      id: hexText(octets, start + 5, end),
    }
    return undefined
  },
}
