// Attribute 18, AS4_AGGREGATOR (RFC 6793).
import { ipv4Address } from '../nlri/prefix-text.ts'
import { type AttributeRow, lengthProblem, OPTIONAL, TRANSITIVE } from './attribute.ts'

export const as4Aggregator: AttributeRow = {
  code: 18,
  name: 'AS4_AGGREGATOR',
  flags: OPTIONAL | TRANSITIVE,
  whenMalformed: 'attribute-discard',
  reference: 'RFC 6793 section 6',
  decode: (octets, view, start, end, draft) => {
    if (end - start !== 8) return lengthProblem(end - start, '8')
    if (!draft.as4) draft.as4Aggregator = { as: view.getUint32(start), address: ipv4Address(octets, start + 4) }
    return undefined
  },
}
