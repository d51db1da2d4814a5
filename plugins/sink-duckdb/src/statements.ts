// The statements: tables, and the merge. There is no index: DuckDB finds rows of a key faster by a join of columns.
import type { Merge } from 'netally'
import { type DuckColumn, mergeExpression, quoted, quotedText } from './column.ts'

/** A table's comment says what its key is. */
export const KEY_COMMENT = 'netally key: '
export const STAGING = 'netally_staging'
const BIN = 'stamp_inserted'

const declaration = ({ name, stored }: DuckColumn): string => `${quoted(name)} ${stored}`

export const createStatements = (table: string, columns: readonly DuckColumn[], key: readonly string[]): string[] => [
  `CREATE TABLE ${quoted(table)} (${columns.map(declaration).join(', ')})`,
  `COMMENT ON TABLE ${quoted(table)} IS ${quotedText(`${KEY_COMMENT}${key.join(',')}`)}`,
]

export const addColumn = (table: string, column: DuckColumn): string =>
  `ALTER TABLE ${quoted(table)} ADD COLUMN ${declaration(column)}`

export const stagingStatement = (columns: readonly DuckColumn[]): string =>
  `CREATE OR REPLACE TEMP TABLE ${STAGING} (${columns.map(({ name, kind }) => `${quoted(name)} ${kind.name}`).join(', ')})`

/** Only the times of the staged rows are looked at in the table. */
const within = (key: readonly string[]): string[] =>
  key.includes(BIN)
    ? [
        `old.${quoted(BIN)} >= (SELECT min(${quoted(BIN)}) FROM ${STAGING})`,
        `old.${quoted(BIN)} <= (SELECT max(${quoted(BIN)}) FROM ${STAGING})`,
      ]
    : []

export function insertStatement(table: string, columns: readonly DuckColumn[]): string {
  const names = columns.map(({ name }) => quoted(name)).join(', ')
  return `INSERT INTO ${quoted(table)} (${names}) SELECT ${names} FROM ${STAGING}`
}

/** `hasBins`: every staged row has a bin. */
export function mergeStatement(
  table: string,
  columns: readonly DuckColumn[],
  key: readonly string[],
  merge: Merge,
  hasBins: boolean,
): string {
  const same = key.map(name => `old.${quoted(name)} IS NOT DISTINCT FROM new.${quoted(name)}`)
  const on = [...same, ...(hasBins ? within(key) : [])].join(' AND ')
  const others = columns.filter(({ name }) => !key.includes(name))
  const sets = others.map(column => {
    const value = merge === 'add' ? mergeExpression(column) : `new.${quoted(column.name)}`
    return `${quoted(column.name)} = ${value}`
  })
  const matched = merge === 'ignore' || sets.length === 0 ? 'DO NOTHING' : `UPDATE SET ${sets.join(', ')}`
  const names = columns.map(({ name }) => quoted(name)).join(', ')
  const values = columns.map(({ name }) => `new.${quoted(name)}`).join(', ')
  return `MERGE INTO ${quoted(table)} AS old USING ${STAGING} AS new ON (${on})
    WHEN MATCHED THEN ${matched} WHEN NOT MATCHED THEN INSERT (${names}) VALUES (${values})`
}

/** The table of marks of batches that are stored. */
export const marksStatement = (table: string): string =>
  `CREATE TABLE IF NOT EXISTS ${table} (id VARCHAR, stored TIMESTAMP, records BIGINT, rejected VARCHAR)`
