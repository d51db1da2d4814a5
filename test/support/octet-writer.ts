import { isIPv4, isIPv6 } from 'node:net'

/** What a field may be given as: text is an address or MAC address where the field has that many octets, else UTF-8. */
export type FieldValue = number | bigint | string | Uint8Array

const MAC_ADDRESS = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/i

/** Writes `value` big-endian in exactly `octets` octets, zeros behind text and byte strings that are shorter. */
export function writeValue(target: Buffer, at: number, octets: number, value: FieldValue): number {
  if (typeof value === 'number') writeNumber(target, at, octets, value)
  else if (typeof value === 'bigint') writeInteger(target, at, octets, value)
  else writeOctets(target, at, octets, typeof value === 'string' ? textOctets(value, octets) : value)
  return at + octets
}

function writeNumber(target: Buffer, at: number, octets: number, value: number): void {
  if (!Number.isInteger(value)) octets === 4 ? target.writeFloatBE(value, at) : target.writeDoubleBE(value, at)
  else if (octets <= 6 && value >= 0) target.writeUIntBE(value, at, octets)
  else if (octets === 8 && value >= 0 && value < 2 ** 53) {
    target.writeUInt32BE(Math.floor(value / 2 ** 32), at)
    target.writeUInt32BE(value >>> 0, at + 4)
  } else writeInteger(target, at, octets, BigInt(value))
}

/** Two's complement in any number of octets. */
function writeInteger(target: Buffer, at: number, octets: number, value: bigint): void {
  let rest = BigInt.asUintN(octets * 8, value)
  for (let index = at + octets - 1; index >= at; index--, rest >>= 8n) target[index] = Number(rest & 0xffn)
}

function writeOctets(target: Buffer, at: number, octets: number, value: Uint8Array): void {
  if (value.length > octets) throw new RangeError(`${value.length} octets do not fit a field of ${octets}`)
  target.set(value, at)
  target.fill(0, at + value.length, at + octets)
}

export function textOctets(text: string, octets: number): Uint8Array {
  if (octets === 4 && isIPv4(text)) return Uint8Array.from(text.split('.'), Number)
  if (octets === 16 && isIPv6(text)) return ipv6Octets(text)
  if (octets === 6 && MAC_ADDRESS.test(text)) return Buffer.from(text.replaceAll(':', ''), 'hex')
  return Buffer.from(text, 'utf8')
}

function ipv6Octets(text: string): Uint8Array {
  const hexOnly = text.replace(/[\d.]+\.[\d.]+$/, dotted => {
    const [a = 0, b = 0, c = 0, d = 0] = dotted.split('.').map(Number)
    return `${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`
  })
  const [head = [], tail = []] = hexOnly.split('::').map(side => (side === '' ? [] : side.split(':')))
  const groups = [...head, ...Array<string>(8 - head.length - tail.length).fill('0'), ...tail]
  return Buffer.from(groups.map(group => group.padStart(4, '0')).join(''), 'hex')
}
