// How long to wait before who does not answer is called again.

const MOST_DOUBLINGS = 20

/** Twice as long after each failure, up to `mostMs`; half of it by chance, so that many do not come back at the same moment. */
export function reconnectPauseMs(failures: number, firstMs: number, mostMs: number): number {
  const longestMs = Math.min(mostMs, firstMs * 2 ** Math.min(failures - 1, MOST_DOUBLINGS))
  return longestMs / 2 + (Math.random() * longestMs) / 2
}
