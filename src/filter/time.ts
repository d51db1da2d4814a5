// Times as people and pmacct write them: ISO 8601 text, with a blank or a T, UTC unless an offset is given.

const ISO = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?)?\s?(?:(Z)|([+-])(\d\d):?(\d\d))?$/i

/** Unix microseconds of a text, NaN when it is no time. */
export function parseTime(text: string): number {
  const parts = ISO.exec(text)
  if (!parts) return Number.NaN
  const [year, month, day, hour, minute, second] = [1, 2, 3, 4, 5, 6].map(index => Number(parts[index] ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 24 || minute > 59 || second > 60) return Number.NaN
  const fraction = Math.trunc(Number((parts[7] ?? '0').padEnd(9, '0')) / 1000)
  const offsetMinutes = Number(parts[10] ?? 0) * 60 + Number(parts[11] ?? 0)
  const offset = parts[9] === '-' ? -offsetMinutes : offsetMinutes
  return (Date.UTC(year, month - 1, day, hour, minute, second) - offset * 60_000) * 1000 + fraction
}
