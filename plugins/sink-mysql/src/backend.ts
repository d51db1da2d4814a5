// Batches to MySQL: one transaction each, which also leaves the mark that it is stored.
import mysql, { type Connection, type RowDataPacket } from 'mysql2/promise'
import { type Backend, byTable, type DeliveryBatch, type Host, type PlacedRecord, type Rejected } from 'netally'
import type { MysqlOptions } from './options.ts'
import { connectProblem, isDuplicate } from './problems.ts'
import { marksStatement } from './statements.ts'
import { type Session, Table } from './table.ts'

const CONNECT_MS = 10_000
/** Longer statements gain nothing. */
const STATEMENT_OCTETS = 2 ** 21
const TABLES = 256
const FORGET_EVERY_MS = 3_600_000
const MARKS = 'netally_batches'

class MysqlBackend implements Backend {
  readonly #session: Session
  readonly #tables = new Map<string, Table>()
  #forgottenMs = 0

  constructor(session: Session) {
    this.#session = session
  }

  get #remembers(): boolean {
    return this.#session.options.table.rememberMs > 0
  }

  /** Tries what every write needs. */
  async prepare(): Promise<void> {
    const { connection, options } = this.#session
    if (this.#remembers) await connection.query(marksStatement(MARKS))
    const { fixed } = options.table.names
    if (fixed !== undefined) await new Table(this.#session, fixed).check()
  }

  async write(batch: DeliveryBatch): Promise<Rejected[]> {
    const { connection, options, host } = this.#session
    const groups = byTable(batch, options.table.names, options.schema, host)
    const tables = await this.#prepared([...groups.keys()])
    await this.#forget()
    await connection.query('START TRANSACTION')
    const known = await this.#mark(batch)
    if (known) {
      await connection.query('ROLLBACK')
      host.count('batches_known')
      return known
    }
    const rejected: Rejected[] = []
    for (const table of tables) await table.store(groups.get(table.name) as PlacedRecord[], rejected)
    if (rejected.length > 0 && this.#remembers) {
      await connection.query(`UPDATE ${MARKS} SET rejected = ? WHERE id = ?`, [JSON.stringify(rejected), batch.id])
    }
    await connection.query('COMMIT')
    return rejected
  }

  /** Tables of a batch, always in the same order: two sinks must not wait for each other. */
  async #prepared(names: readonly string[]): Promise<Table[]> {
    if (this.#tables.size > TABLES) this.#tables.clear()
    const tables: Table[] = []
    for (const name of names.toSorted()) {
      const table = this.#tables.get(name) ?? new Table(this.#session, name)
      this.#tables.set(name, table)
      await table.prepare()
      tables.push(table)
    }
    return tables
  }

  /** Leaves the mark of a batch; if it is there already, what was refused of the batch. Waits for an attempt that still runs. */
  async #mark({ id, count }: DeliveryBatch): Promise<Rejected[] | undefined> {
    if (!this.#remembers) return undefined
    const { connection } = this.#session
    try {
      await connection.query(`INSERT INTO ${MARKS} (id, stored, records) VALUES (?, UTC_TIMESTAMP(6), ?)`, [id, count])
      return undefined
    } catch (error) {
      if (!isDuplicate(error)) throw error
    }
    const [rows] = await connection.query<RowDataPacket[]>(`SELECT rejected FROM ${MARKS} WHERE id = ?`, [id])
    const rejected: unknown = rows[0]?.rejected
    return typeof rejected === 'string' ? (JSON.parse(rejected) as Rejected[]) : []
  }

  /** Marks of batches that will not come again. */
  async #forget(): Promise<void> {
    const nowMs = performance.now()
    if (!this.#remembers || (this.#forgottenMs > 0 && nowMs - this.#forgottenMs < FORGET_EVERY_MS)) return
    this.#forgottenMs = nowMs
    const { connection, options } = this.#session
    const remove = `DELETE FROM ${MARKS} WHERE stored < UTC_TIMESTAMP(6) - INTERVAL ? MICROSECOND`
    await connection.query(remove, [options.table.rememberMs * 1000])
  }

  /** The server rolls back what was under way. */
  async close(): Promise<void> {
    this.#session.connection.destroy()
  }
}

/** Backslashes escape, what does not fit is refused, times are UTC, whatever the server's own settings are. */
const SETTINGS =
  "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', SESSION time_zone = '+00:00', SESSION autocommit = 1"

export async function connectMysql(options: MysqlOptions, host: Host): Promise<Backend> {
  const { host: address, port, socket, database, user, password, tls } = options
  let connection: Connection | undefined
  try {
    connection = await mysql.createConnection({
      ...(socket === undefined ? { host: address, port } : { socketPath: socket }),
      database,
      ...(user === undefined ? {} : { user }),
      ...(password === undefined ? {} : { password }),
      ...(tls ? { ssl: { ...tls, verifyIdentity: tls.rejectUnauthorized } } : {}),
      charset: 'utf8mb4',
      connectTimeout: CONNECT_MS,
      enableKeepAlive: true,
    })
    // Errors come with the queries that failed; without a listener they would end the process.
    connection.on('error', () => {})
    await connection.query(SETTINGS)
    const [rows] = await connection.query<RowDataPacket[]>('SELECT @@max_allowed_packet AS octets')
    const statementOctets = Math.min(STATEMENT_OCTETS, Math.floor(Number(rows[0]?.octets) / 2))
    const backend = new MysqlBackend({ connection, options, host, statementOctets })
    await backend.prepare()
    return backend
  } catch (error) {
    connection?.destroy()
    throw connectProblem(error)
  }
}
