// Errors of ClickHouse by their codes: what ends the command, what is of one value, what is tried again.
import { PermanentError } from 'netally'
import { ServerError } from './http.ts'

/** No such database, unknown user, wrong password (three ways), readonly, not enough privileges. */
const FATAL: ReadonlySet<number> = new Set([81, 192, 193, 194, 516, 164, 497])
/** Values that cannot be parsed, do not fit, or fail a constraint. */
const OF_A_VALUE: ReadonlySet<number> = new Set([
  6, 26, 27, 38, 41, 53, 69, 70, 72, 117, 130, 131, 321, 349, 441, 469, 675, 676,
])

export function connectProblem(error: unknown): unknown {
  if (!(error instanceof ServerError && FATAL.has(error.code))) return error
  return new PermanentError({
    code: 'clickhouse/refused',
    message: `ClickHouse refuses: ${error.message}`,
    hint: 'check user, password (--password-file, NETALLY_CLICKHOUSE_PASSWORD), database and privileges',
  })
}

export function valueReason(error: unknown): string | undefined {
  return error instanceof ServerError && OF_A_VALUE.has(error.code) ? error.message : undefined
}
