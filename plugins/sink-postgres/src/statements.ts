// The statements: tables, keys, the staging table and what moves its rows on.
import type { Merge } from 'netally'
import { mergeExpression, type PgColumn, quoted } from './column.ts'

/** Column of a key that is too wide for an index: its hash. */
export const ROW_KEY = 'row_key'
/** What its comment begins with; the columns of the key follow. */
export const ROW_KEY_COMMENT = 'netally: MD5 of '
/** PostgreSQL's own limit. */
const INDEX_COLUMNS = 32
/** The first version where a unique index can take absent values as equal. */
const NULLS_NOT_DISTINCT = 150_000

const list = (names: readonly string[]): string => names.map(quoted).join(', ')

/** Values that stand for absent ones in the index of a server that cannot take those as equal; no value is like them. */
const SENTINELS: readonly (readonly [RegExp, string])[] = [
  [/^(bigint|integer|smallint|numeric|real|double)/, '-1'],
  [/^timestamp/, `'-infinity'`],
  [/^(inet|cidr)$/, `'0.0.0.0/0'`],
  [/^macaddr$/, `'00:00:00:00:00:00'`],
  [/\[\]$/, `'{}'`],
  [/^jsonb$/, `'null'`],
]

function term({ name, stored }: PgColumn): string {
  const value = SENTINELS.find(([pattern]) => pattern.test(stored))?.[1] ?? `E'\\x01'`
  return `(coalesce(${quoted(name)}, ${value}::${stored}))`
}

/** Lists and objects can be longer than an index takes. */
export const needsHash = (key: readonly PgColumn[]): boolean =>
  key.length > INDEX_COLUMNS || key.some(({ stored }) => stored.endsWith('[]') || stored === 'jsonb')

const declaration = ({ name, stored, constraint }: PgColumn): string =>
  `${quoted(name)} ${stored}${constraint ? ` ${constraint}` : ''}`

/** The statements that make a table; `version` is the server's, as 150018. */
export function createStatements(
  table: string,
  columns: readonly PgColumn[],
  key: readonly PgColumn[],
  version: number,
): string[] {
  const hashed = needsHash(key)
  const lines = columns.map(declaration)
  if (hashed) lines.push(`${quoted(ROW_KEY)} uuid NOT NULL PRIMARY KEY`)
  const made = [`CREATE TABLE ${table} (\n  ${lines.join(',\n  ')}\n)`]
  if (hashed) {
    const names = key.map(({ name }) => name).join(',')
    return [...made, `COMMENT ON COLUMN ${table}.${quoted(ROW_KEY)} IS '${ROW_KEY_COMMENT}${names}'`]
  }
  if (key.length === 0) return made
  const isRequired = key.every(({ constraint }) => constraint !== '')
  const plain = list(key.map(({ name }) => name))
  if (isRequired) return [...made, `ALTER TABLE ${table} ADD PRIMARY KEY (${plain})`]
  if (version >= NULLS_NOT_DISTINCT) return [...made, `CREATE UNIQUE INDEX ON ${table} (${plain}) NULLS NOT DISTINCT`]
  const parts = key.map(column => (column.constraint === '' ? term(column) : quoted(column.name)))
  return [...made, `CREATE UNIQUE INDEX ON ${table} (${parts.join(', ')})`]
}

export const addColumn = (table: string, column: PgColumn): string =>
  `ALTER TABLE ${table} ADD COLUMN IF NOT EXISTS ${declaration(column)}`

export interface Merging {
  readonly table: string
  readonly staging: string
  readonly columns: readonly PgColumn[]
  /** Names of the key's columns; what ON CONFLICT takes. */
  readonly key: readonly string[]
  readonly terms: readonly string[]
  readonly isHashed: boolean
  readonly merge: Merge
}

const stagedNames = ({ columns, isHashed }: Pick<Merging, 'columns' | 'isHashed'>): string[] => [
  ...columns.map(({ name }) => name),
  ...(isHashed ? [ROW_KEY] : []),
]

/** Empty, with the types of the table, for this session alone. */
export function stagingStatement(merging: Merging): string {
  const { staging, table } = merging
  return `CREATE TEMP TABLE ${quoted(staging)} ON COMMIT DELETE ROWS AS SELECT ${list(stagedNames(merging))} FROM ${table} WITH NO DATA`
}

export const copyStatement = (into: string, merging: Pick<Merging, 'columns' | 'isHashed'>): string =>
  `COPY ${into} (${list(stagedNames(merging))}) FROM STDIN`

function onConflict({ columns, key, terms, merge }: Merging): string {
  const others = columns.filter(({ name }) => !key.includes(name))
  const target = `ON CONFLICT (${terms.join(', ')})`
  if (merge === 'ignore' || others.length === 0) return `${target} DO NOTHING`
  const sets = others.map(column => {
    const value = merge === 'add' ? mergeExpression(column) : `excluded.${quoted(column.name)}`
    return `${quoted(column.name)} = ${value}`
  })
  return `${target} DO UPDATE SET ${sets.join(', ')}`
}

/** From the staging table into the table. */
export function mergeStatement(merging: Merging): string {
  const names = list(stagedNames(merging))
  return `INSERT INTO ${merging.table} AS old (${names}) SELECT ${names} FROM ${quoted(merging.staging)} ${onConflict(merging)}`
}

/** The table of marks of batches that are stored. */
export const marksStatement = (table: string): string =>
  `CREATE TABLE IF NOT EXISTS ${table} (id text PRIMARY KEY, stored timestamp with time zone NOT NULL DEFAULT now(),
  records bigint NOT NULL, rejected jsonb)`
