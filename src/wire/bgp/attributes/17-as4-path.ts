// Attribute 17, AS4_PATH: the path in four octets where the session has two (RFC 6793). Between speakers of four it is to be discarded.
import { readSegments } from './as-segments.ts'
import { type AttributeRow, OPTIONAL, TRANSITIVE } from './attribute.ts'

export const as4Path: AttributeRow = {
  code: 17,
  name: 'AS4_PATH',
  flags: OPTIONAL | TRANSITIVE,
  whenMalformed: 'attribute-discard',
  reference: 'RFC 6793 section 6',
  decode: (_octets, view, start, end, draft) => {
    if (draft.as4) return undefined
    const path = readSegments(view, start, end, true)
    if (typeof path === 'string') return path
    // Confederation segments have no business here and are dropped, not the attribute (RFC 6793 section 6).
    draft.as4Path = path.filter(item => typeof item === 'number' || String(item).startsWith('{'))
    return undefined
  },
}
