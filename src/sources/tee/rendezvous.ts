// Which of several gets a key: the one with the highest weight for it. One more takes its share of keys from all others, and
// no key moves between those (rendezvous hashing).

/** FNV-1a, 32 bits. */
export function textHash(text: string): number {
  let hash = 0x811c_9dc5
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x0100_0193)
  return hash >>> 0
}

/** Each bit of both decides on each bit of it (the finaliser of MurmurHash3). */
function weight(one: number, other: number): number {
  let mixed = one ^ Math.imul(other, 0x9e37_79b1)
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85eb_ca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2_ae35)
  return (mixed ^ (mixed >>> 16)) >>> 0
}

/** Index of the one that gets the key, by the hashes of their names; -1 when there is none. */
export function choose(hashes: readonly number[], key: number): number {
  let [best, bestWeight] = [-1, -1]
  for (let index = 0; index < hashes.length; index++) {
    const next = weight(hashes[index] as number, key)
    if (next > bestWeight) [best, bestWeight] = [index, next]
  }
  return best
}
