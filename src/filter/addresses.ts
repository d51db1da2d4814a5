// A set of prefixes as sorted ranges: whether an address is in it takes a binary search.
import { type Address, parsePrefix } from './values.ts'

/** Tests the address in words[at..]; family 4 reads one word, 6 reads four. */
export type AddressSet = (words: Uint32Array, at: number, family: number) => boolean

type Range = readonly [low: Uint32Array, high: Uint32Array]

/** Network mask of word 0..3 for a prefix length. */
export function maskWord(length: number, word: number): number {
  const bits = Math.min(32, Math.max(0, length - 32 * word))
  return bits === 0 ? 0 : (0xffffffff << (32 - bits)) >>> 0
}

/** First and last address of a prefix. */
function rangeOf(prefix: Address): Range {
  const low = prefix.words.map((word, index) => (word & maskWord(prefix.length, index)) >>> 0)
  const high = prefix.words.map((word, index) => (word | ~maskWord(prefix.length, index)) >>> 0)
  return [low, high]
}

/** Less than 0, 0 or more, as a[aAt..] is below, equal to or above b[bAt..], over `count` words. */
function compareWords(a: Uint32Array, aAt: number, b: Uint32Array, bAt: number, count: number): number {
  for (let word = 0; word < count; word++) {
    const difference = (a[aAt + word] as number) - (b[bAt + word] as number)
    if (difference !== 0) return difference
  }
  return 0
}

/** Ranges without overlaps, in order, as two flat arrays. */
function flatten(ranges: Range[], count: number): { lows: Uint32Array; highs: Uint32Array; size: number } {
  // Prefixes are nested or apart: after the widest of those with the same start, what starts inside ends inside.
  ranges.sort((a, b) => compareWords(a[0], 0, b[0], 0, count) || compareWords(b[1], 0, a[1], 0, count))
  const lows = new Uint32Array(ranges.length * count)
  const highs = new Uint32Array(ranges.length * count)
  let size = 0
  for (const [low, high] of ranges) {
    const last = (size - 1) * count
    if (size > 0 && compareWords(low, 0, highs, last, count) <= 0) continue
    lows.set(low.subarray(0, count), size * count)
    highs.set(high.subarray(0, count), size * count)
    size++
  }
  return { lows, highs, size }
}

function searcher(ranges: Range[], count: number): (words: Uint32Array, at: number) => boolean {
  const { lows, highs, size } = flatten(ranges, count)
  return (words, at) => {
    let from = 0
    let to = size
    while (from < to) {
      const middle = (from + to) >>> 1
      if (compareWords(words, at, lows, middle * count, count) < 0) to = middle
      else from = middle + 1
    }
    return from > 0 && compareWords(words, at, highs, (from - 1) * count, count) <= 0
  }
}

/** The set of prefixes `address/length`; host bits are left out of account. */
export function addressSet(prefixes: readonly string[]): AddressSet {
  const parsed = prefixes.map(prefix => parsePrefix(prefix)).filter(prefix => prefix !== undefined)
  const inIpv4 = searcher(parsed.filter(({ family }) => family === 4).map(rangeOf), 1)
  const inIpv6 = searcher(parsed.filter(({ family }) => family === 6).map(rangeOf), 4)
  return (words, at, family) => (family === 4 ? inIpv4(words, at) : family === 6 && inIpv6(words, at))
}
