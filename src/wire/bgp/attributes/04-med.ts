// Attribute 4, MULTI_EXIT_DISC: one number of four octets.
import { type AttributeRow, lengthProblem, OPTIONAL } from './attribute.ts'

export const med: AttributeRow = {
  code: 4,
  name: 'MULTI_EXIT_DISC',
  flags: OPTIONAL,
  whenMalformed: 'treat-as-withdraw',
  reference: 'RFC 7606 section 7.4',
  decode: (_octets, view, start, end, draft) => {
    if (end - start !== 4) return lengthProblem(end - start, '4')
    draft.values.med = view.getUint32(start)
    return undefined
  },
}
