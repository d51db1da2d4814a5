// One table of the database: made or found, with columns added as fields come; and the way of rows into it.
import { type Host, mergedRows, type PlacedRecord, type Rejected, type TableRow, tableRows } from 'netally'
import { type DuckColumn, duckColumn, quoted } from './column.ts'
import type { Database } from './database.ts'
import type { DuckdbOptions } from './options.ts'
import { noKey, otherKey } from './problems.ts'
import * as statements from './statements.ts'

const BIN = 'stamp_inserted'

const ABOUT = `SELECT comment FROM duckdb_tables()
  WHERE database_name = current_database() AND schema_name = current_schema() AND table_name = $1`
const COLUMNS = `SELECT column_name FROM duckdb_columns()
  WHERE database_name = current_database() AND schema_name = current_schema() AND table_name = $1`

const sameNames = (some: readonly string[], others: readonly string[]): boolean =>
  some.length === others.length && some.every(name => others.includes(name))

export class Table {
  readonly #name: string
  readonly #options: DuckdbOptions
  readonly #columns: readonly DuckColumn[]
  #key: readonly string[] = []

  constructor(name: string, options: DuckdbOptions) {
    this.#name = name
    this.#options = options
    this.#columns = options.schema.columns.map(column => duckColumn(column, options.table.types))
  }

  /** Checks the key of a table that is there already. */
  async check(database: Database): Promise<void> {
    const [about] = await database.rows(ABOUT, [this.#name])
    if (about) this.#key = this.#keyOf(about.comment)
  }

  /** Makes the table, or adds what it lacks, within the transaction that is open. */
  async prepare(database: Database, host: Host): Promise<void> {
    const { schema } = this.#options
    const [about] = await database.rows(ABOUT, [this.#name])
    if (!about) {
      for (const statement of statements.createStatements(this.#name, this.#columns, schema.key ?? [])) {
        await database.run(statement)
      }
      this.#key = schema.key ?? []
      host.count('tables_made')
      return
    }
    this.#key = this.#keyOf(about.comment)
    const found = new Set(
      (await database.rows(COLUMNS, [this.#name])).map(row => String(row.column_name).toLowerCase()),
    )
    for (const column of this.#columns) {
      if (found.has(column.name.toLowerCase())) continue
      await database.run(statements.addColumn(this.#name, column))
      host.count('columns_added')
    }
  }

  /** The key of a table that is there: what its comment says, else what the user says. */
  #keyOf(comment: unknown): readonly string[] {
    const { table, schema } = this.#options
    const wanted = table.key ? (schema.key ?? []) : undefined
    if (typeof comment !== 'string' || !comment.startsWith(statements.KEY_COMMENT)) {
      if (!wanted) throw noKey(this.#name)
      return wanted
    }
    const found = comment.slice(statements.KEY_COMMENT.length).split(',').filter(Boolean)
    if (wanted && !sameNames(found, wanted)) throw otherKey(this.#name, found, wanted)
    return found
  }

  /** The rows of records, those of one key as one. */
  rows(records: readonly PlacedRecord[], rejected: Rejected[]): readonly TableRow[] {
    const places = this.#key
      .map(name => this.#columns.findIndex(column => column.name === name))
      .filter(place => place >= 0)
    return mergedRows(tableRows(records, this.#columns, rejected), this.#columns, places, this.#options.table.merge)
  }

  /** Stores rows within the transaction that is open. */
  async store(database: Database, rows: readonly TableRow[]): Promise<void> {
    if (rows.length === 0) return
    await database.stage(this.#columns, rows)
    const key = this.#key
    if (key.length === 0) return database.run(statements.insertStatement(this.#name, this.#columns))
    const absent = key.filter(name => !this.#columns.some(column => column.name === name))
    // A key's column that no record has is absent in all of them.
    for (const name of absent)
      await database.run(`ALTER TABLE ${statements.STAGING} ADD COLUMN ${quoted(name)} VARCHAR`)
    const bin = this.#columns.findIndex(({ name }) => name === BIN)
    const hasBins = bin >= 0 && rows.every(({ cells }) => cells[bin] !== null)
    const { merge } = this.#options.table
    await database.run(statements.mergeStatement(this.#name, this.#columns, key, merge, hasBins))
  }
}
