// TLVs of opaque LSAs: a type and a length of two octets each, padded to four (RFC 3630 section 2.3.2).
import type { TlvAt } from '../igp/attribute-rows.ts'

/** The TLVs in [start, end); undefined where they do not fill it. */
export function readTlvs(view: DataView, start: number, end: number): TlvAt[] | undefined {
  const tlvs: TlvAt[] = []
  let at = start
  while (at + 4 <= end) {
    const next = at + 4 + view.getUint16(at + 2)
    if (next > end) return undefined
    tlvs.push({ type: view.getUint16(at), start: at + 4, end: next })
    at = Math.min(end, next + ((4 - (next & 3)) & 3))
  }
  return at === end ? tlvs : undefined
}
