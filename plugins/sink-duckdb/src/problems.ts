// Errors of DuckDB, which have no codes but begin with their kind.
import { PermanentError } from 'netally'

const textOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

/** Not a database, another version's file, a folder that is not there, no permission. A lock that another holds will end. */
const FATAL =
  /not a valid DuckDB database|Serialization Error|No such file or directory|Not a directory|Permission denied|Is a directory/i
const OF_A_VALUE = /^(Conversion|Constraint|Out of Range|Invalid Input|Mismatch Type) Error/i

export function openProblem(file: string, error: unknown): unknown {
  const text = textOf(error)
  if (!FATAL.test(text) || /lock/i.test(text)) return error
  return new PermanentError({
    code: 'duckdb/refused',
    message: `${file} cannot be opened: ${text.split('\n', 1)[0]}`,
    hint: 'check the path and its permissions; the file must be one of DuckDB',
  })
}

export function valueReason(error: unknown): string | undefined {
  const text = textOf(error)
  return OF_A_VALUE.test(text) ? text.split('\n', 1)[0] : undefined
}

export function noKey(table: string): PermanentError {
  return new PermanentError({
    code: 'duckdb/no-key',
    message: `table ${table} was not made by netally, so that it is not known what its key is`,
    hint: 'name the key with --key, or --key none to add rows without merging',
  })
}

export function otherKey(table: string, found: readonly string[], wanted: readonly string[]): PermanentError {
  const words = (key: readonly string[]) => (key.length > 0 ? `the key (${key.join(', ')})` : 'no key')
  return new PermanentError({
    code: 'duckdb/other-key',
    message: `table ${table} has ${words(found)}, not ${words(wanted)}`,
    hint: 'leave --key out to use the key of the table, or choose another --table',
  })
}
