// Capability 71, Long-Lived Graceful Restart: AFI, SAFI, flags and 24 bits of stale time, repeated.
import type { CapabilityRow } from './capability.ts'
import { afiSafi, readFamily, word16 } from './capability.ts'

const FORWARDING = 0x80

export const longLivedGracefulRestart: CapabilityRow = {
  code: 71,
  name: 'long-lived-graceful-restart',
  reference: 'RFC 9494 section 3.1',
  read: (view, start, end, into) => {
    if ((end - start) % 7 !== 0) return false
    for (let at = start; at < end; at += 7) {
      into.longLivedGracefulRestart.push({
        family: readFamily(view, at),
        forwarding: (view.getUint8(at + 3) & FORWARDING) !== 0,
        staleSeconds: view.getUint32(at + 3) & 0xffffff,
      })
    }
    return true
  },
  write: from => {
    const rows = from.longLivedGracefulRestart.flatMap(({ family, forwarding, staleSeconds }) => [
      ...afiSafi(family),
      forwarding ? FORWARDING : 0,
      staleSeconds >> 16,
      ...word16(staleSeconds & 0xffff),
    ])
    return rows.length > 0 ? [rows] : []
  },
}
