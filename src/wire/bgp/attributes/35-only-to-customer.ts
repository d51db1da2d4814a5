// Attribute 35, ONLY_TO_CUSTOMER: one number of four octets.
import { type AttributeRow, lengthProblem, OPTIONAL, TRANSITIVE } from './attribute.ts'

export const onlyToCustomer: AttributeRow = {
  code: 35,
  name: 'ONLY_TO_CUSTOMER',
  flags: OPTIONAL | TRANSITIVE,
  whenMalformed: 'treat-as-withdraw',
  reference: 'RFC 9234 section 5',
  decode: (_octets, view, start, end, draft) => {
    if (end - start !== 4) return lengthProblem(end - start, '4')
    draft.values.otc = view.getUint32(start)
    return undefined
  },
}
