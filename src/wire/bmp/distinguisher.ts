// Route distinguishers as text, `type:administrator:number` (RFC 4364 section 4.2).
import { dotted } from '../../octets/address.ts'

/** Of eight octets; undefined when they are all zero, which stands for none. */
export function rdText(view: DataView, at: number): string | undefined {
  const high = view.getUint32(at)
  const low = view.getUint32(at + 4)
  if (high === 0 && low === 0) return undefined
  const type = high >>> 16
  if (type === 1) return `1:${dotted(view.getUint32(at + 2))}:${low & 0xffff}`
  if (type === 2) return `2:${view.getUint32(at + 2)}:${low & 0xffff}`
  return `${type}:${high & 0xffff}:${low}`
}
