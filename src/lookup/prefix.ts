// An IP prefix: four words and a length, and its text.
import { dotted, ipv6Text, parseDotted, parseIpv6 } from '../octets/address.ts'

export interface Prefix {
  readonly family: 4 | 6
  /** Bits beyond the length are zero; of IPv4 only the first word counts. */
  readonly words: readonly [number, number, number, number]
  readonly length: number
}

/** The leftmost `length` bits (0..32) of a word. */
export function maskWord(word: number, length: number): number {
  if (length >= 32) return word >>> 0
  return length <= 0 ? 0 : (word & (-1 << (32 - length))) >>> 0
}

/** A prefix with the bits beyond its length set to zero. */
export function makePrefix(family: 4 | 6, words: ArrayLike<number>, length: number): Prefix {
  const word = (index: number) => maskWord(words[index] ?? 0, length - 32 * index)
  return { family, words: [word(0), word(1), word(2), word(3)], length }
}

const scratch = new Uint32Array(4)

/** The prefix of `192.0.2.0/24`, `2001:db8::/32` or an address alone; undefined when the text is none. */
export function parsePrefix(text: string): Prefix | undefined {
  const slash = text.indexOf('/')
  const address = slash < 0 ? text : text.slice(0, slash)
  const ipv4 = parseDotted(address)
  if (ipv4 < 0 && !parseIpv6(address, scratch, 0)) return undefined
  const family = ipv4 < 0 ? 6 : 4
  const longest = family === 4 ? 32 : 128
  const length = slash < 0 ? longest : parseLength(text.slice(slash + 1))
  if (!(length <= longest)) return undefined
  return makePrefix(family, family === 4 ? [ipv4] : scratch, length)
}

function parseLength(text: string): number {
  return /^\d{1,3}$/.test(text) ? Number(text) : Number.NaN
}

/** `192.0.2.0/24`. */
export function prefixText(prefix: Prefix): string {
  const [a, b, c, d] = prefix.words
  return `${prefix.family === 4 ? dotted(a) : ipv6Text(a, b, c, d)}/${prefix.length}`
}

/** Whether an address of the same family lies in the prefix. */
export function holds(prefix: Prefix, a: number, b: number, c: number, d: number): boolean {
  const { words, length } = prefix
  return (
    maskWord(a, length) === words[0] &&
    maskWord(b, length - 32) === words[1] &&
    maskWord(c, length - 64) === words[2] &&
    maskWord(d, length - 96) === words[3]
  )
}
