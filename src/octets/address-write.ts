// IPv6 and MAC addresses straight into octets.
import { writeDotted } from './digits.ts'

const HEX_DIGIT = Uint8Array.from('0123456789abcdef', digit => digit.charCodeAt(0))
/** Two hex digits of an octet as a big-endian 16-bit word. */
const HEX_PAIR = Uint16Array.from(
  { length: 256 },
  (_, octet) => ((HEX_DIGIT[octet >> 4] as number) << 8) | (HEX_DIGIT[octet & 15] as number),
)
const COLON = 58
const groups = new Uint16Array(8)

function writeGroup(view: DataView, at: number, group: number): number {
  if (group > 0xfff) view.setUint8(at++, HEX_DIGIT[group >> 12] as number)
  if (group > 0xff) view.setUint8(at++, HEX_DIGIT[(group >> 8) & 15] as number)
  if (group > 0xf) view.setUint8(at++, HEX_DIGIT[(group >> 4) & 15] as number)
  view.setUint8(at++, HEX_DIGIT[group & 15] as number)
  return at
}

/** Writes an IPv6 address in RFC 5952 form; needs 48 free octets. Returns the position after it. */
export function writeIpv6(view: DataView, at: number, a: number, b: number, c: number, d: number): number {
  if (a === 0 && b === 0 && c === 0xffff) {
    view.setUint32(at, 0x3a3a6666)
    view.setUint32(at + 4, 0x66663a00)
    return writeDotted(view, at + 7, d)
  }
  groups[0] = a >>> 16
  groups[1] = a
  groups[2] = b >>> 16
  groups[3] = b
  groups[4] = c >>> 16
  groups[5] = c
  groups[6] = d >>> 16
  groups[7] = d
  let runStart = 8
  let runEnd = 8
  for (let start = 0; start < 7; start++) {
    if (groups[start] !== 0) continue
    let end = start + 1
    while (end < 8 && groups[end] === 0) end++
    if (end - start >= 2 && end - start > runEnd - runStart) {
      runStart = start
      runEnd = end
    }
    start = end
  }
  for (let index = 0; index < 8; index++) {
    if (index === runStart) {
      view.setUint8(at++, COLON)
      if (runEnd === 8) view.setUint8(at++, COLON)
      index = runEnd - 1
      continue
    }
    if (index > 0) view.setUint8(at++, COLON)
    at = writeGroup(view, at, groups[index] as number)
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
