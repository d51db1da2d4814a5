// Attribute 5, LOCAL_PREF: one number of four octets.
import { type AttributeRow, lengthProblem, TRANSITIVE } from './attribute.ts'

export const localPref: AttributeRow = {
  code: 5,
  name: 'LOCAL_PREF',
  flags: TRANSITIVE,
  whenMalformed: 'treat-as-withdraw',
  reference: 'RFC 7606 section 7.5',
  decode: (_octets, view, start, end, draft) => {
    if (end - start !== 4) return lengthProblem(end - start, '4')
    draft.values.local_pref = view.getUint32(start)
    return undefined
  },
}
