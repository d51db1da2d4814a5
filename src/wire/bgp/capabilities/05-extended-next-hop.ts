// Capability 5, Extended Next Hop Encoding: AFI, SAFI (two octets) and the next hop's AFI, repeated.
import type { CapabilityRow } from './capability.ts'
import { word16 } from './capability.ts'

export const extendedNextHop: CapabilityRow = {
  code: 5,
  name: 'extended-next-hop',
  reference: 'RFC 8950 section 4',
  read: (view, start, end, into) => {
    if ((end - start) % 6 !== 0) return false
    for (let at = start; at < end; at += 6) {
      const family = (view.getUint16(at) << 8) | (view.getUint16(at + 2) & 255)
      into.extendedNextHop.push({ family, nextHopAfi: view.getUint16(at + 4) })
    }
    return true
  },
  write: from => {
    const rows = from.extendedNextHop.flatMap(({ family, nextHopAfi }) => [
      ...word16(family >>> 8),
      ...word16(family & 255),
      ...word16(nextHopAfi),
    ])
    return rows.length > 0 ? [rows] : []
  },
}
