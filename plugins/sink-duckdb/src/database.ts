// An open database: statements, and rows into its staging table.
import { type DuckDBConnection, DuckDBDataChunk, DuckDBInstance, type DuckDBValue } from '@duckdb/node-api'
import type { Cell, TableRow } from 'netally'
import type { DuckColumn } from './column.ts'
import { STAGING, stagingStatement } from './statements.ts'

/** Rows of one of DuckDB's vectors. */
const CHUNK_ROWS = 2048
/** Nothing is fetched from the network. */
const SETTINGS = { autoinstall_known_extensions: 'false', autoload_known_extensions: 'false' }

export class Database {
  readonly #instance: DuckDBInstance
  readonly #connection: DuckDBConnection

  private constructor(instance: DuckDBInstance, connection: DuckDBConnection) {
    this.#instance = instance
    this.#connection = connection
  }

  /** `:memory:` or a file, which nobody else can have open then. */
  static async open(path: string): Promise<Database> {
    const instance = await DuckDBInstance.create(path, SETTINGS)
    return new Database(instance, await instance.connect())
  }

  async run(statement: string, values?: DuckDBValue[]): Promise<void> {
    await this.#connection.run(statement, values)
  }

  async rows(statement: string, values?: DuckDBValue[]): Promise<{ [name: string]: unknown }[]> {
    return (await this.#connection.runAndReadAll(statement, values)).getRowObjectsJson()
  }

  /** Puts rows into a new staging table. */
  async stage(columns: readonly DuckColumn[], rows: readonly TableRow[]): Promise<void> {
    await this.run(stagingStatement(columns))
    const appender = await this.#connection.createAppender(STAGING)
    const types = columns.map(({ kind }) => kind.type)
    for (let from = 0; from < rows.length; from += CHUNK_ROWS) {
      const part = rows.slice(from, from + CHUNK_ROWS)
      const chunk = DuckDBDataChunk.create(types, part.length)
      columns.forEach(({ kind }, place) => {
        const values = part.map(({ cells }) => {
          const cell = cells[place] as Cell | null
          return cell === null ? null : kind.value(cell)
        })
        chunk.setColumnValues(place, values)
      })
      appender.appendDataChunk(chunk)
    }
    appender.closeSync()
  }

  close(): void {
    this.#connection.closeSync()
    this.#instance.closeSync()
  }
}
