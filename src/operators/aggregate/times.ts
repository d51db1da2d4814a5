// Which of a record's times count: the clock that it moves, and the time that puts it into its bin. All in microseconds, 0 = none.
import type { NumberColumn } from '../../fields/column.ts'
import type { BinTime } from './options.ts'

/** Columns of a record's times: arrival, stamp_updated, timestamp[, start, end]. */
export type Times = readonly NumberColumn[]

const isTime = (us: number | undefined): us is number => us !== undefined && us > 0 && us < Number.POSITIVE_INFINITY

/** The first that is a time; 0 when none is. */
export function firstTime(
  first: number | undefined,
  second?: number | undefined,
  third?: number | undefined,
  fourth?: number | undefined,
): number {
  if (isTime(first)) return first
  if (isTime(second)) return second
  if (isTime(third)) return third
  return isTime(fourth) ? fourth : 0
}

/** When a record was received. */
export const arrivalOf = (times: Times, row: number): number =>
  firstTime(times[0]?.numbers[row], times[1]?.numbers[row], times[2]?.numbers[row])

/** The time that its bin goes by; the clock where it has none. */
export function startOf(times: Times, row: number, binTime: BinTime, clockUs: number): number {
  if (binTime === 'arrival') return firstTime(times[0]?.numbers[row], times[2]?.numbers[row], clockUs)
  const span = binTime === 'start' ? times[3] : times[4]
  return firstTime(span?.numbers[row], times[0]?.numbers[row], times[2]?.numbers[row], clockUs)
}
