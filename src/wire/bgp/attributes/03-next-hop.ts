// Attribute 3, NEXT_HOP of the IPv4 routes outside MP_REACH_NLRI.
import { ipv4Address } from '../nlri/prefix-text.ts'
import { type AttributeRow, lengthProblem, TRANSITIVE } from './attribute.ts'

export const nextHop: AttributeRow = {
  code: 3,
  name: 'NEXT_HOP',
  flags: TRANSITIVE,
  whenMalformed: 'treat-as-withdraw',
  reference: 'RFC 7606 section 7.3',
  decode: (octets, _view, start, end, draft) => {
    if (end - start !== 4) return lengthProblem(end - start, '4')
    draft.nextHop = ipv4Address(octets, start)
    return undefined
  },
}
