// Labelled NLRI: [path identifier], length in bits, labels, [route distinguisher], prefix (RFC 8277 section 2, RFC 4364 section 4.3.4).
import type { NetRecord } from '../../../contract/record.ts'
import type { ReadNlri } from '../route.ts'
import { ipv4Prefix, ipv6Prefix } from './prefix-text.ts'
import { distinguisherText, RD_OCTETS } from './route-distinguisher.ts'

const LABEL_BITS = 24
const BOTTOM_OF_STACK = 1
/** What stands in place of the labels of a withdrawn route: today's value and that of older speakers. */
const WITHDRAWN = 0x800000
const WITHDRAWN_BEFORE = 0

/**
 * The labels at `at`, at most `most` of them: up to the bottom of the stack. Where no label says that it is the bottom
 * there is one, because speakers that know one label only need not set the bit (RFC 8277 section 2.2).
 */
function readLabels(octets: Uint8Array, at: number, most: number, withdraw: boolean): number[] {
  const labels: number[] = []
  for (let index = 0; index < most; index++, at += 3) {
    const word = ((octets[at] as number) << 16) | ((octets[at + 1] as number) << 8) | (octets[at + 2] as number)
    labels.push(word >>> 4)
    if (word & BOTTOM_OF_STACK || (withdraw && (word === WITHDRAWN || word === WITHDRAWN_BEFORE))) return labels
  }
  return labels.slice(0, 1)
}

function labelled(bits: number, text: typeof ipv4Prefix, rdOctets: number): ReadNlri {
  return (octets, view, start, end, { addPath, withdraw }, routes) => {
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
      if (next > end) return `an NLRI of ${length} bits in ${end - at} octets`
      const most = Math.floor((length - 8 * rdOctets) / LABEL_BITS)
      if (most < 1) return `an NLRI of ${length} bits has no room for a label`
      const labels = readLabels(octets, at, most, withdraw)
      at += 3 * labels.length
      const prefixBits = length - LABEL_BITS * labels.length - 8 * rdOctets
      if (prefixBits > bits) return `a prefix of ${prefixBits} bits`
      const rd = rdOctets > 0 ? distinguisherText(octets, view, at) : undefined
      // The labels of a withdrawn route mean nothing (RFC 8277 section 2.4).
      const label = withdraw ? undefined : labels[0]
      const fields: NetRecord | undefined = withdraw || labels.length === 1 ? undefined : { mpls_label_stack: labels }
      routes.push({ prefix: text(octets, at + rdOctets, prefixBits), pathId, rd, label, fields })
      at = next
    }
    return undefined
  }
}

export const ipv4Labelled: ReadNlri = labelled(32, ipv4Prefix, 0)
export const ipv6Labelled: ReadNlri = labelled(128, ipv6Prefix, 0)
export const ipv4Vpn: ReadNlri = labelled(32, ipv4Prefix, RD_OCTETS)
export const ipv6Vpn: ReadNlri = labelled(128, ipv6Prefix, RD_OCTETS)
