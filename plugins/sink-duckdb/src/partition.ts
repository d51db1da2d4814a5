// Folders of time, in the form that DuckDB, Spark and others read columns from: year=2025/month=11/day=24/hour=16.
import { recordTimeMs, type TableNames } from 'netally'
import type { Partition } from './options.ts'

const UNITS: readonly Exclude<Partition, 'none'>[] = ['year', 'month', 'day', 'hour']
/** Zones are multiples of a quarter of an hour away from UTC, so hours begin at one. */
const STEP_MS = 900_000

/** Folders as names; `localTime`: in the zone of TZ. */
export function partitionNames(partition: Partition, localTime: boolean): TableNames {
  const depth = partition === 'none' ? 0 : UNITS.indexOf(partition) + 1
  let [step, name] = [Number.NaN, '']
  return {
    fixed: undefined,
    of(record, fallbackMs) {
      const timeMs = recordTimeMs(record) ?? fallbackMs
      if (Math.floor(timeMs / STEP_MS) !== step) {
        step = Math.floor(timeMs / STEP_MS)
        name = folderOf(timeMs, depth, localTime)
      }
      return name
    },
  }
}

function folderOf(timeMs: number, depth: number, localTime: boolean): string {
  const offsetMinutes = localTime ? new Date(timeMs).getTimezoneOffset() : 0
  const parts = new Date(timeMs - 60_000 * offsetMinutes).toISOString().split(/[-T:]/)
  return UNITS.slice(0, depth)
    .map((unit, place) => `${unit}=${parts[place]}`)
    .join('/')
}
