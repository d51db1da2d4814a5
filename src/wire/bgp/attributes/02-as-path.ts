// Attribute 2, AS_PATH.

import { readSegments } from './as-segments.ts'
import { type AttributeRow, TRANSITIVE } from './attribute.ts'

export const asPath: AttributeRow = {
  code: 2,
  name: 'AS_PATH',
  flags: TRANSITIVE,
  whenMalformed: 'treat-as-withdraw',
  reference: 'RFC 7606 section 7.2',
  decode: (_octets, view, start, end, draft) => {
    const path = readSegments(view, start, end, draft.as4)
    if (typeof path === 'string') return path
    draft.values.as_path = path
    return undefined
  },
}
