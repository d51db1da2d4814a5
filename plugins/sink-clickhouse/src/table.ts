// One table of the database: made or found, with columns added as fields come; and the way of rows into it.
import {
  type Host,
  mergedRows,
  type PlacedRecord,
  type Rejected,
  type StoredColumn,
  storeApart,
  type TableColumn,
  type TableRow,
  tableRows,
} from 'netally'
import { chColumn, tabText, typeOf } from './column.ts'
import type { Client } from './http.ts'
import type { ClickhouseOptions } from './options.ts'
import { valueReason } from './problems.ts'
import type { Abilities } from './server.ts'
import { addStatement, createStatement, engineOf, insertStatement, keyOf } from './statements.ts'

export interface Session {
  readonly client: Client
  readonly options: ClickhouseOptions
  readonly host: Host
  readonly can: Abilities
}

interface Found {
  readonly engine: string
  /** The sorting key, as an expression. */
  readonly order: string
  readonly types: ReadonlyMap<string, string>
}

const MERGING = /(Summing|Aggregating|Replacing)MergeTree/
const text = (word: string): string => `'${word.replaceAll(/[\\']/g, '\\$&')}'`

export class Table {
  readonly name: string
  readonly #session: Session
  #columns: readonly StoredColumn[] = []
  /** Fields that the columns are of. */
  #from: readonly TableColumn[] = []
  /** Names of columns; empty where rows of one key stay apart. */
  #key: readonly string[] = []

  constructor(session: Session, name: string) {
    this.#session = session
    this.name = name
  }

  async #find(signal: AbortSignal): Promise<Found | undefined> {
    const { client } = this.#session
    const here = `database = currentDatabase()`
    const about = `SELECT engine, sorting_key FROM system.tables WHERE ${here} AND name = ${text(this.name)}`
    const [table] = await client.rows(about, signal)
    if (!table) return undefined
    const columns = `SELECT name, type FROM system.columns WHERE ${here} AND table = ${text(this.name)}`
    const rows = await client.rows(columns, signal)
    const plain = (word = '') => word.replaceAll("\\'", "'").replaceAll('\\\\', '\\')
    const types = new Map(rows.map(([name = '', type]) => [name, plain(type)]))
    return { engine: table[0] ?? '', order: plain(table[1]), types }
  }

  /** Makes the table, or adds what it lacks. */
  async prepare(signal: AbortSignal): Promise<void> {
    const { options, client, host, can } = this.#session
    const { schema, table } = options
    if (this.#from === schema.columns) return
    const engine = engineOf(schema.key ?? [], table.merge, can)
    const key = keyOf(schema.columns, schema.key ?? [], engine)
    const wishes = {
      chosen: table.types,
      hasInet: options.hasInet,
      isNullable: options.isNullable,
      key,
      isAggregating: engine === 'AggregatingMergeTree' && options.engine === undefined,
    }
    const wanted = schema.columns.map(column => chColumn(column, typeOf(column, can, wishes)))
    let found = await this.#find(signal)
    if (!found) {
      const making = { table: this.name, columns: wanted, key, engine, chosenEngine: options.engine, can }
      await client.ask(createStatement(making), signal)
      host.count('tables_made')
      found = (await this.#find(signal)) as Found
    }
    for (const column of wanted) {
      if (found.types.has(column.name)) continue
      // Else its engine would add numbers up that are no counters.
      const isOrdered = /SummingMergeTree/.test(found.engine) && column.role !== 'sum'
      await client.ask(addStatement(this.name, column, isOrdered ? found.order : undefined), signal)
      host.count('columns_added')
      found = (await this.#find(signal)) as Found
    }
    const { types } = found
    this.#columns = wanted.map(column => chColumn(column, types.get(column.name) ?? column.stored))
    this.#key = MERGING.test(found.engine) ? key : []
    this.#from = schema.columns
  }

  /** Stores records; `token` tells the server which it has already. */
  async store(
    records: readonly PlacedRecord[],
    token: string,
    rejected: Rejected[],
    signal: AbortSignal,
  ): Promise<void> {
    const { client, options, can } = this.#session
    const columns = this.#columns
    const places = this.#key.map(name => columns.findIndex(column => column.name === name)).filter(place => place >= 0)
    const rows = mergedRows(tableRows(records, columns, rejected), columns, places, options.table.merge)
    const statement = insertStatement(this.name, columns)
    const attempt = async (some: readonly TableRow[]) => {
      // Parts of a batch, whose other records were refused, have tokens of their own.
      const part = some.length === rows.length ? '' : `-${some[0]?.from[0]}-${some.length}`
      const settings = can.hasTokens
        ? { insert_deduplicate: '1', insert_deduplication_token: `${token}${part}`, async_insert: '0' }
        : {}
      await client.ask(statement, signal, settings, bodyOf(some, columns))
    }
    await storeApart(rows, attempt, valueReason, rejected)
  }
}

const CHUNK_ROWS = 2000

function bodyOf(rows: readonly TableRow[], columns: readonly StoredColumn[]): Buffer {
  const arrays = columns.map(({ stored }) => stored.includes('Array('))
  const chunks: Buffer[] = []
  for (let from = 0; from < rows.length; from += CHUNK_ROWS) {
    let chunk = ''
    for (const { cells } of rows.slice(from, from + CHUNK_ROWS)) {
      for (let place = 0; place < cells.length; place++) {
        chunk += `${place > 0 ? '\t' : ''}${tabText(cells[place] ?? null, arrays[place] === true)}`
      }
      chunk += '\n'
    }
    chunks.push(Buffer.from(chunk))
  }
  return Buffer.concat(chunks)
}
