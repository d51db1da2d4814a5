/** Uniform numbers in [0, 1) from a 32-bit counter and a mixing function; the same seed gives the same numbers. */
export function randomSource(seed: number): () => number {
  let counter = seed | 0
  return () => {
    counter = (counter + 0x9e3779b9) | 0
    let mixed = Math.imul(counter ^ (counter >>> 16), 0x21f0aaad)
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97)
    return ((mixed ^ (mixed >>> 15)) >>> 0) / 2 ** 32
  }
}

export const below = (random: () => number, limit: number): number => Math.floor(random() * limit)

/**
 * Draws ranks 0..count-1 with probability proportional to 1 / (rank + 1) ** exponent.
 * Inverts the distribution function; a guide table starts the search next to its end.
 */
export function zipf(random: () => number, count: number, exponent: number): () => number {
  const cumulative = new Float64Array(count)
  let total = 0
  for (let rank = 0; rank < count; rank++) {
    total += 1 / (rank + 1) ** exponent
    cumulative[rank] = total
  }
  const guide = new Uint32Array(count)
  for (let slot = 0, rank = 0; slot < count; slot++) {
    while ((cumulative[rank] ?? total) < (slot / count) * total) rank++
    guide[slot] = rank
  }
  return () => {
    const uniform = random()
    let rank = guide[Math.floor(uniform * count)] ?? 0
    while (rank < count - 1 && (cumulative[rank] ?? total) < uniform * total) rank++
    return rank
  }
}
