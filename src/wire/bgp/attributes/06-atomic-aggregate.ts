// Attribute 6, ATOMIC_AGGREGATE: no value.
import { type AttributeRow, lengthProblem, TRANSITIVE } from './attribute.ts'

export const atomicAggregate: AttributeRow = {
  code: 6,
  name: 'ATOMIC_AGGREGATE',
  flags: TRANSITIVE,
  whenMalformed: 'attribute-discard',
  reference: 'RFC 7606 section 7.6',
  decode: (_octets, _view, start, end, draft) => {
    if (end !== start) return lengthProblem(end - start, '0')
    draft.values.atomic_aggregate = 1
    return undefined
  },
}
