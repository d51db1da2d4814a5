// Capability 9, BGP Role: one octet.
import type { CapabilityRow } from './capability.ts'

export const ROLE_NAMES: readonly string[] = ['provider', 'rs', 'rs-client', 'customer', 'peer']

/** Roles of the other side that go with each role (RFC 9234 table 2). */
export const ROLE_PARTNERS: readonly number[] = [3, 2, 1, 0, 4]

export const role: CapabilityRow = {
  code: 9,
  name: 'role',
  reference: 'RFC 9234 section 4.1',
  read: (view, start, end, into) => {
    if (end - start !== 1) return false
    into.role = view.getUint8(start)
    return true
  },
  write: from => (from.role === undefined ? [] : [[from.role]]),
}
