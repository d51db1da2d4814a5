// The checksum of LSPs and LSAs (ISO 8473 annex C, RFC 1008): two sums modulo 255.

const MODULO = 255

/** Where a checksum stands, and from which octet on it covers. What is before changes on the way. */
export interface ChecksumPlace {
  readonly coveredFrom: number
  readonly checksumAt: number
}

/** Whether the checksum of what is in [start, end) is right. Zero is none. */
export function isFletcherRight(octets: Uint8Array, place: ChecksumPlace, start = 0, end = octets.length): boolean {
  const at = start + place.checksumAt
  if (octets[at] === 0 && octets[at + 1] === 0) return false
  const [first, second] = sums(octets, start + place.coveredFrom, end)
  return first === 0 && second === 0
}

/** Puts the checksum into what fills the octets. */
export function putFletcher(octets: Uint8Array, { coveredFrom, checksumAt }: ChecksumPlace): void {
  octets[checksumAt] = octets[checksumAt + 1] = 0
  const [first, second] = sums(octets, coveredFrom, octets.length)
  const behind = octets.length - checksumAt - 1
  let x = (behind * first - second) % MODULO
  if (x <= 0) x += MODULO
  let y = 2 * MODULO - first - x
  if (y > MODULO) y -= MODULO
  octets[checksumAt] = x
  octets[checksumAt + 1] = y
}

function sums(octets: Uint8Array, from: number, end: number): [number, number] {
  let first = 0
  let second = 0
  for (let at = from; at < end; at++) {
    first += octets[at] as number
    if (first >= MODULO) first -= MODULO
    second += first
    if (second >= MODULO) second -= MODULO
  }
  return [first, second]
}
