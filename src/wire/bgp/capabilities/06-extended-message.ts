// Capability 6, BGP Extended Message: no value.
import type { CapabilityRow } from './capability.ts'

export const extendedMessage: CapabilityRow = {
  code: 6,
  name: 'extended-message',
  reference: 'RFC 8654 section 3',
  read: (_view, start, end, into) => {
    into.extendedMessage ||= start === end
    return start === end
  },
  write: from => (from.extendedMessage ? [[]] : []),
}
