// Unicast and multicast NLRI: [path identifier], length in bits, prefix (RFC 4271 section 4.3, RFC 4760 section 5, RFC 7911 section 3).
import type { ReadNlri } from '../route.ts'
import { ipv4Prefix, ipv6Prefix } from './prefix-text.ts'

function unicast(bits: number, text: (octets: Uint8Array, at: number, length: number) => string): ReadNlri {
  return (octets, view, start, end, { addPath }, routes) => {
    let at = start
    while (at < end) {
      const pathAt = at
      if (addPath) at += 4
      if (at >= end) return `a path identifier is cut at ${end - pathAt} octets`
      const length = octets[at++] as number
      const next = at + ((length + 7) >> 3)
      if (length > bits) return `a prefix of ${length} bits`
      if (next > end) return `a prefix of ${length} bits in ${end - at} octets`
      const prefix = text(octets, at, length)
      // Most routes are nothing else, and there may be a million: the smallest object that says it.
      routes.push(addPath ? { prefix, pathId: view.getUint32(pathAt) } : { prefix })
      at = next
    }
    return undefined
  }
}

export const ipv4Unicast: ReadNlri = unicast(32, ipv4Prefix)
export const ipv6Unicast: ReadNlri = unicast(128, ipv6Prefix)
