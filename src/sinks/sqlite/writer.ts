// Rows in transactions: all of one or nothing; a locked database is tried again, with longer and longer pauses.
import type { DatabaseSync } from 'node:sqlite'
import type { Host } from '../../contract/host.ts'
import { ProblemError } from '../../contract/problem.ts'
import type { Field } from '../../fields/field.ts'
import { type SqlColumn, type SqlValue, sqlColumn } from './column.ts'
import type { SqliteOptions } from './options.ts'
import { BUSY, LOCKED, problem, resultCode, sqliteProblem } from './problems.ts'
import { Table } from './table.ts'

/** Tables at a time; the least recently used is let go of after its rows are written. */
const TABLES = 64
/** SQLite's own default limit is 2000; more means that something invents fields. */
const COLUMNS = 500
const FIRST_PAUSE_MS = 50
const LONGEST_PAUSE_MS = 2000

const later = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

export class Writer {
  /** Rows that wait for a transaction. */
  pending = 0
  /** All of them are in the database. */
  onCommit: (() => void) | undefined
  readonly #database: DatabaseSync
  readonly #options: SqliteOptions
  readonly #host: Host
  readonly #tables = new Map<string, Table>()
  /** In the order of every table's rows. */
  readonly columns: SqlColumn[] = []
  readonly #key: readonly SqlColumn[]
  /** Fields that have a column, or were refused one. */
  readonly #known = new Set<string>()
  readonly #columnNames = new Set<string>()

  constructor(
    database: DatabaseSync,
    options: SqliteOptions,
    fields: readonly Field[],
    key: readonly Field[] | undefined,
    host: Host,
  ) {
    this.#database = database
    this.#options = options
    this.#host = host
    for (const field of fields) this.#define(field)
    this.#key = key ? key.map(field => this.#chosen(field)) : standardKey(this.columns)
  }

  #chosen({ name }: Field): SqlColumn {
    const column = this.columns.find(({ field }) => field.name === name)
    if (column) return column
    throw problem(
      'sqlite/key-without-column',
      `--key names "${name}", which is not among the fields of the records`,
      'leave it out, or name the columns with --fields',
    )
  }

  #define(field: Field): SqlColumn | undefined {
    this.#known.add(field.name)
    const column = sqlColumn(field, this.#options.times, () => this.#host.count('values_over_int64'))
    if (!column || this.columns.length >= COLUMNS || this.#columnNames.has(column.name.toLowerCase())) {
      this.#refuse(field.name)
      return undefined
    }
    this.#columnNames.add(column.name.toLowerCase())
    this.columns.push(column)
    return column
  }

  #refuse(name: string): void {
    this.#host.count('fields_left_out')
    this.#host.report({
      code: 'sqlite/no-column',
      message: `field "${name.slice(0, 80)}" cannot be a column, so its values are left out`,
      hint: `names are letters, digits and _, different without regard to case, and at most ${COLUMNS}`,
    })
  }

  /** A field that came after the columns were found; not a key, because the key stands. */
  async addField(field: Field): Promise<void> {
    const column = this.#define(field)
    if (!column) return
    for (const table of this.#tables.values()) await this.#retried(() => table.add(column))
  }

  isKnown(name: string): boolean {
    return this.#known.has(name)
  }

  async table(name: string): Promise<Table> {
    const known = this.#tables.get(name)
    if (known) return known
    if (this.#tables.size >= TABLES) {
      await this.commit()
      this.#tables.delete(this.#tables.keys().next().value as string)
    }
    const { merge } = this.#options
    const table = await this.#retried(() => new Table(this.#database, name, this.columns, this.#key, merge))
    this.#tables.set(name, table)
    return table
  }

  get isFull(): boolean {
    return this.pending >= this.#options.commitRows
  }

  put(table: Table, row: SqlValue[]): void {
    table.rows.push(row)
    this.pending++
  }

  /** What an absent value of each column is. */
  get defaults(): SqlValue[] {
    return this.columns.map(column => (this.#key.includes(column) ? column.keyDefault : null))
  }

  /** Writes all rows that wait, in one transaction. */
  async commit(): Promise<void> {
    if (this.pending === 0) return
    await this.#retried(() => {
      this.#database.exec('BEGIN IMMEDIATE')
      for (const table of this.#tables.values()) table.write()
      this.#database.exec('COMMIT')
    })
    this.#host.count('out', this.pending)
    this.#host.count('transactions')
    for (const table of this.#tables.values()) table.rows = []
    this.pending = 0
    this.onCommit?.()
  }

  async #retried<Result>(work: () => Result): Promise<Result> {
    const startedMs = performance.now()
    for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS)) {
      try {
        return work()
      } catch (error) {
        if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
        if (error instanceof ProblemError) throw error
        const code = resultCode(error)
        const isOver = performance.now() - startedMs >= this.#options.busyMs || this.#host.signal.aborted
        if (!(code === BUSY || code === LOCKED) || isOver) throw sqliteProblem(this.#options.file, error)
        this.#host.count('retries')
      }
      await later(pauseMs)
    }
  }
}

/**
 * All that are not summed. The bin first: rows of one time stand together, and new bins are added at the end; then
 * numbers, which are faster to compare than texts.
 */
function standardKey(columns: readonly SqlColumn[]): SqlColumn[] {
  const rank = ({ field, type }: SqlColumn) => (field.name === 'stamp_inserted' ? 0 : type === 'INTEGER' ? 1 : 2)
  return columns.filter(({ role }) => role === 'key').sort((a, b) => rank(a) - rank(b))
}
