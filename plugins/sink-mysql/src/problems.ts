// Errors of MySQL by their numbers: what ends the command, what is of one value, what is tried again.
import { PermanentError } from 'netally'

interface ServerError extends Error {
  readonly errno: number
  readonly sqlState?: string
}

const asServerError = (error: unknown): ServerError | undefined =>
  error instanceof Error && 'errno' in error && typeof error.errno === 'number' ? (error as ServerError) : undefined

/** Access denied (three ways), no such database, no privilege for a table. */
const FATAL: ReadonlySet<number> = new Set([1044, 1045, 1698, 1049, 1142])
/** Of a value, with an SQLSTATE that does not say so: no default, incorrect value, truncated, constraint failed. */
const OF_A_VALUE: ReadonlySet<number> = new Set([1265, 1364, 1366, 1411, 3819, 4025])

export function connectProblem(error: unknown): unknown {
  const known = asServerError(error)
  if (!known || !FATAL.has(known.errno)) return error
  return new PermanentError({
    code: 'mysql/refused',
    message: `MySQL refuses: ${known.message}`,
    hint: 'check user, password (--password-file, NETALLY_MYSQL_PASSWORD, MYSQL_PWD), database and privileges',
  })
}

/** The reason, where an error is of a value. */
export function valueReason(error: unknown): string | undefined {
  const known = asServerError(error)
  if (!known) return undefined
  return OF_A_VALUE.has(known.errno) || /^2[23]/.test(known.sqlState ?? '') ? known.message : undefined
}

const ER_DUP_ENTRY = 1062
export const isDuplicate = (error: unknown): boolean => asServerError(error)?.errno === ER_DUP_ENTRY

export function noKey(table: string): PermanentError {
  return new PermanentError({
    code: 'mysql/no-key',
    message: `table ${table} has no unique key, so that rows cannot be merged into it`,
    hint: '--key none to add rows without merging, another --table, or make a primary key',
  })
}

export function otherKey(table: string, found: readonly string[], wanted: readonly string[]): PermanentError {
  return new PermanentError({
    code: 'mysql/other-key',
    message: `table ${table} has the key (${found.join(', ')}), not (${wanted.join(', ')})`,
    hint: 'leave --key out to use the key of the table, or choose another --table',
  })
}

/** A table remembers the columns of its key in a comment, which has an end. */
export function longKey(table: string): PermanentError {
  return new PermanentError({
    code: 'mysql/long-key',
    message: `the key of table ${table} has too many columns`,
    hint: 'name fewer with --key, or --key none to add rows without merging',
  })
}
