// What the database says of a table that is there: its columns, and the unique keys that rows can be merged by.
import type { Connection, RowDataPacket } from 'mysql2/promise'

export interface FoundColumn {
  readonly name: string
  /** As information_schema has it: `bigint(20) unsigned`. */
  readonly type: string
  /** What an absent value is where none is allowed. */
  readonly absent: string | undefined
  readonly isRequired: boolean
  readonly comment: string
}

export interface FoundTable {
  readonly columns: readonly FoundColumn[]
  /** Columns of each unique key, the primary first. */
  readonly keys: readonly (readonly string[])[]
}

const COLUMNS = `SELECT column_name AS name, column_type AS type, is_nullable = 'NO' AS required, column_default AS standard,
  extra, column_comment AS comment FROM information_schema.columns
  WHERE table_schema = DATABASE() AND table_name = ? ORDER BY ordinal_position`

const KEYS = `SELECT index_name AS name, column_name AS part, sub_part AS prefix FROM information_schema.statistics
  WHERE table_schema = DATABASE() AND table_name = ? AND non_unique = 0
  ORDER BY index_name <> 'PRIMARY', index_name, seq_in_index`

const ZEROS: readonly (readonly [RegExp, string])[] = [
  [/int|decimal|double|float|bit/, '0'],
  [/^(datetime|timestamp)/, '0001-01-01 00:00:00'],
  [/^date/, '0001-01-01'],
]

/** MariaDB gives defaults as they are written, MySQL without quotes. */
function absentOf(type: string, standard: string | null): string {
  if (standard === null) return ZEROS.find(([pattern]) => pattern.test(type))?.[1] ?? ''
  return /^'.*'$/s.test(standard) ? standard.slice(1, -1).replaceAll("''", "'") : standard
}

const isOwnDefault = (standard: string | null): boolean => standard !== null && /\(|^current/i.test(standard)

export async function findTable(connection: Connection, name: string): Promise<FoundTable | undefined> {
  const [columns] = await connection.query<RowDataPacket[]>(COLUMNS, [name])
  if (columns.length === 0) return undefined
  const [parts] = await connection.query<RowDataPacket[]>(KEYS, [name])
  const keys = new Map<string, string[]>()
  for (const { name: key, part } of parts) keys.set(key, [...(keys.get(key) ?? []), String(part)])
  return {
    columns: columns.map(({ name, type, required, standard, extra, comment }) => {
      const isMade = /auto_increment|generated/i.test(String(extra)) || isOwnDefault(standard)
      const isRequired = Number(required) === 1 && !isMade
      return {
        name: String(name),
        type: String(type),
        isRequired,
        absent: isRequired ? absentOf(String(type), standard) : undefined,
        comment: String(comment ?? ''),
      }
    }),
    keys: [...keys.values()],
  }
}
