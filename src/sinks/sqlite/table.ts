// One table: made from the fields, or found and compared with them; and the statement that writes its rows.
import type { DatabaseSync, StatementSync } from 'node:sqlite'
import { mergeExpression, quoted, type SqlColumn, type SqlValue } from './column.ts'
import { inKeyOrder } from './key-order.ts'
import type { Merge } from './options.ts'
import { problem } from './problems.ts'

/** Rows of one statement: fewer calls; more were measured to gain nothing. */
export const ROWS_PER_STATEMENT = 8

interface FoundColumn {
  readonly name: string
  /** Place in the primary key, from 1; 0 = not in it. */
  readonly pk: number
}

function declaration({ name, type, keyDefault }: SqlColumn, isKey: boolean): string {
  const standard = typeof keyDefault === 'number' ? keyDefault : `'${String(keyDefault)}'`
  return `${quoted(name)}${type ? ` ${type}` : ''}${isKey ? ` NOT NULL DEFAULT ${standard}` : ''}`
}

/** CREATE TABLE of the columns; the key is the table's own order, which keeps a bin together. */
export function createStatement(table: string, columns: readonly SqlColumn[], key: readonly SqlColumn[]): string {
  const lines = columns.map(column => `  ${declaration(column, key.includes(column))}`)
  if (key.length > 0) lines.push(`  PRIMARY KEY (${key.map(({ name }) => quoted(name)).join(', ')})`)
  return `CREATE TABLE ${quoted(table)} (\n${lines.join(',\n')}\n)${key.length > 0 ? ' WITHOUT ROWID' : ''}`
}

export class Table {
  readonly name: string
  readonly key: readonly SqlColumn[]
  columns: SqlColumn[]
  /** Rows that wait for a transaction, in the order of `columns`. */
  rows: SqlValue[][] = []
  readonly #database: DatabaseSync
  readonly #merge: Merge
  #one: StatementSync | undefined
  #many: StatementSync | undefined

  constructor(
    database: DatabaseSync,
    name: string,
    columns: readonly SqlColumn[],
    key: readonly SqlColumn[],
    merge: Merge,
  ) {
    this.#database = database
    this.#merge = merge
    this.name = name
    this.key = key
    this.columns = [...columns]
    const found = this.#found()
    if (found.length === 0) database.exec(createStatement(name, columns, key))
    else this.#adopt(found)
  }

  #found(): FoundColumn[] {
    return this.#database
      .prepare('SELECT name, pk FROM pragma_table_info(?)')
      .all(this.name) as unknown as FoundColumn[]
  }

  /** A table that is there must have the same key; columns that it lacks are added, columns that it has more stay empty. */
  #adopt(found: readonly FoundColumn[]): void {
    const keyFound = found.filter(({ pk }) => pk > 0).map(({ name }) => name.toLowerCase())
    const keyWanted = this.key.map(({ name }) => name.toLowerCase())
    const missing = keyWanted.filter(name => !keyFound.includes(name))
    const strange = keyFound.filter(name => !keyWanted.includes(name))
    const canUpsert = this.key.length === 0 || (missing.length === 0 && strange.length === 0)
    if (!canUpsert) throw otherKey(this.name, keyFound, missing, strange)
    const names = new Set(found.map(({ name }) => name.toLowerCase()))
    for (const column of this.columns) if (!names.has(column.name.toLowerCase())) this.#alter(column)
  }

  #alter(column: SqlColumn): void {
    this.#database.exec(`ALTER TABLE ${quoted(this.name)} ADD COLUMN ${declaration(column, false)}`)
  }

  /** Adds a column for a field that came later; rows that wait do without. */
  add(column: SqlColumn): void {
    const names = this.#found().map(({ name }) => name.toLowerCase())
    if (!names.includes(column.name.toLowerCase())) this.#alter(column)
    this.columns.push(column)
    for (const row of this.rows) row.push(null)
    this.#one = undefined
    this.#many = undefined
  }

  #statement(rows: number): StatementSync {
    const tuple = `(${this.columns.map(() => '?').join(', ')})`
    const names = this.columns.map(({ name }) => quoted(name)).join(', ')
    const values = Array.from({ length: rows }, () => tuple).join(', ')
    return this.#database.prepare(`INSERT INTO ${quoted(this.name)} (${names}) VALUES ${values}${this.#conflict()}`)
  }

  #conflict(): string {
    if (this.key.length === 0) return ''
    const target = `ON CONFLICT (${this.key.map(({ name }) => quoted(name)).join(', ')})`
    const others = this.columns.filter(column => !this.key.includes(column))
    if (this.#merge === 'ignore' || others.length === 0) return ` ${target} DO NOTHING`
    const sets = others.map(column => {
      const value = this.#merge === 'add' ? mergeExpression(column) : `excluded.${quoted(column.name)}`
      return `${quoted(column.name)} = ${value}`
    })
    return ` ${target} DO UPDATE SET ${sets.join(', ')}`
  }

  /** Writes the waiting rows in the order of the key, which the table is kept in; they go on waiting until the commit. */
  write(): void {
    const rows = this.key.length > 0 ? inKeyOrder(this.rows, this.#places()) : this.rows
    let at = 0
    if (rows.length >= ROWS_PER_STATEMENT) this.#many ??= this.#statement(ROWS_PER_STATEMENT)
    const values: SqlValue[] = []
    for (; at + ROWS_PER_STATEMENT <= rows.length; at += ROWS_PER_STATEMENT) {
      values.length = 0
      for (let row = at; row < at + ROWS_PER_STATEMENT; row++) values.push(...(rows[row] as SqlValue[]))
      this.#many?.run(...values)
    }
    if (at < rows.length) this.#one ??= this.#statement(1)
    for (; at < rows.length; at++) this.#one?.run(...(rows[at] as SqlValue[]))
  }

  #places(): number[] {
    return this.key.map(column => this.columns.indexOf(column))
  }
}

function otherKey(table: string, found: readonly string[], missing: readonly string[], strange: readonly string[]) {
  const parts = [
    missing.length > 0 ? `the records also have ${missing.join(', ')}` : '',
    strange.length > 0 ? `the records lack ${strange.join(', ')}` : '',
  ]
  const key = found.length > 0 ? `the primary key (${found.join(', ')})` : 'no primary key'
  return problem(
    'sqlite/other-key',
    `table "${table}" has ${key}; ${parts.filter(Boolean).join('; ')}`,
    found.length > 0
      ? `choose the same key with --key ${found.join(',')}, or another --table`
      : 'choose another --table, or --key none to add rows without merging',
  )
}
