// "Did you mean": the nearest known name by edit distance.

/** Insertions, deletions, replacements and swaps of neighbours that make one word the other. */
function distance(a: string, b: string): number {
  let last: number[] = []
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1)
      let best = Math.min(replaced, (row[j] as number) + 1, (next[j - 1] as number) + 1)
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]
      if (swapped) best = Math.min(best, (last[j - 2] as number) + 1)
      next.push(best)
    }
    last = row
    row = next
  }
  return row[b.length] as number
}

/** The name nearest to a word, when it is near enough to be meant: one slip in three letters, two in six or more. */
export function nearest(word: string, names: Iterable<string>): string | undefined {
  let best: string | undefined
  let least = word.length < 3 ? 1 : word.length < 6 ? 2 : 3
  for (const name of names) {
    if (Math.abs(name.length - word.length) >= least) continue
    const slips = distance(word.toLowerCase(), name)
    if (slips < least) {
      best = name
      least = slips
    }
  }
  return best
}
