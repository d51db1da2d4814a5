// Pro-rating: the counters of a flow that lasts over several bins, shared out by time; every part whole, the parts' sum exact.
import type { Bins } from './bins.ts'

/** A flow over more bins than this is not spread: it goes to the bin it starts in, and is counted. */
export const SPREAD_BINS = 1000

export interface Part {
  readonly startUs: number
  /** Share of the flow's time before and up to the end of this part, 0..1. */
  readonly before: number
  readonly upTo: number
}

/** The bins that [startUs, endUs] touches with their shares; undefined when that is one bin, or more than SPREAD_BINS. */
export function parts(bins: Bins, startUs: number, endUs: number): Part[] | undefined {
  const first = bins.start(startUs)
  if (!(endUs >= bins.next(first))) return undefined
  const lengthUs = endUs - startUs
  const shares: Part[] = []
  let before = 0
  for (let at = first; at <= endUs; at = bins.next(at)) {
    if (shares.length === SPREAD_BINS) return undefined
    const upTo = Math.min(1, (bins.next(at) - startUs) / lengthUs)
    if (upTo > before) shares.push({ startUs: at, before, upTo })
    before = upTo
  }
  return shares.length > 1 ? shares : undefined
}

/** The share of a counter; shares of consecutive parts add up to the whole. */
export function share(total: number, part: Part): number {
  return Math.floor(total * part.upTo) - Math.floor(total * part.before)
}
