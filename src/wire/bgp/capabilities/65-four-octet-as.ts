// Capability 65, 4-octet AS number: the sender's own.
import type { CapabilityRow } from './capability.ts'
import { word16 } from './capability.ts'

export const fourOctetAs: CapabilityRow = {
  code: 65,
  name: 'four-octet-as',
  reference: 'RFC 6793 section 3',
  read: (view, start, end, into) => {
    if (end - start !== 4) return false
    into.as4 = view.getUint32(start)
    return true
  },
  write: from => (from.as4 === undefined ? [] : [[...word16(from.as4 >>> 16), ...word16(from.as4 & 0xffff)]]),
}
