// What the database says of a table that is there: its columns, and the unique indexes that rows can be merged by.
import type { Client } from 'pg'

export interface FoundColumn {
  readonly name: string
  /** As format_type() writes it. */
  readonly type: string
  readonly isRequired: boolean
  /** Where the default is a plain number or text. */
  readonly standard: string | undefined
  readonly comment: string | undefined
}

export interface FoundKey {
  readonly columns: readonly string[]
  /** Its parts as ON CONFLICT takes them. */
  readonly terms: readonly string[]
}

export interface FoundTable {
  readonly columns: readonly FoundColumn[]
  readonly keys: readonly FoundKey[]
}

const COLUMNS = `SELECT a.attname AS name, format_type(a.atttypid, a.atttypmod) AS type, a.attnotnull AS required,
  pg_get_expr(d.adbin, d.adrelid) AS standard, col_description(a.attrelid, a.attnum) AS comment
FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attrelid = $1::oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' ORDER BY a.attnum`

/** The primary key first, then in the order in which they were made. */
const KEYS = `SELECT array(SELECT pg_get_indexdef(i.indexrelid, n, true) FROM generate_series(1, i.indnkeyatts) n) AS parts,
  array(SELECT i.indkey[n - 1] = 0 FROM generate_series(1, i.indnkeyatts) n) AS expressions
FROM pg_index i WHERE i.indrelid = $1::oid AND i.indisunique AND i.indisvalid AND i.indpred IS NULL
ORDER BY i.indisprimary DESC, i.indexrelid`

const plain = (name: string): string => (/^".*"$/s.test(name) ? name.slice(1, -1).replaceAll('""', '"') : name)

/** `'0.0.0.0'::inet`, `0`, `' '::bpchar`, `'-1'::integer`. */
function literal(expression: string | null): string | undefined {
  if (expression === null) return undefined
  const text = /^'((?:[^']|'')*)'(?:::[a-z0-9 ".()[\]]+)?$/i.exec(expression)?.[1]
  if (text !== undefined) return text.replaceAll("''", "'")
  return /^-?\d+(\.\d+)?$/.test(expression) ? expression : undefined
}

/** The column of an index over coalesce(column, something). */
const coalesced = (part: string): string | undefined => {
  const name = /^COALESCE\(("(?:[^"]|"")+"|\w+)(?:::\w+)?,/i.exec(part)?.[1]
  return name === undefined ? undefined : plain(name)
}

function keyOf({ parts, expressions }: { parts: string[]; expressions: boolean[] }): FoundKey | undefined {
  const columns = parts.map((part, place) => (expressions[place] ? coalesced(part) : plain(part)))
  if (!columns.every(name => name !== undefined)) return undefined
  return { columns, terms: parts.map((part, place) => (expressions[place] ? `(${part})` : part)) }
}

/** `name`: quoted, with its schema. Undefined when there is no such table. */
export async function findTable(client: Client, name: string): Promise<FoundTable | undefined> {
  const { rows } = await client.query<{ oid: string | null }>('SELECT to_regclass($1)::oid AS oid', [name])
  const oid = rows[0]?.oid
  if (oid === null || oid === undefined) return undefined
  const columns = await client.query(COLUMNS, [oid])
  const keys = await client.query<{ parts: string[]; expressions: boolean[] }>(KEYS, [oid])
  return {
    columns: columns.rows.map(({ name, type, required, standard, comment }) => ({
      name: String(name),
      type: String(type),
      isRequired: required === true,
      standard: literal(standard as string | null),
      comment: (comment as string | null) ?? undefined,
    })),
    keys: keys.rows.map(keyOf).filter(key => key !== undefined),
  }
}
