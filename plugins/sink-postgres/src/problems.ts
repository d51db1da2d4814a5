// Errors of PostgreSQL by their SQLSTATE: what ends the command, what is of one value, what is tried again.
import { PermanentError } from 'netally'

const codeOf = (error: unknown): string =>
  typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : ''

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** No attempt mends it: password, user, database, schema, privilege. */
const FATAL: ReadonlySet<string> = new Set(['28P01', '28000', '3D000', '3F000', '42501'])

/** Classes of errors of a value: data, integrity, limits (a key too wide for the index), one key twice. */
const OF_A_VALUE = /^(22|23|54|21)[0-9A-Z]{3}$/

export function connectProblem(error: unknown): unknown {
  if (!FATAL.has(codeOf(error))) return error
  return new PermanentError({
    code: 'postgres/refused',
    message: `PostgreSQL refuses: ${textOf(error)}`,
    hint: 'check user, password (--password-file, NETALLY_POSTGRES_PASSWORD, PGPASSWORD), database, schema and privileges',
  })
}

/** The reason, where an error is of a value. */
export function valueReason(error: unknown): string | undefined {
  return OF_A_VALUE.test(codeOf(error)) ? textOf(error) : undefined
}

export function noKey(table: string): PermanentError {
  return new PermanentError({
    code: 'postgres/no-key',
    message: `table ${table} has no unique key, so that rows cannot be merged into it`,
    hint: '--key none to add rows without merging, another --table, or make a unique index',
  })
}

export function otherKey(table: string, found: readonly string[], wanted: readonly string[]): PermanentError {
  return new PermanentError({
    code: 'postgres/other-key',
    message: `table ${table} has the key (${found.join(', ')}), not (${wanted.join(', ')})`,
    hint: 'leave --key out to use the key of the table, or choose another --table',
  })
}
