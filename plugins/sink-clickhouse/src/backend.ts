// Batches to ClickHouse: one insert for each table, with the batch's id as token where the server takes tokens.
import { type Backend, byTable, type DeliveryBatch, type Host, type PlacedRecord, type Rejected } from 'netally'
import { Client } from './http.ts'
import type { ClickhouseOptions } from './options.ts'
import { connectProblem } from './problems.ts'
import { abilitiesOf } from './server.ts'
import { type Session, Table } from './table.ts'

const TABLES = 256

class ClickhouseBackend implements Backend {
  readonly #session: Session
  readonly #tables = new Map<string, Table>()

  constructor(session: Session) {
    this.#session = session
  }

  async write(batch: DeliveryBatch, signal: AbortSignal): Promise<Rejected[]> {
    const { options, host } = this.#session
    const groups = byTable(batch, options.table.names, options.schema, host)
    if (this.#tables.size > TABLES) this.#tables.clear()
    const rejected: Rejected[] = []
    for (const [name, records] of groups) {
      const table = this.#tables.get(name) ?? new Table(this.#session, name)
      this.#tables.set(name, table)
      await table.prepare(signal)
      await table.store(records as PlacedRecord[], batch.id, rejected, signal)
    }
    return rejected
  }

  async close(): Promise<void> {
    this.#session.client.close()
  }
}

export async function connectClickhouse(options: ClickhouseOptions, host: Host, signal: AbortSignal): Promise<Backend> {
  const client = new Client(options)
  try {
    const [row] = await client.rows('SELECT version()', signal)
    return new ClickhouseBackend({ client, options, host, can: abilitiesOf(row?.[0] ?? '') })
  } catch (error) {
    client.close()
    throw connectProblem(error)
  }
}
