// Attribute 29, BGP-LS: TLVs of a 16-bit type and length (RFC 9552 section 5.3).
import { type AttributeRow, OPTIONAL } from './attribute.ts'
import { putLinkStateTlv } from './bgp-ls-tlv.ts'

export const bgpLs: AttributeRow = {
  code: 29,
  name: 'BGP_LS',
  flags: OPTIONAL,
  whenMalformed: 'attribute-discard',
  reference: 'RFC 9552 section 8.2.2',
  decode: (octets, view, start, end, draft) => {
    let at = start
    while (at + 4 <= end) at += 4 + view.getUint16(at + 2)
    if (at !== end) return 'its TLVs do not fill it'
    for (at = start; at < end; ) {
      const from = at + 4
      const next = from + view.getUint16(at + 2)
      putLinkStateTlv(view.getUint16(at), { octets, view, start: from, end: next }, draft.extra)
      at = next
    }
    return undefined
  },
}
