// Texts of prefixes straight from octets; a million a second is the aim, hence the tables.
import { writeIpv6 } from '../../../octets/address-write.ts'
import { writeDotted } from '../../../octets/digits.ts'

const SLASH = 47
const ZERO = 48

const OCTETS = Array.from({ length: 256 }, (_, octet) => String(octet))
const LENGTHS = Array.from({ length: 129 }, (_, length) => `/${length}`)
/** "a.b." and "c.d" of 16 bits, filled on first use. */
const HEADS = new Array<string | undefined>(65536).fill(undefined)
const TAILS = new Array<string | undefined>(65536).fill(undefined)

function head(pair: number): string {
  HEADS[pair] ??= `${OCTETS[pair >> 8]}.${OCTETS[pair & 255]}.`
  return HEADS[pair]
}

function tail(pair: number): string {
  TAILS[pair] ??= `${OCTETS[pair >> 8]}.${OCTETS[pair & 255]}`
  return TAILS[pair]
}

const scratch = Buffer.alloc(64)
const scratchView = new DataView(scratch.buffer, scratch.byteOffset, scratch.length)
const words = new Uint8Array(16)
const wordsView = new DataView(words.buffer)

/** "addr/len" of `length` bits at octets[at..]; bits beyond the length are taken as 0 (RFC 4271 section 4.3). */
export function ipv4Prefix(octets: Uint8Array, at: number, length: number): string {
  let address = 0
  if (length > 0) address = (octets[at] as number) << 24
  if (length > 8) address |= (octets[at + 1] as number) << 16
  if (length > 16) address |= (octets[at + 2] as number) << 8
  if (length > 24) address |= octets[at + 3] as number
  if (length & 7) address &= -1 << (32 - length)
  // By way of octets: one flat text is cheaper to make and to write than a concatenation.
  let end = writeDotted(scratchView, 0, address >>> 0)
  scratch[end++] = SLASH
  if (length > 9) scratch[end++] = ZERO + ((length * 205) >> 11)
  scratch[end++] = ZERO + (length % 10)
  return scratch.toString('latin1', 0, end)
}

function ipv6Scratch(octets: Uint8Array, at: number, length: number): number {
  words.fill(0)
  const whole = length >> 3
  for (let index = 0; index < whole; index++) words[index] = octets[at + index] as number
  if (length & 7) words[whole] = (octets[at + whole] as number) & (0xff << (8 - (length & 7)))
  return writeIpv6(
    scratchView,
    0,
    wordsView.getUint32(0),
    wordsView.getUint32(4),
    wordsView.getUint32(8),
    wordsView.getUint32(12),
  )
}

/** As ipv4Prefix, of up to 128 bits. */
export function ipv6Prefix(octets: Uint8Array, at: number, length: number): string {
  return scratch.toString('latin1', 0, ipv6Scratch(octets, at, length)) + LENGTHS[length]
}

export function ipv6Address(octets: Uint8Array, at: number): string {
  return scratch.toString('latin1', 0, ipv6Scratch(octets, at, 128))
}

export function ipv4Address(octets: Uint8Array, at: number): string {
  return (
    head(((octets[at] as number) << 8) | (octets[at + 1] as number)) +
    tail(((octets[at + 2] as number) << 8) | (octets[at + 3] as number))
  )
}

/** The address of 4 or 16 octets. */
export function addressText(octets: Uint8Array, at: number, length: number): string {
  return length === 4 ? ipv4Address(octets, at) : ipv6Address(octets, at)
}
