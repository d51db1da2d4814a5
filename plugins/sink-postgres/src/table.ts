// One table of the database: made or found, with columns added as fields come; and the way of rows into it.
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import {
  type Host,
  keyColumns,
  mergedRows,
  type PlacedRecord,
  type Rejected,
  rowKey,
  storeApart,
  type TableColumn,
  type TableRow,
  tableRows,
} from 'netally'
import type { Client } from 'pg'
import { from as copyFrom } from 'pg-copy-streams'
import { type FoundColumn, type FoundKey, type FoundTable, findTable } from './catalog.ts'
import { copyText, type PgColumn, pgColumn, quoted, typeOf } from './column.ts'
import type { PostgresOptions } from './options.ts'
import { compatColumns } from './pmacct.ts'
import { noKey, otherKey, valueReason } from './problems.ts'
import * as statements from './statements.ts'
import { makeHypertable } from './timescale.ts'

/** Rows of one chunk of COPY's text. */
const CHUNK_ROWS = 2000
const LOCK = 0x6e657461

export interface Session {
  readonly client: Client
  readonly options: PostgresOptions
  readonly host: Host
  /** Of the server, as 150018. */
  readonly version: number
}

let stagings = 0

export class Table {
  readonly #session: Session
  readonly #short: string
  readonly #name: string
  #columns: readonly PgColumn[] = []
  /** Fields that the columns are of. */
  #from: readonly TableColumn[] = []
  #key: FoundKey = { columns: [], terms: [] }
  #isHashed = false
  #staging: string | undefined

  constructor(session: Session, name: string) {
    this.#session = session
    this.#short = name
    this.#name = `${quoted(session.options.schemaName)}.${quoted(name)}`
  }

  /** Checks the key of a table that is there already. */
  async check(): Promise<void> {
    const found = await findTable(this.#session.client, this.#name)
    if (found) this.#adopt(found)
  }

  /** Makes the table, or adds what it lacks; outside of transactions. */
  async prepare(): Promise<void> {
    const { options, client } = this.#session
    if (this.#from === options.schema.columns) return
    const wanted = options.schema.columns.flatMap(column => this.#wanted(column))
    let found = await findTable(client, this.#name)
    if (!found) found = await this.#create(wanted)
    for (const column of wanted) {
      if (found.columns.some(({ name }) => name === column.name)) continue
      await client.query(statements.addColumn(this.#name, column))
      this.#session.host.count('columns_added')
    }
    const now = (await findTable(client, this.#name)) as FoundTable
    this.#adopt(now)
    this.#columns = wanted.map(column => asFound(column, now))
    this.#from = options.schema.columns
    await this.dropStaging()
  }

  #wanted(column: TableColumn): PgColumn[] {
    const { isCompat, localTime, table } = this.#session.options
    if (isCompat && !table.types.has(column.field.name)) return compatColumns(column, localTime)
    return [pgColumn(column, typeOf(column, table.types))]
  }

  async #create(wanted: readonly PgColumn[]): Promise<FoundTable> {
    const { client, options, version, host } = this.#session
    const { isCompat, table } = options
    const key = keyColumns(wanted, options.schema.key ?? [], { isCompat, isChosen: table.key !== undefined })
    await client.query('BEGIN')
    // Another sink may be making the same table.
    await client.query(`SELECT pg_advisory_xact_lock(${LOCK})`)
    const made = await findTable(client, this.#name)
    if (!made) {
      const all = statements.createStatements(this.#name, wanted, key, version)
      for (const statement of all) await client.query(statement)
    }
    await client.query('COMMIT')
    if (!made) {
      host.count('tables_made')
      await makeHypertable(this.#session, this.#name, wanted)
    }
    return (await findTable(client, this.#name)) as FoundTable
  }

  /** The key that rows are merged by; throws when there is none such. */
  #adopt({ keys, columns }: FoundTable): void {
    const { key } = this.#session.options.table
    if (key?.length === 0) return
    const wanted = key ? this.#session.options.schema.key : undefined
    const hash = columns.find(({ name }) => name === statements.ROW_KEY)
    const hashed = hash?.comment?.startsWith(statements.ROW_KEY_COMMENT) ? keysOfHash(hash) : undefined
    const same = (found: readonly string[]) => wanted === undefined || sameNames(found, wanted)
    if (hashed) {
      if (!same(hashed)) throw otherKey(this.#name, hashed, wanted ?? [])
      this.#key = { columns: hashed, terms: [quoted(statements.ROW_KEY)] }
      this.#isHashed = true
      return
    }
    const chosen = keys.find(({ columns }) => same(columns))
    if (chosen) this.#key = chosen
    else if (keys.length === 0) throw noKey(this.#name)
    else throw otherKey(this.#name, (keys[0] as FoundKey).columns, wanted ?? [])
  }

  get #merging(): statements.Merging {
    const { columns, terms } = this.#key
    const { merge } = this.#session.options.table
    const staging = this.#staging ?? ''
    return { table: this.#name, staging, columns: this.#columns, key: columns, terms, isHashed: this.#isHashed, merge }
  }

  /** The rows of records, those of one key as one. */
  rows(records: readonly PlacedRecord[], rejected: Rejected[]): readonly TableRow[] {
    const rows = tableRows(records, this.#columns, rejected)
    return mergedRows(rows, this.#columns, this.#keyPlaces(), this.#session.options.table.merge)
  }

  #keyPlaces(): number[] {
    return this.#key.columns
      .map(name => this.#columns.findIndex(column => column.name === name))
      .filter(place => place >= 0)
  }

  /** Makes the staging table where there is none; outside of transactions. */
  async stage(): Promise<void> {
    if (this.#key.columns.length === 0 || this.#staging !== undefined) return
    this.#staging = `netally_${++stagings}`
    await this.#session.client.query(statements.stagingStatement(this.#merging))
  }

  async dropStaging(): Promise<void> {
    if (this.#staging === undefined) return
    await this.#session.client.query(`DROP TABLE IF EXISTS ${quoted(this.#staging)}`)
    this.#staging = undefined
  }

  /** Stores rows within the transaction that is open. */
  async store(rows: readonly TableRow[], rejected: Rejected[]): Promise<void> {
    const { client } = this.#session
    const attempt = async (some: readonly TableRow[]) => {
      await client.query('SAVEPOINT netally')
      try {
        await this.#put(some)
      } catch (error) {
        if (valueReason(error) !== undefined) await client.query('ROLLBACK TO SAVEPOINT netally')
        throw error
      }
      await client.query('RELEASE SAVEPOINT netally')
    }
    await storeApart(rows, attempt, valueReason, rejected)
  }

  async #put(rows: readonly TableRow[]): Promise<void> {
    const { client } = this.#session
    const merging = this.#merging
    if (this.#key.columns.length === 0) return this.#copy(rows, this.#name)
    await this.#copy(rows, quoted(merging.staging))
    await client.query(statements.mergeStatement(merging))
    // A second part of the same transaction must not find the first.
    await client.query(`TRUNCATE ${quoted(merging.staging)}`)
  }

  async #copy(rows: readonly TableRow[], into: string): Promise<void> {
    const stream = this.#session.client.query(copyFrom(statements.copyStatement(into, this.#merging)))
    await pipeline(Readable.from(this.#chunks(rows)), stream)
  }

  *#chunks(rows: readonly TableRow[]): Iterable<Buffer> {
    const hash = this.#isHashed ? rowKey(this.#columns, this.#keyPlaces()) : undefined
    for (let from = 0; from < rows.length; from += CHUNK_ROWS) {
      let text = ''
      for (const row of rows.slice(from, from + CHUNK_ROWS)) {
        for (let place = 0; place < row.cells.length; place++) {
          text += `${place === 0 ? '' : '\t'}${copyText(row.cells[place] ?? null)}`
        }
        text += hash ? `\t${hash(row)}\n` : '\n'
      }
      yield Buffer.from(text)
    }
  }

  get shortName(): string {
    return this.#short
  }
}

const sameNames = (some: readonly string[], others: readonly string[]): boolean =>
  some.length === others.length && some.every(name => others.includes(name))

const keysOfHash = ({ comment = '' }: FoundColumn): string[] =>
  comment.slice(statements.ROW_KEY_COMMENT.length).split(',')

/** A column as the table has it, which may have been made by others, with other types and with defaults for absent values. */
function asFound(wanted: PgColumn, { columns }: FoundTable): PgColumn {
  const found = columns.find(({ name }) => name === wanted.name)
  if (!found) return wanted
  const column = found.type === wanted.stored ? wanted : { ...wanted, ...formOf(wanted, found.type) }
  return found.isRequired && found.standard !== undefined ? { ...column, absent: found.standard } : column
}

const formOf = (wanted: PgColumn, type: string): Pick<PgColumn, 'stored' | 'form'> => {
  const { stored, form } = pgColumn(wanted, type)
  return { stored, form }
}
