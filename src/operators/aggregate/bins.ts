// Time bins: whole seconds s/m/h/d/w, or calendar months, in UTC, shifted by an offset.
import type { Problem } from '../../contract/problem.ts'

/** Where the bin of a time starts and where the next one does; all in microseconds since the epoch. */
export interface Bins {
  start(us: number): number
  next(startUs: number): number
}

const SECOND_US = 1_000_000
export const UNIT_SECONDS: { readonly [unit: string]: number } = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 }
/** The epoch was a Thursday; weeks start on Monday. */
const WEEK_SHIFT_US = 4 * 86_400 * SECOND_US

/** Seconds of `90`, `90s`, `5m`, `1h`, `1d`, `1w`; undefined when the text is none of these. */
export function durationSeconds(text: string): number | undefined {
  const match = /^(\d+)([smhdw]?)$/.exec(text.trim())
  if (!match) return undefined
  return Number(match[1]) * (UNIT_SECONDS[match[2] || 's'] as number)
}

function fixedBins(lengthUs: number, shiftUs: number): Bins {
  return {
    start: us => Math.floor((us - shiftUs) / lengthUs) * lengthUs + shiftUs,
    next: startUs => startUs + lengthUs,
  }
}

function monthBins(months: number, shiftUs: number): Bins {
  const at = (index: number): number => Date.UTC(1970, index) * 1000 + shiftUs
  const indexOf = (us: number): number => {
    const date = new Date((us - shiftUs) / 1000)
    return Math.floor(((date.getUTCFullYear() - 1970) * 12 + date.getUTCMonth()) / months) * months
  }
  return { start: us => at(indexOf(us)), next: startUs => at(indexOf(startUs) + months) }
}

/** What a bin may be aligned to: where its first unit starts. */
const ALIGNMENTS = ['m', 'h', 'd', 'w', 'M', 'none'] as const
export type Alignment = (typeof ALIGNMENTS)[number]

export interface BinOptions {
  /** `5m`, `1h`, `1d`, `1w`, `1M`. */
  readonly length: string
  /** Unit that a bin starts at; without it bins are counted from the epoch (weeks from Monday). */
  readonly align?: Alignment | undefined
  readonly offsetSeconds: number
}

const badLength = (text: string): Problem => ({
  code: 'usage/bad-bin',
  message: `"${text}" is no length of a time bin`,
  hint: 'give a number and a unit: 30s, 5m, 1h, 1d, 1w or 1M',
})

/** Bins as asked for; `firstUs` is the first record's time, for --align none and units that the length does not divide. */
export function makeBins(options: BinOptions, firstUs: number): Bins | Problem {
  const shiftUs = options.offsetSeconds * SECOND_US
  const months = /^(\d+)M$/.exec(options.length)
  if (months) return Number(months[1]) > 0 ? monthBins(Number(months[1]), shiftUs) : badLength(options.length)
  const seconds = durationSeconds(options.length)
  if (!seconds) return badLength(options.length)
  const lengthUs = seconds * SECOND_US
  if (options.align === undefined) {
    return fixedBins(lengthUs, shiftUs + (seconds % (UNIT_SECONDS.w as number) === 0 ? WEEK_SHIFT_US : 0))
  }
  if (options.align === 'none') return fixedBins(lengthUs, Math.floor(firstUs / SECOND_US) * SECOND_US + shiftUs)
  if (options.align === 'M') return fixedBins(lengthUs, monthBins(1, 0).start(firstUs) + shiftUs)
  const unitUs = (UNIT_SECONDS[options.align] as number) * SECOND_US
  const unit = fixedBins(unitUs, options.align === 'w' ? WEEK_SHIFT_US : 0)
  return fixedBins(lengthUs, unit.start(firstUs) + shiftUs)
}

export { ALIGNMENTS }
