// Attribute 32, LARGE_COMMUNITY (RFC 8092).
import { type AttributeRow, lengthProblem, OPTIONAL, TRANSITIVE } from './attribute.ts'

export const largeCommunities: AttributeRow = {
  code: 32,
  name: 'LARGE_COMMUNITY',
  flags: OPTIONAL | TRANSITIVE,
  whenMalformed: 'treat-as-withdraw',
  reference: 'RFC 8092 section 6',
  decode: (_octets, view, start, end, draft) => {
    if (end === start || (end - start) % 12 !== 0) return lengthProblem(end - start, 'a multiple of 12 above 0')
    const texts: string[] = []
    for (let at = start; at < end; at += 12) {
      texts.push(`${view.getUint32(at)}:${view.getUint32(at + 4)}:${view.getUint32(at + 8)}`)
    }
    draft.values.lcomms = texts
    return undefined
  },
}
