// Pieces of the line scanner: JSON values at a position of the octets, and how far they reach.
// Each returns the position after the value, or -1 where the general parser must decide.

const QUOTE = 34
const BACKSLASH = 92

/** Past a string without escapes that starts at `at` (its opening quote). */
export function skipString(octets: Uint8Array, at: number): number {
  for (;;) {
    const octet = octets[++at] as number
    if (octet === QUOTE) return at + 1
    if (octet === BACKSLASH || octet < 32) return -1
  }
}

function digits(octets: Uint8Array, at: number): number {
  let octet = octets[at] as number
  if (octet < 48 || octet > 57) return -1
  do octet = octets[++at] as number
  while (octet >= 48 && octet <= 57)
  return at
}

/** Past a JSON number (RFC 8259 section 6). */
export function skipNumber(octets: Uint8Array, at: number): number {
  if (octets[at] === 45) at++
  at = octets[at] === 48 ? at + 1 : digits(octets, at)
  if (at >= 0 && octets[at] === 46) at = digits(octets, at + 1)
  if (at >= 0 && ((octets[at] as number) | 32) === 101) {
    const sign = octets[at + 1]
    at = digits(octets, sign === 43 || sign === 45 ? at + 2 : at + 1)
  }
  return at
}

const LITERALS = ['true', 'false', 'null'].map(text => new TextEncoder().encode(text))

function skipLiteral(octets: Uint8Array, at: number): number {
  const literal = LITERALS.find(text => text[0] === octets[at])
  if (!literal?.every((octet, index) => octets[at + index] === octet)) return -1
  return at + literal.length
}

/** Nested values go to the general parser beyond this depth. */
const DEEPEST = 32

function skipObject(octets: Uint8Array, at: number, depth: number): number {
  if (octets[at] === 125) return at + 1
  for (;;) {
    if (octets[at] !== QUOTE) return -1
    at = skipString(octets, at)
    if (at < 0 || octets[at] !== 58) return -1
    at = skipValue(octets, at + 1, depth)
    if (at < 0) return -1
    if (octets[at] === 125) return at + 1
    if (octets[at++] !== 44) return -1
  }
}

function skipArray(octets: Uint8Array, at: number, depth: number): number {
  if (octets[at] === 93) return at + 1
  for (;;) {
    at = skipValue(octets, at, depth)
    if (at < 0) return -1
    if (octets[at] === 93) return at + 1
    if (octets[at++] !== 44) return -1
  }
}

/** Past any JSON value without white space. */
export function skipValue(octets: Uint8Array, at: number, depth = 0): number {
  const first = octets[at] as number
  if (first === QUOTE) return skipString(octets, at)
  if (first === 45 || (first >= 48 && first <= 57)) return skipNumber(octets, at)
  if (depth >= DEEPEST) return -1
  if (first === 123) return skipObject(octets, at + 1, depth + 1)
  if (first === 91) return skipArray(octets, at + 1, depth + 1)
  return skipLiteral(octets, at)
}
