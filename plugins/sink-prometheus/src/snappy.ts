// Snappy's block format, which remote-write wants (format_description.txt of snappy): the length, then literals and copies of what
// came up to 64 KiB before.

const HASH_BITS = 14
const LEAST_MATCH = 4
const LONGEST_COPY = 64
const FARTHEST = 65_535

function writeLength(out: Uint8Array, at: number, length: number): number {
  while (length >= 128) {
    out[at++] = (length & 127) | 128
    length = Math.floor(length / 128)
  }
  out[at++] = length
  return at
}

function writeLiteral(out: Uint8Array, at: number, octets: Uint8Array, from: number, to: number): number {
  const last = to - from - 1
  if (last < 0) return at
  if (last < 60) out[at++] = last << 2
  else {
    const size = last < 256 ? 1 : last < 65_536 ? 2 : last < 1 << 24 ? 3 : 4
    out[at++] = (59 + size) << 2
    for (let index = 0; index < size; index++) out[at++] = (last >>> (8 * index)) & 255
  }
  out.set(octets.subarray(from, to), at)
  return at + to - from
}

function writeCopy(out: Uint8Array, at: number, back: number, length: number): number {
  while (length > 0) {
    const part = Math.min(length, LONGEST_COPY)
    out[at++] = ((part - 1) << 2) | 2
    out[at++] = back & 255
    out[at++] = back >>> 8
    length -= part
  }
  return at
}

/** Places of what was seen, by a hash of four octets; those of another call are told by being no match. */
const seen = new Int32Array(1 << HASH_BITS)

export function snappy(octets: Uint8Array): Uint8Array {
  const { length } = octets
  const view = new DataView(octets.buffer, octets.byteOffset, length)
  // A copy takes 3 octets for at least 4; a literal 5 more than its octets, at most.
  const out = new Uint8Array(16 + length + Math.ceil(length / 6))
  let at = writeLength(out, 0, length)
  seen.fill(-1)
  let from = 0
  let place = 0
  while (place + LEAST_MATCH <= length) {
    const word = view.getUint32(place)
    const hash = Math.imul(word, 0x9e3779b1) >>> (32 - HASH_BITS)
    const candidate = seen[hash] as number
    seen[hash] = place
    if (candidate < 0 || place - candidate > FARTHEST || view.getUint32(candidate) !== word) {
      place++
      continue
    }
    let end = place + LEAST_MATCH
    while (end < length && octets[end] === octets[candidate + end - place]) end++
    at = writeLiteral(out, at, octets, from, place)
    at = writeCopy(out, at, place - candidate, end - place)
    place = end
    from = end
  }
  at = writeLiteral(out, at, octets, from, length)
  return out.subarray(0, at)
}
