// Capability 64, Graceful Restart: four flag bits and twelve of time, then AFI, SAFI and flags, repeated.
import type { CapabilityRow } from './capability.ts'
import { afiSafi, readFamily, word16 } from './capability.ts'

const RESTARTED = 0x8000
const NOTIFICATION = 0x4000
const FORWARDING = 0x80

export const gracefulRestart: CapabilityRow = {
  code: 64,
  name: 'graceful-restart',
  reference: 'RFC 4724 section 3, RFC 8538',
  read: (view, start, end, into) => {
    if (end - start < 2 || (end - start - 2) % 4 !== 0) return false
    const head = view.getUint16(start)
    const families: { family: number; forwarding: boolean }[] = []
    for (let at = start + 2; at < end; at += 4) {
      families.push({ family: readFamily(view, at), forwarding: (view.getUint8(at + 3) & FORWARDING) !== 0 })
    }
    into.gracefulRestart = {
      restarted: (head & RESTARTED) !== 0,
      notification: (head & NOTIFICATION) !== 0,
      restartSeconds: head & 0xfff,
      families,
    }
    return true
  },
  write: ({ gracefulRestart: said }) => {
    if (!said) return []
    const head =
      (said.restarted ? RESTARTED : 0) | (said.notification ? NOTIFICATION : 0) | (said.restartSeconds & 0xfff)
    const rows = said.families.flatMap(({ family, forwarding }) => [...afiSafi(family), forwarding ? FORWARDING : 0])
    return [[...word16(head), ...rows]]
  },
}
