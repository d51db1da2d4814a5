// Attribute 16, EXTENDED COMMUNITIES (RFC 4360).
import { type AttributeRow, lengthProblem, OPTIONAL, TRANSITIVE } from './attribute.ts'
import { extendedCommunityText, saysVni } from './extended-community.ts'
import { EXTENDED_COMMUNITY_OCTETS } from './extended-community-body.ts'

export const extendedCommunities: AttributeRow = {
  code: 16,
  name: 'EXTENDED_COMMUNITIES',
  flags: OPTIONAL | TRANSITIVE,
  whenMalformed: 'treat-as-withdraw',
  reference: 'RFC 7606 section 7.14',
  decode: (octets, view, start, end, draft) => {
    if (end === start || (end - start) % EXTENDED_COMMUNITY_OCTETS !== 0) {
      return lengthProblem(end - start, 'a multiple of 8 above 0')
    }
    const texts: string[] = []
    for (let at = start; at < end; at += EXTENDED_COMMUNITY_OCTETS) {
      texts.push(extendedCommunityText(octets, view, at))
      draft.vni ||= saysVni(view, at)
    }
    draft.values.ecomms = texts
    return undefined
  },
}
