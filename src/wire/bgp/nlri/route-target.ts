// Route target membership NLRI: length in bits, origin AS, route target or a part of it (RFC 4684 section 4).
import type { NetRecord } from '../../../contract/record.ts'
import { hexText } from '../../../octets/address.ts'
import { extendedCommunityText } from '../attributes/extended-community.ts'
import type { ReadNlri } from '../route.ts'

const AS_BITS = 32
const FULL_BITS = 96

export const routeTarget: ReadNlri = (octets, view, start, end, { addPath }, routes) => {
  let at = start
  while (at < end) {
    let pathId: number | undefined
    if (addPath) {
      if (end - at < 5) return `a path identifier is cut at ${end - at} octets`
      pathId = view.getUint32(at)
      at += 4
    }
    const length = octets[at++] as number
    const from = at
    at += (length + 7) >> 3
    if (at > end) return `an NLRI of ${length} bits in ${end - from} octets`
    if (length > FULL_BITS || (length > 0 && length < AS_BITS)) return `an NLRI of ${length} bits`
    const fields: NetRecord = { rtc_target: 'default' }
    if (length > 0) {
      fields.rtc_origin_as = view.getUint32(from)
      const full = length === FULL_BITS
      const part = () => `0x${hexText(octets, from + 4, at)}/${length - AS_BITS}`
      fields.rtc_target = full ? extendedCommunityText(octets, view, from + 4) : part()
    }
    routes.push({ prefix: undefined, pathId, rd: undefined, label: undefined, fields })
  }
  return undefined
}
