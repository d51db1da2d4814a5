// The checksum of LSPs (ISO 8473 annex C, RFC 1008): two sums modulo 255 over the LSP id and all that follows.

/** The checksum covers from the LSP id on; lifetime and what is before it change on the way. */
const COVERED_FROM = 12
const CHECKSUM_AT = 24
const MODULO = 255

/** Whether the checksum of an LSP is right. Zero is none. */
export function isChecksumRight(octets: Uint8Array): boolean {
  if (octets[CHECKSUM_AT] === 0 && octets[CHECKSUM_AT + 1] === 0) return false
  const [first, second] = sums(octets)
  return first === 0 && second === 0
}

/** Puts the checksum into an LSP. */
export function putChecksum(octets: Uint8Array): void {
  octets[CHECKSUM_AT] = octets[CHECKSUM_AT + 1] = 0
  const [first, second] = sums(octets)
  const behind = octets.length - CHECKSUM_AT - 1
  let x = (behind * first - second) % MODULO
  if (x <= 0) x += MODULO
  let y = 2 * MODULO - first - x
  if (y > MODULO) y -= MODULO
  octets[CHECKSUM_AT] = x
  octets[CHECKSUM_AT + 1] = y
}

function sums(octets: Uint8Array): [number, number] {
  let first = 0
  let second = 0
  for (let at = COVERED_FROM; at < octets.length; at++) {
    first += octets[at] as number
    if (first >= MODULO) first -= MODULO
    second += first
    if (second >= MODULO) second -= MODULO
  }
  return [first, second]
}
