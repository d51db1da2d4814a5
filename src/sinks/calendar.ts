// Civil time for names: the parts of a moment in UTC or in the zone of TZ, and the start of the interval it is in.

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
const WEEK_MS = 7 * DAY_MS
/** 1970-01-05, the first Monday. */
const FIRST_MONDAY_MS = 4 * DAY_MS

export interface Moment {
  readonly unixMs: number
  /** Its fields read in UTC are the civil time of the zone. */
  readonly civil: Date
  /** East of Greenwich is positive. */
  readonly offsetMinutes: number
}

export function momentOf(unixMs: number, localTime: boolean): Moment {
  const offsetMinutes = localTime ? -new Date(unixMs).getTimezoneOffset() : 0
  return { unixMs, civil: new Date(unixMs + offsetMinutes * MINUTE_MS), offsetMinutes }
}

/** Start of the interval of `everyMs` that a time is in: aligned to midnight of the zone, weeks to Monday. */
export function intervalStart(unixMs: number, everyMs: number, localTime: boolean): number {
  const { offsetMinutes } = momentOf(unixMs, localTime)
  const shift = (everyMs % WEEK_MS === 0 ? FIRST_MONDAY_MS : 0) - offsetMinutes * MINUTE_MS
  return Math.floor((unixMs - shift) / everyMs) * everyMs + shift
}

const padded = (number: number, width = 2): string => String(number).padStart(width, '0')

const dayOfYear = (civil: Date): number =>
  Math.floor(
    (Date.UTC(civil.getUTCFullYear(), civil.getUTCMonth(), civil.getUTCDate()) -
      Date.UTC(civil.getUTCFullYear(), 0, 1)) /
      DAY_MS,
  )

/** Week of the year, the first Monday starting week 1 (strftime %W). */
const mondayWeek = (civil: Date): number => Math.floor((dayOfYear(civil) + 7 - ((civil.getUTCDay() + 6) % 7)) / 7)

export function offsetText(offsetMinutes: number, colon: string): string {
  const size = Math.abs(offsetMinutes)
  return `${offsetMinutes < 0 ? '-' : '+'}${padded(Math.floor(size / 60))}${colon}${padded(size % 60)}`
}

interface TimeVariable {
  readonly text: (moment: Moment) => string
  /** The text may change at multiples of this. */
  readonly everyMs: number
}

/** Zones are multiples of a quarter of an hour away from UTC, so days begin at one. */
const QUARTER_MS = 15 * MINUTE_MS

/** The strftime variables that pmacct knows, and %y and %j. */
export const TIME_VARIABLES: { readonly [letter: string]: TimeVariable } = {
  d: { text: ({ civil }) => padded(civil.getUTCDate()), everyMs: QUARTER_MS },
  H: { text: ({ civil }) => padded(civil.getUTCHours()), everyMs: QUARTER_MS },
  m: { text: ({ civil }) => padded(civil.getUTCMonth() + 1), everyMs: QUARTER_MS },
  M: { text: ({ civil }) => padded(civil.getUTCMinutes()), everyMs: MINUTE_MS },
  s: { text: ({ unixMs }) => String(Math.floor(unixMs / 1000)), everyMs: 1000 },
  S: { text: ({ civil }) => padded(civil.getUTCSeconds()), everyMs: 1000 },
  w: { text: ({ civil }) => String(civil.getUTCDay()), everyMs: QUARTER_MS },
  W: { text: ({ civil }) => padded(mondayWeek(civil)), everyMs: QUARTER_MS },
  y: { text: ({ civil }) => padded(civil.getUTCFullYear() % 100), everyMs: QUARTER_MS },
  Y: { text: ({ civil }) => padded(civil.getUTCFullYear(), 4), everyMs: QUARTER_MS },
  j: { text: ({ civil }) => padded(dayOfYear(civil) + 1, 3), everyMs: QUARTER_MS },
  z: { text: ({ offsetMinutes }) => offsetText(offsetMinutes, ''), everyMs: QUARTER_MS },
}
