// One table of the database: made or found, with columns added as fields come; and the way of rows into it.

import type { Connection } from 'mysql2/promise'
import {
  type Cell,
  fieldOf,
  type Host,
  keyColumns,
  mergedRows,
  type PlacedRecord,
  type Rejected,
  rowKey,
  storeApart,
  type TableColumn,
  type TableRow,
  tableColumn,
  tableRows,
} from 'netally'
import { type FoundColumn, type FoundTable, findTable } from './catalog.ts'
import { literal, type MyColumn, myColumn, typeOf } from './column.ts'
import type { MysqlOptions } from './options.ts'
import { compatColumns } from './pmacct.ts'
import { noKey, otherKey, valueReason } from './problems.ts'
import * as statements from './statements.ts'

export interface Session {
  readonly connection: Connection
  readonly options: MysqlOptions
  readonly host: Host
  /** Octets of one statement. */
  readonly statementOctets: number
}

const BIN = 'stamp_inserted'
const sameNames = (some: readonly string[], others: readonly string[]): boolean =>
  some.length === others.length && some.every(name => others.includes(name))

export class Table {
  readonly name: string
  readonly #session: Session
  #columns: readonly MyColumn[] = []
  /** Fields that the columns are of. */
  #from: readonly TableColumn[] = []
  #key: readonly string[] = []
  #isHashed = false

  constructor(session: Session, name: string) {
    this.#session = session
    this.name = name
  }

  /** Checks the key of a table that is there already. */
  async check(): Promise<void> {
    const found = await findTable(this.#session.connection, this.name)
    if (found) this.#adopt(found)
  }

  /** Makes the table, or adds what it lacks; outside of transactions, which such statements end. */
  async prepare(): Promise<void> {
    const { options, connection, host } = this.#session
    if (this.#from === options.schema.columns) return
    const wanted = options.schema.columns.flatMap(column => this.#wanted(column))
    let found = await findTable(connection, this.name)
    if (!found) found = await this.#create(wanted)
    for (const column of wanted) {
      if (found.columns.some(({ name }) => isSame(name, column.name))) continue
      await connection.query(statements.addColumn(this.name, column))
      host.count('columns_added')
    }
    const now = (await findTable(connection, this.name)) as FoundTable
    this.#adopt(now)
    this.#columns = [...wanted.map(column => asFound(column, now)), ...this.#required(wanted, now)]
    this.#from = options.schema.columns
  }

  #wanted(column: TableColumn): MyColumn[] {
    const { isCompat, localTime, table, addresses } = this.#session.options
    if (isCompat && !table.types.has(column.field.name)) return compatColumns(column, localTime)
    return [myColumn(column, typeOf(column, table.types, addresses))]
  }

  async #create(wanted: readonly MyColumn[]): Promise<FoundTable> {
    const { connection, options, host } = this.#session
    const { isCompat, table, schema } = options
    const key = keyColumns(wanted, schema.key ?? [], { isCompat, isChosen: table.key !== undefined })
    const names = key.map(({ name }) => name)
    await connection.query(statements.createStatement(this.name, wanted, names))
    host.count('tables_made')
    return (await findTable(connection, this.name)) as FoundTable
  }

  /** Columns of others that must have a value: without one, zeros. */
  #required(wanted: readonly MyColumn[], { columns }: FoundTable): MyColumn[] {
    const { isCompat, localTime } = this.#session.options
    const others = columns.filter(
      ({ name, isRequired }) =>
        isRequired && name !== statements.ROW_KEY && !wanted.some(column => isSame(name, column.name)),
    )
    return others.map(({ name, type, absent = '' }) => {
      const known = tableColumn(fieldOf(name))
      const column = known ?? { field: fieldOf(name), name, type: 'any', role: 'key' }
      const theirs = known && isCompat ? compatColumns(known, localTime)[0]?.absent : undefined
      return { ...myColumn({ ...column, name }, type), absent: theirs ?? absent }
    })
  }

  /** The key that rows are merged by; throws when there is none such. */
  #adopt({ keys, columns }: FoundTable): void {
    const { table, schema } = this.#session.options
    if (table.key?.length === 0) return
    const wanted = table.key ? schema.key : undefined
    const same = (found: readonly string[]) => wanted === undefined || sameNames(found, wanted)
    const hash = columns.find(({ name }) => name === statements.ROW_KEY)
    const hashed = hash ? keyOfHash(hash) : undefined
    const chosen = hashed ?? keys.find(same)
    if (!chosen && keys.length === 0) throw noKey(this.name)
    if (!chosen || !same(chosen)) throw otherKey(this.name, chosen ?? (keys[0] as readonly string[]), wanted ?? [])
    this.#key = chosen
    this.#isHashed = hashed !== undefined
  }

  get #keyPlaces(): number[] {
    return this.#key
      .map(name => this.#columns.findIndex(column => isSame(column.name, name)))
      .filter(place => place >= 0)
  }

  /** Stores records within the transaction that is open: a statement that fails leaves nothing. */
  async store(records: readonly PlacedRecord[], rejected: Rejected[]): Promise<void> {
    const { merge } = this.#session.options.table
    const rows = tableRows(records, this.#columns, rejected)
    const merged = mergedRows(rows, this.#columns, this.#keyPlaces, merge)
    const [before, after] = statements.insertParts({
      table: this.name,
      columns: this.#columns,
      key: this.#key,
      isHashed: this.#isHashed,
      merge,
    })
    for (const { part, rows } of this.#parts(merged)) {
      const texts = new Map(rows.map((row, index) => [row, part[index] as string]))
      const attempt = async (some: readonly TableRow[]) => {
        await this.#session.connection.query(before + some.map(row => texts.get(row)).join(',') + after)
      }
      await storeApart(rows, attempt, valueReason, rejected)
    }
  }

  /** Rows as text, as many as one statement takes. */
  *#parts(rows: readonly TableRow[]): Iterable<{ part: string[]; rows: TableRow[] }> {
    const text = this.#rowText()
    let [part, taken, octets]: [string[], TableRow[], number] = [[], [], 0]
    for (const row of rows) {
      const made = text(row)
      // A letter is up to four octets.
      if (octets + 4 * made.length > this.#session.statementOctets && part.length > 0) {
        yield { part, rows: taken }
        ;[part, taken, octets] = [[], [], 0]
      }
      part.push(made)
      taken.push(row)
      octets += made.length
    }
    if (part.length > 0) yield { part, rows: taken }
  }

  #rowText(): (row: TableRow) => string {
    const columns = this.#columns
    const hash = this.#isHashed ? rowKey(columns, this.#keyPlaces) : undefined
    const bin = columns.findIndex(({ name }) => name === BIN)
    return row => {
      let text = '('
      for (let place = 0; place < columns.length; place++) {
        text += `${place > 0 ? ',' : ''}${literal(columns[place] as MyColumn, row.cells[place] as Cell | null)}`
      }
      return hash ? `${text},0x${binOctets(row.cells[bin])}${hash(row)})` : `${text})`
    }
  }
}

/** Seconds of the bin's text, 8 hex digits; zeros where there is none. */
function binOctets(cell: Cell | null | undefined): string {
  const seconds =
    typeof cell === 'string' ? Math.floor(Date.parse(`${cell.slice(0, 19).replace(' ', 'T')}Z`) / 1000) : 0
  return (seconds >>> 0).toString(16).padStart(8, '0')
}

/** Names of columns are the same without regard to case. */
const isSame = (some: string, other: string): boolean => some.toLowerCase() === other.toLowerCase()

function keyOfHash({ comment }: FoundColumn): string[] | undefined {
  if (!comment.startsWith(statements.ROW_KEY_COMMENT)) return undefined
  return comment.slice(statements.ROW_KEY_COMMENT.length).split(',')
}

/** A column as the table has it, which may have been made by others, with other types and without absent values. */
function asFound(wanted: MyColumn, { columns }: FoundTable): MyColumn {
  const found = columns.find(({ name }) => isSame(name, wanted.name))
  if (!found) return wanted
  const { stored, form, isPacked } = myColumn(wanted, found.type)
  const absent = found.absent ?? null
  // Of pmacct's own columns the forms are right whatever their width.
  const isCompat = wanted.constraint !== '' || /_residual$/.test(wanted.name)
  if (isCompat) return { ...wanted, stored, isPacked, absent: wanted.absent }
  return wanted.type === 'list' || wanted.type === 'any'
    ? { ...wanted, absent }
    : { ...wanted, stored, form, isPacked, absent }
}
