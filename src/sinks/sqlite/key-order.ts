// Rows in the order of a table's key, found fast: by a number that stands for the first values, then by the values.
import type { SqlValue } from './column.ts'

type Row = readonly SqlValue[]

const PREFIX_LETTERS = 6
const PREFIXES = 2 ** (7 * PREFIX_LETTERS)
/** With its ordinal above the prefix, a bin still fits a double exactly. */
const BINS = 2 ** 11

/** A number that is not greater than that of a greater value of the same kind. */
function prefix(value: SqlValue | undefined): number {
  if (typeof value === 'string') {
    let number = 0
    for (let index = 0; index < PREFIX_LETTERS; index++) {
      const code = value.charCodeAt(index)
      number = number * 128 + (code < 127 ? code : code > 126 ? 127 : 0)
    }
    return number
  }
  const number = Number(value)
  return number > 0 ? Math.min(Math.floor(number), PREFIXES - 1) : 0
}

/** The order of the different values of a column; empty when there are too many for their ordinals to be of use. */
function ordinals(rows: readonly Row[], place: number): Map<SqlValue, number> {
  const values = new Set<SqlValue>()
  for (const row of rows) {
    values.add(row[place] as SqlValue)
    if (values.size > BINS) return new Map()
  }
  const sorted = [...values].sort((a, b) => ((a as string) < (b as string) ? -1 : 1))
  return new Map(sorted.map((value, ordinal) => [value, ordinal]))
}

function compare(a: Row, b: Row, places: readonly number[]): number {
  for (const place of places) {
    const x = a[place] as string
    const y = b[place] as string
    if (x < y) return -1
    if (x > y) return 1
  }
  return 0
}

/** Equal keys stay in the order in which they came. `places` are those of the key's columns in a row. */
export function inKeyOrder<Kind extends Row>(rows: readonly Kind[], places: readonly number[]): Kind[] {
  const [first = 0, second = first] = places
  const bins = ordinals(rows, first)
  const leading = bins.size > 0 ? second : first
  const numbers = Float64Array.from(rows, row => {
    return (bins.get(row[first] as SqlValue) ?? 0) * PREFIXES + prefix(row[leading])
  })
  const order = Uint32Array.from(rows.keys())
  order.sort((a, b) => {
    const difference = (numbers[a] as number) - (numbers[b] as number)
    return difference || compare(rows[a] as Row, rows[b] as Row, places) || a - b
  })
  return Array.from(order, index => rows[index] as Kind)
}
