// Attribute 7, AGGREGATOR: AS number of the session's width and the address of who aggregated.
import { ipv4Address } from '../nlri/prefix-text.ts'
import { type AttributeRow, lengthProblem, OPTIONAL, TRANSITIVE } from './attribute.ts'

export const aggregator: AttributeRow = {
  code: 7,
  name: 'AGGREGATOR',
  flags: OPTIONAL | TRANSITIVE,
  whenMalformed: 'attribute-discard',
  reference: 'RFC 7606 section 7.7',
  decode: (octets, view, start, end, draft) => {
    const length = draft.as4 ? 8 : 6
    if (end - start !== length) return lengthProblem(end - start, String(length))
    draft.values.aggregator_as = draft.as4 ? view.getUint32(start) : view.getUint16(start)
    draft.values.aggregator_ip = ipv4Address(octets, end - 4)
    return undefined
  },
}
