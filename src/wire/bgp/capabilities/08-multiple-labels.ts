// Capability 8, Multiple Labels: AFI, SAFI and the greatest count of labels, repeated.
import type { CapabilityRow } from './capability.ts'
import { afiSafi, readFamily } from './capability.ts'

export const multipleLabels: CapabilityRow = {
  code: 8,
  name: 'multiple-labels',
  reference: 'RFC 8277 section 2.1',
  read: (view, start, end, into) => {
    if ((end - start) % 4 !== 0) return false
    for (let at = start; at < end; at += 4) {
      into.multipleLabels.push({ family: readFamily(view, at), count: view.getUint8(at + 3) })
    }
    return true
  },
  write: from => {
    const rows = from.multipleLabels.flatMap(({ family, count }) => [...afiSafi(family), count])
    return rows.length > 0 ? [rows] : []
  },
}
