// Attribute 9, ORIGINATOR_ID (RFC 4456 section 8).
import { ipv4Address } from '../nlri/prefix-text.ts'
import { type AttributeRow, lengthProblem, OPTIONAL } from './attribute.ts'

export const originatorId: AttributeRow = {
  code: 9,
  name: 'ORIGINATOR_ID',
  flags: OPTIONAL,
  whenMalformed: 'treat-as-withdraw',
  reference: 'RFC 7606 section 7.9',
  decode: (octets, _view, start, end, draft) => {
    if (end - start !== 4) return lengthProblem(end - start, '4')
    draft.values.originator_id = ipv4Address(octets, start)
    return undefined
  },
}
