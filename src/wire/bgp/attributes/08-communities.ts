// Attribute 8, COMMUNITIES (RFC 1997).
import { type AttributeRow, lengthProblem, OPTIONAL, TRANSITIVE } from './attribute.ts'
import { communityText } from './community-text.ts'

export const communities: AttributeRow = {
  code: 8,
  name: 'COMMUNITIES',
  flags: OPTIONAL | TRANSITIVE,
  whenMalformed: 'treat-as-withdraw',
  reference: 'RFC 7606 section 7.8',
  decode: (_octets, view, start, end, draft) => {
    if (end === start || (end - start) % 4 !== 0) return lengthProblem(end - start, 'a multiple of 4 above 0')
    const texts: string[] = []
    for (let at = start; at < end; at += 4) texts.push(communityText(view.getUint32(at)))
    draft.values.comms = texts
    return undefined
  },
}
