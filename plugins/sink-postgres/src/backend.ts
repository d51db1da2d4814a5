// Batches to PostgreSQL: one transaction each, which also leaves the mark that it is stored.
import { type Backend, byTable, type DeliveryBatch, type Host, type PlacedRecord, type Rejected } from 'netally'
import pg, { type Client } from 'pg'
import { quoted } from './column.ts'
import type { PostgresOptions } from './options.ts'
import { connectProblem } from './problems.ts'
import { marksStatement } from './statements.ts'
import { type Session, Table } from './table.ts'

const CONNECT_MS = 10_000
const CLOSE_MS = 1000
/** Tables with a staging table at a time; with time in the name, old ones are let go. */
const TABLES = 64
const FORGET_EVERY_MS = 3_600_000
const MARKS = 'netally_batches'

class PostgresBackend implements Backend {
  readonly #session: Session
  readonly #marks: string
  readonly #tables = new Map<string, Table>()
  #forgottenMs = 0

  constructor(session: Session) {
    this.#session = session
    this.#marks = `${quoted(session.options.schemaName)}.${quoted(MARKS)}`
  }

  get #remembers(): boolean {
    return this.#session.options.table.rememberMs > 0
  }

  /** Tries what every write needs. */
  async prepare(): Promise<void> {
    const { client, options } = this.#session
    if (this.#remembers) await client.query(marksStatement(this.#marks))
    const { fixed } = options.table.names
    if (fixed !== undefined) await new Table(this.#session, fixed).check()
  }

  async write(batch: DeliveryBatch): Promise<Rejected[]> {
    const { client, options, host } = this.#session
    const groups = byTable(batch, options.table.names, options.schema, host)
    const tables = await this.#prepared([...groups.keys()])
    await this.#forget()
    await client.query('BEGIN')
    const known = await this.#mark(batch)
    if (known) {
      await client.query('ROLLBACK')
      host.count('batches_known')
      return known
    }
    const rejected: Rejected[] = []
    for (const table of tables) {
      const records = groups.get(table.shortName) as PlacedRecord[]
      await table.store(table.rows(records, rejected), rejected)
    }
    if (rejected.length > 0 && this.#remembers) {
      const set = `UPDATE ${this.#marks} SET rejected = $2 WHERE id = $1`
      await client.query(set, [batch.id, JSON.stringify(rejected)])
    }
    await client.query('COMMIT')
    return rejected
  }

  /** Tables of a batch, always in the same order: two sinks must not wait for each other. */
  async #prepared(names: readonly string[]): Promise<Table[]> {
    const tables: Table[] = []
    for (const name of names.toSorted()) {
      const table = this.#tables.get(name) ?? new Table(this.#session, name)
      this.#tables.delete(name)
      this.#tables.set(name, table)
      await table.prepare()
      await table.stage()
      tables.push(table)
    }
    for (const [name, table] of this.#tables) {
      if (this.#tables.size <= Math.max(TABLES, names.length)) break
      this.#tables.delete(name)
      await table.dropStaging()
    }
    return tables
  }

  /** Leaves the mark of a batch; if it is there already, what was refused of the batch. Waits for an attempt that still runs. */
  async #mark({ id, count }: DeliveryBatch): Promise<Rejected[] | undefined> {
    if (!this.#remembers) return undefined
    const { client } = this.#session
    const insert = `INSERT INTO ${this.#marks} (id, records) VALUES ($1, $2) ON CONFLICT DO NOTHING`
    const { rowCount } = await client.query(insert, [id, count])
    if (rowCount === 1) return undefined
    const { rows } = await client.query(`SELECT rejected FROM ${this.#marks} WHERE id = $1`, [id])
    return (rows[0]?.rejected as Rejected[] | null | undefined) ?? []
  }

  /** Marks of batches that will not come again. */
  async #forget(): Promise<void> {
    const nowMs = performance.now()
    if (!this.#remembers || (this.#forgottenMs > 0 && nowMs - this.#forgottenMs < FORGET_EVERY_MS)) return
    this.#forgottenMs = nowMs
    const { client, options } = this.#session
    const remove = `DELETE FROM ${this.#marks} WHERE stored < now() - $1 * interval '1 millisecond'`
    await client.query(remove, [options.table.rememberMs])
  }

  close(): Promise<void> {
    return end(this.#session.client)
  }
}

/** A server that does not answer is not waited for. */
async function end(client: Client): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>(resolve => {
    timer = setTimeout(() => {
      ;(client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream.destroy()
      resolve()
    }, CLOSE_MS)
  })
  await Promise.race([client.end().catch(() => {}), late])
  clearTimeout(timer)
}

export async function connectPostgres(options: PostgresOptions, host: Host): Promise<Backend> {
  const { host: address, port, database, user, password, tls } = options
  const client = new pg.Client({
    host: address,
    port,
    database,
    ...(user === undefined ? {} : { user }),
    ...(password === undefined ? {} : { password }),
    ...(tls ? { ssl: tls } : {}),
    connectionTimeoutMillis: CONNECT_MS,
    keepAlive: true,
    application_name: 'netally',
  })
  // Errors come with the queries that failed; without a listener they would end the process.
  client.on('error', () => {})
  try {
    await client.connect()
    await client.query("SET TIME ZONE 'UTC'")
    const { rows } = await client.query<{ server_version_num: string }>('SHOW server_version_num')
    const backend = new PostgresBackend({ client, options, host, version: Number(rows[0]?.server_version_num) })
    await backend.prepare()
    return backend
  } catch (error) {
    await end(client)
    throw connectProblem(error)
  }
}
