// Capability 69, ADD-PATH: AFI, SAFI and 1 receive, 2 send, 3 both, repeated.
import type { CapabilityRow } from './capability.ts'
import { afiSafi, readFamily } from './capability.ts'

export const addPath: CapabilityRow = {
  code: 69,
  name: 'add-path',
  reference: 'RFC 7911 section 4',
  read: (view, start, end, into) => {
    if ((end - start) % 4 !== 0) return false
    for (let at = start; at < end; at += 4) {
      const mode = view.getUint8(at + 3)
      // Other values: the tuple is to be ignored.
      if (mode >= 1 && mode <= 3) into.addPath.push({ family: readFamily(view, at), mode })
    }
    return true
  },
  write: from => {
    const rows = from.addPath.flatMap(({ family, mode }) => [...afiSafi(family), mode])
    return rows.length > 0 ? [rows] : []
  },
}
