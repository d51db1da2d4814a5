// The statements: tables, and the insert that merges.
import type { Merge } from 'netally'
import { type MyColumn, mergeExpression, quoted, quotedText } from './column.ts'
import { longKey } from './problems.ts'

/**
 * Key of a table that we make. Absent values do not equal each other in MySQL's keys, and a key may have 3072 octets and 16
 * columns at most; so it is four octets of the bin, which keep rows of a time together, and the hash of the key.
 */
export const ROW_KEY = 'row_key'
/** What its comment begins with; the columns of the key follow. */
export const ROW_KEY_COMMENT = 'netally: bin and MD5 of '
const LONGEST_COMMENT = 1024

const declaration = ({ name, stored, constraint }: MyColumn): string =>
  `${quoted(name)} ${stored}${constraint ? ` ${constraint}` : ' NULL'}`

export function createStatement(table: string, columns: readonly MyColumn[], key: readonly string[]): string {
  const comment = `${ROW_KEY_COMMENT}${key.join(',')}`
  if (comment.length > LONGEST_COMMENT) throw longKey(table)
  const lines = columns.map(declaration)
  if (key.length > 0) lines.push(`${quoted(ROW_KEY)} binary(20) NOT NULL PRIMARY KEY COMMENT ${quotedText(comment)}`)
  return `CREATE TABLE IF NOT EXISTS ${quoted(table)} (\n  ${lines.join(',\n  ')}\n) ENGINE=InnoDB CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`
}

export const addColumn = (table: string, column: MyColumn): string =>
  `ALTER TABLE ${quoted(table)} ADD COLUMN ${declaration(column)}`

export interface Inserting {
  readonly table: string
  readonly columns: readonly MyColumn[]
  readonly key: readonly string[]
  readonly isHashed: boolean
  readonly merge: Merge
}

/** What stands before and after the rows. */
export function insertParts({ table, columns, key, isHashed, merge }: Inserting): [string, string] {
  const names = [...columns.map(({ name }) => name), ...(isHashed ? [ROW_KEY] : [])].map(quoted)
  const before = `INSERT INTO ${quoted(table)} (${names.join(', ')}) VALUES `
  if (key.length === 0) return [before, '']
  const others = columns.filter(({ name }) => !key.includes(name))
  const same = quoted(isHashed ? ROW_KEY : (key[0] as string))
  if (merge === 'ignore' || others.length === 0) return [before, ` ON DUPLICATE KEY UPDATE ${same} = ${same}`]
  const sets = others.map(column => {
    const value = merge === 'add' ? mergeExpression(column) : `VALUES(${quoted(column.name)})`
    return `${quoted(column.name)} = ${value}`
  })
  return [before, ` ON DUPLICATE KEY UPDATE ${sets.join(', ')}`]
}

/** The table of marks of batches that are stored. */
export const marksStatement = (table: string): string =>
  `CREATE TABLE IF NOT EXISTS ${quoted(table)} (id varchar(64) CHARACTER SET ascii PRIMARY KEY,
  stored datetime(6) NOT NULL, records bigint NOT NULL, rejected longtext, KEY (stored)) ENGINE=InnoDB CHARACTER SET utf8mb4`
