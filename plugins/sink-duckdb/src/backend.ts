// Batches to a DuckDB file: one transaction each, which also leaves the mark that it is stored.
import {
  type Backend,
  byTable,
  type DeliveryBatch,
  type Host,
  type PlacedRecord,
  type Rejected,
  storeApart,
  type TableRow,
} from 'netally'
import { Database } from './database.ts'
import type { DuckdbOptions } from './options.ts'
import { ParquetBackend } from './parquet.ts'
import { openProblem, valueReason } from './problems.ts'
import { marksStatement } from './statements.ts'
import { Table } from './table.ts'

const MARKS = 'netally_batches'

class DuckdbBackend implements Backend {
  readonly #options: DuckdbOptions
  readonly #host: Host
  #database: Database | undefined

  constructor(options: DuckdbOptions, host: Host) {
    this.#options = options
    this.#host = host
  }

  get #remembers(): boolean {
    return this.#options.table.rememberMs > 0
  }

  async open(): Promise<Database> {
    if (this.#database) return this.#database
    const { file } = this.#options
    try {
      this.#database = await Database.open(file)
    } catch (error) {
      throw openProblem(file, error)
    }
    if (this.#remembers) await this.#database.run(marksStatement(MARKS))
    return this.#database
  }

  /** Tries what every write needs. */
  async prepare(): Promise<void> {
    const database = await this.open()
    const { fixed } = this.#options.table.names
    try {
      if (fixed !== undefined) await new Table(fixed, this.#options).check(database)
    } finally {
      this.leave()
    }
  }

  /** Leaves the file to others until the next batch. */
  leave(): void {
    if (this.#options.isHeld) return
    this.#database?.close()
    this.#database = undefined
  }

  async write(batch: DeliveryBatch): Promise<Rejected[]> {
    const { names } = this.#options.table
    const groups = byTable(batch, names, this.#options.schema, this.#host)
    const database = await this.open()
    try {
      return (await this.#known(database, batch)) ?? (await this.#store(database, batch, groups))
    } finally {
      this.leave()
    }
  }

  async #known(database: Database, { id }: DeliveryBatch): Promise<Rejected[] | undefined> {
    if (!this.#remembers) return undefined
    const [mark] = await database.rows(`SELECT rejected FROM ${MARKS} WHERE id = $1`, [id])
    if (!mark) return undefined
    this.#host.count('batches_known')
    return JSON.parse(String(mark.rejected)) as Rejected[]
  }

  /** In one transaction; where a value is refused, it is looked for in transactions that are undone. */
  async #store(
    database: Database,
    batch: DeliveryBatch,
    groups: ReadonlyMap<string, readonly PlacedRecord[]>,
  ): Promise<Rejected[]> {
    const rejected: Rejected[] = []
    const ready: { table: Table; rows: readonly TableRow[] }[] = []
    const all = async (end: 'COMMIT' | 'ROLLBACK', work: () => Promise<void>) => {
      await database.run('BEGIN')
      try {
        await work()
        await database.run(end)
      } catch (error) {
        await database.run('ROLLBACK').catch(() => {})
        throw error
      }
    }
    await all('COMMIT', async () => {
      for (const [name, records] of groups) {
        const table = new Table(name, this.#options)
        await table.prepare(database, this.#host)
        ready.push({ table, rows: table.rows(records, rejected) })
      }
    })
    const final = () =>
      all('COMMIT', async () => {
        for (const { table, rows } of ready) await table.store(database, rows)
        await this.#mark(database, batch, rejected)
      })
    try {
      await final()
    } catch (error) {
      if (valueReason(error) === undefined) throw error
      for (const each of ready) each.rows = await this.#taken(each, rejected, database, all)
      await final()
    }
    return rejected
  }

  /** The rows that the database takes. */
  async #taken(
    { table, rows }: { table: Table; rows: readonly TableRow[] },
    rejected: Rejected[],
    database: Database,
    all: (end: 'ROLLBACK', work: () => Promise<void>) => Promise<void>,
  ): Promise<TableRow[]> {
    const taken: TableRow[] = []
    const attempt = async (some: readonly TableRow[]) => {
      await all('ROLLBACK', () => table.store(database, some))
      taken.push(...some)
    }
    await storeApart(rows, attempt, valueReason, rejected)
    return taken
  }

  async #mark(database: Database, { id, count }: DeliveryBatch, rejected: readonly Rejected[]): Promise<void> {
    if (!this.#remembers) return
    const values = [id, BigInt(count), JSON.stringify(rejected)]
    await database.run(`INSERT INTO ${MARKS} VALUES ($1, epoch_ms($4::BIGINT), $2, $3)`, [
      ...values,
      BigInt(Date.now()),
    ])
    const oldest = BigInt(Date.now() - this.#options.table.rememberMs)
    await database.run(`DELETE FROM ${MARKS} WHERE stored < epoch_ms($1::BIGINT)`, [oldest])
  }

  async close(): Promise<void> {
    this.#database?.close()
    this.#database = undefined
  }
}

export async function connectDuckdb(options: DuckdbOptions, host: Host): Promise<Backend> {
  if (options.parquet !== undefined) return ParquetBackend.open(options, options.parquet, host)
  const backend = new DuckdbBackend(options, host)
  await backend.prepare()
  return backend
}
