import { below, randomSource, zipf } from './random.ts'

/** A table like that of the internet: a million IPv4 prefixes, some 100,000 sets of attributes, ten prefixes a set. */

export const ROUTES = 1_000_000
export const PEER_AS = 64_500
export const NEXT_HOP = 0x0a0000fe
const SETS = 102_000
const TRANSIT_ASES = [174, 701, 1299, 2914, 3257, 3320, 3356, 3491, 5511, 6453, 6461, 6762, 6830, 7018, 12956]
const ORIGINS = 75_000
/** Prefixes of each length in a thousand. */
const LENGTHS: readonly (readonly [length: number, share: number])[] = [
  [24, 600],
  [23, 98],
  [22, 112],
  [21, 52],
  [20, 45],
  [19, 40],
  [18, 30],
  [16, 23],
]

export interface RouteGroup {
  /** Path attributes as an UPDATE has them. */
  readonly attributes: Uint8Array
  /** Address * 64 + length. */
  readonly prefixes: readonly number[]
}

const word = (value: number): number[] => [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255]

function attributesOf(random: () => number, origin: number): Uint8Array {
  const path = [PEER_AS, TRANSIT_ASES[below(random, TRANSIT_ASES.length)] as number]
  for (let hops = below(random, 4); hops > 0; hops--) path.push(1000 + below(random, 60_000))
  const repeats = random() < 0.12 ? 2 + below(random, 4) : 1
  for (let index = 0; index < repeats; index++) path.push(200_000 + origin)
  const communities = random() < 0.2 ? 0 : 1 + below(random, 7)
  const octets = [0x40, 1, 1, random() < 0.1 ? 2 : 0]
  octets.push(0x50, 2, 0, 2 + 4 * path.length, 2, path.length, ...path.flatMap(word))
  octets.push(0x40, 3, 4, ...word(NEXT_HOP))
  if (random() < 0.3) octets.push(0x80, 4, 4, ...word(below(random, 200)))
  if (communities > 0) octets.push(0xc0, 8, 4 * communities)
  for (let index = 0; index < communities; index++) {
    octets.push(...word(((TRANSIT_ASES[below(random, TRANSIT_ASES.length)] as number) << 16) | below(random, 5000)))
  }
  return Uint8Array.from(octets)
}

function lengthOf(random: () => number): number {
  let share = below(random, 1000)
  for (const [length, shares] of LENGTHS) {
    if (share < shares) return length
    share -= shares
  }
  return 24
}

/** The groups in the order in which a router sends them. The same every time. */
export function routeGroups(): RouteGroup[] {
  const random = randomSource(42)
  const nextSet = zipf(random, SETS, 0.4)
  const prefixes: number[][] = Array.from({ length: SETS }, () => [])
  const known = new Set<number>()
  while (known.size < ROUTES) {
    const length = lengthOf(random)
    const address = (0x0b000000 + below(random, 0xd0000000)) & (-1 << (32 - length))
    // Not loopback: daemons refuse it.
    if (address >>> 24 === 127) continue
    const prefix = (address >>> 0) * 64 + length
    if (known.has(prefix)) continue
    known.add(prefix)
    prefixes[nextSet()]?.push(prefix)
  }
  const groups = prefixes.map((mine, index) => ({
    attributes: attributesOf(random, index % ORIGINS),
    prefixes: mine.sort((a, b) => a - b),
  }))
  return groups.filter(group => group.prefixes.length > 0)
}
