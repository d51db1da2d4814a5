// The clock of records: which fields say when a record was received. `timestamp` is that of routes and telemetry, which have
// no other.
import type { Column, NumberColumn } from './column.ts'
import { fieldOf } from './dictionary.ts'

/** In the order in which they are believed. */
export const CLOCK_NAMES = ['timestamp_arrival', 'stamp_updated', 'timestamp'] as const
export const CLOCK_FIELDS = CLOCK_NAMES.map(fieldOf)

/** Of a row, where columns[at] is that of the first of them: Unix us, NaN when it does not say. */
export function clockUs(columns: readonly Column[], at: number, row: number): number {
  for (let index = at; index < at + CLOCK_NAMES.length; index++) {
    const us = (columns[index] as NumberColumn).numbers[row] as number
    if (Number.isFinite(us)) return us
  }
  return Number.NaN
}
