// TimescaleDB, where the database has it: new tables with a bin are hypertables.
import type { PgColumn } from './column.ts'
import type { Session } from './table.ts'

const BIN = 'stamp_inserted'

/** `table`: quoted, with its schema. What TimescaleDB refuses stays a plain table, and that is told. */
export async function makeHypertable({ client, host }: Session, table: string, columns: readonly PgColumn[]) {
  if (!columns.some(({ name }) => name === BIN)) return
  const { rowCount } = await client.query("SELECT 1 FROM pg_extension WHERE extname = 'timescaledb'")
  if (rowCount === 0) return
  try {
    await client.query('SELECT create_hypertable($1::regclass, $2::name, if_not_exists => true)', [table, BIN])
    host.count('hypertables_made')
  } catch (error) {
    host.report({
      code: 'postgres/no-hypertable',
      message: `${table} stays a plain table: ${error instanceof Error ? error.message : String(error)}`,
      hint: 'a hypertable needs stamp_inserted in its key, and no key of lists',
    })
  }
}
