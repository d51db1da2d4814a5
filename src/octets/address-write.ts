// IPv6 and MAC addresses straight into octets.
import { writeDotted } from './digits.ts'

const HEX_DIGIT = Uint8Array.from('0123456789abcdef', digit => digit.charCodeAt(0))
/** Two hex digits of an octet as a big-endian 16-bit word. */
const HEX_PAIR = Uint16Array.from(
  { length: 256 },
  (_, octet) => ((HEX_DIGIT[octet >> 4] as number) << 8) | (HEX_DIGIT[octet & 15] as number),
)
const COLON = 58

/** Writes a group in hex without leading zeros; needs four free octets. */
function writeGroup(view: DataView, at: number, group: number): number {
  const digits = ((HEX_PAIR[group >> 8] as number) << 16) | (HEX_PAIR[group & 255] as number)
  // Zero is written as one digit.
  const skipped = (Math.clz32(group | 1) >> 2) - 4
  view.setUint32(at, digits << (8 * skipped))
  return at + 4 - skipped
}

/** By the set of groups that are zero (bit 0: the first): where the longest run of two or more starts and ends, 8 = nowhere. */
const RUN_START = new Uint8Array(256).fill(8)
const RUN_END = new Uint8Array(256).fill(8)
for (let zeros = 0; zeros < 256; zeros++) {
  let longest = 1
  for (let start = 0; start < 8; start++) {
    let end = start
    while (end < 8 && (zeros & (1 << end)) !== 0) end++
    if (end - start <= longest) continue
    longest = end - start
    RUN_START[zeros] = start
    RUN_END[zeros] = end
  }
}

const isZero = (group: number, index: number): number => (group === 0 ? 1 << index : 0)

/** Writes an IPv6 address in RFC 5952 form; needs 48 free octets. Returns the position after it. */
export function writeIpv6(view: DataView, at: number, a: number, b: number, c: number, d: number): number {
  if (a === 0 && b === 0 && c === 0xffff) {
    view.setUint32(at, 0x3a3a6666)
    view.setUint32(at + 4, 0x66663a00)
    return writeDotted(view, at + 7, d)
  }
  const zeros =
    isZero(a >>> 16, 0) |
    isZero(a & 0xffff, 1) |
    isZero(b >>> 16, 2) |
    isZero(b & 0xffff, 3) |
    isZero(c >>> 16, 4) |
    isZero(c & 0xffff, 5) |
    isZero(d >>> 16, 6) |
    isZero(d & 0xffff, 7)
  const start = RUN_START[zeros] as number
  const end = RUN_END[zeros] as number
  for (let index = 0; index < 8; index++) {
    if (index === start) {
      view.setUint8(at++, COLON)
      if (end === 8) view.setUint8(at++, COLON)
      index = end - 1
      continue
    }
    if (index > 0) view.setUint8(at++, COLON)
    const word = index < 4 ? (index < 2 ? a : b) : index < 6 ? c : d
    at = writeGroup(view, at, (index & 1) === 0 ? word >>> 16 : word & 0xffff)
  }
  return at
}

/** Writes a MAC address given as a 48-bit number; needs 18 free octets. Returns the position after it. */
export function writeMac(view: DataView, at: number, mac: number): number {
  const high = Math.floor(mac / 0x1_0000_0000)
  const low = mac >>> 0
  view.setUint16(at, HEX_PAIR[high >>> 8] as number)
  view.setUint16(at + 3, HEX_PAIR[high & 255] as number)
  view.setUint16(at + 6, HEX_PAIR[low >>> 24] as number)
  view.setUint16(at + 9, HEX_PAIR[(low >>> 16) & 255] as number)
  view.setUint16(at + 12, HEX_PAIR[(low >>> 8) & 255] as number)
  view.setUint16(at + 15, HEX_PAIR[low & 255] as number)
  for (let colon = at + 2; colon < at + 17; colon += 3) view.setUint8(colon, COLON)
  return at + 17
}
