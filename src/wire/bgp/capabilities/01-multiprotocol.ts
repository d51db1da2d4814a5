// Capability 1, Multiprotocol Extensions: AFI, reserved octet, SAFI.
import type { CapabilityRow } from './capability.ts'
import { word16 } from './capability.ts'

export const multiprotocol: CapabilityRow = {
  code: 1,
  name: 'multiprotocol',
  reference: 'RFC 4760 section 8',
  read: (view, start, end, into) => {
    if (end - start !== 4) return false
    into.families.push((view.getUint16(start) << 8) | view.getUint8(start + 3))
    return true
  },
  write: from => from.families.map(family => [...word16(family >>> 8), 0, family & 255]),
}
