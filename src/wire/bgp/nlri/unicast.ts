// Unicast and multicast NLRI: [path identifier], length in bits, prefix (RFC 4271 section 4.3, RFC 4760 section 5, RFC 7911 section 3).
import type { ReadNlri } from '../route.ts'
import { ipv4Prefix, ipv6Prefix } from './prefix-text.ts'

function unicast(bits: number, text: (octets: Uint8Array, at: number, length: number) => string): ReadNlri {
  return (octets, view, start, end, { addPath }, routes) => {
    let at = start
    while (at < end) {
      let pathId: number | undefined
      if (addPath) {
        if (end - at < 5) return `a path identifier is cut at ${end - at} octets`
        pathId = view.getUint32(at)
        at += 4
      }
      const length = octets[at++] as number
      const next = at + ((length + 7) >> 3)
      if (length > bits) return `a prefix of ${length} bits`
      if (next > end) return `a prefix of ${length} bits in ${end - at} octets`
      routes.push({ prefix: text(octets, at, length), pathId, rd: undefined, label: undefined, fields: undefined })
      at = next
    }
    return undefined
  }
}

export const ipv4Unicast: ReadNlri = unicast(32, ipv4Prefix)
export const ipv6Unicast: ReadNlri = unicast(128, ipv6Prefix)
