// Batches as Parquet files: one file of each folder of time, named by the batch, so that a batch that comes again takes its own place.
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type Backend,
  byTable,
  type DeliveryBatch,
  type Host,
  mergedRows,
  PermanentError,
  type PlacedRecord,
  type Rejected,
  type TableNames,
  tableRows,
} from 'netally'
import { duckColumn, quoted, quotedText } from './column.ts'
import { Database } from './database.ts'
import type { DuckdbOptions } from './options.ts'
import { partitionNames } from './partition.ts'
import { STAGING } from './statements.ts'

/** Written under this name, which readers of *.parquet do not see. */
const UNFINISHED = '.part'

export class ParquetBackend implements Backend {
  readonly #options: DuckdbOptions
  readonly #folder: string
  readonly #host: Host
  readonly #names: TableNames
  readonly #database: Database

  private constructor(options: DuckdbOptions, folder: string, host: Host, database: Database) {
    this.#options = options
    this.#folder = folder
    this.#host = host
    this.#names = partitionNames(options.partition, options.localTime)
    this.#database = database
  }

  static async open(options: DuckdbOptions, folder: string, host: Host): Promise<ParquetBackend> {
    try {
      await mkdir(folder, { recursive: true })
    } catch (error) {
      throw new PermanentError({
        code: 'duckdb/no-folder',
        message: `${folder} cannot be made: ${error instanceof Error ? error.message : String(error)}`,
        hint: 'check the path and its permissions',
      })
    }
    return new ParquetBackend(options, folder, host, await Database.open(':memory:'))
  }

  async write(batch: DeliveryBatch): Promise<Rejected[]> {
    const groups = byTable(batch, this.#names, this.#options.schema, this.#host)
    const rejected: Rejected[] = []
    for (const [folder, records] of groups) await this.#file(folder, records, batch.id, rejected)
    return rejected
  }

  async #file(name: string, records: readonly PlacedRecord[], id: string, rejected: Rejected[]): Promise<void> {
    const { schema, table, compression } = this.#options
    const columns = schema.columns.map(column => duckColumn(column, table.types))
    const places = (schema.key ?? []).map(key => columns.findIndex(column => column.name === key))
    const rows = mergedRows(tableRows(records, columns, rejected), columns, places, table.merge)
    if (rows.length === 0) return
    await this.#database.stage(columns, rows)
    const folder = join(this.#folder, name)
    await mkdir(folder, { recursive: true })
    const path = join(folder, `${id}.parquet`)
    const list = columns.map(({ name, stored }) => `CAST(${quoted(name)} AS ${stored}) AS ${quoted(name)}`).join(', ')
    const how = `FORMAT parquet, COMPRESSION ${compression}`
    const unfinished = `${path}${UNFINISHED}`
    try {
      await this.#database.run(`COPY (SELECT ${list} FROM ${STAGING}) TO ${quotedText(unfinished)} (${how})`)
      await onDisk(unfinished)
      await rename(unfinished, path)
      await onDisk(folder)
    } finally {
      await rm(unfinished, { force: true })
    }
    this.#host.count('files')
  }

  async close(): Promise<void> {
    this.#database.close()
  }
}

/** A power cut does not take it away any more. */
async function onDisk(path: string): Promise<void> {
  const file = await open(path, 'r')
  try {
    await file.sync()
  } finally {
    await file.close()
  }
}
