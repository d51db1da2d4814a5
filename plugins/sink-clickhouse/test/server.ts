// ClickHouse of the tests as a server of the compliance suite, and what it has as records again.
import type { TestContext } from 'node:test'
import type { NetRecord } from '../../../src/contract/record.ts'
import { parsedRecord } from '../../../src/stream/json.ts'
import { startClickhouse } from '../../../test/services/servers/clickhouse.ts'
import { missingPrograms } from '../../../test/services/servers/programs.ts'
import { isSkipped, type Lifetime, type Server } from '../../../test/services/servers/server.ts'
import { serverControls } from '../../../test/support/server-controls.ts'
import type { ComplianceServer } from '../../../test/support/sink-compliance.ts'

export const skip = missingPrograms('clickhouse-server', 'clickhouse-server')?.skipped ?? false

/** Started, with the words that name it and the environment that has its password. */
export interface Clickhouse extends Server {
  readonly words: readonly string[]
  readonly env: NodeJS.ProcessEnv
}

export async function clickhouse(context: Lifetime): Promise<Clickhouse> {
  const server = await startClickhouse(context)
  if (isSkipped(server)) throw new Error(server.skipped)
  return Object.assign(server, {
    words: ['sink-clickhouse', `127.0.0.1:${server.port}`],
    env: { NETALLY_CLICKHOUSE_PASSWORD: server.credentials?.password },
  })
}

/** JSONEachRow as records. Numbers of 64 bits come in quotes from an old server, without from a new one, and are exact. */
export const rowsOf = (text: string): NetRecord[] =>
  text
    .split('\n')
    .filter(Boolean)
    .map(line => parsedRecord(line.replaceAll(/:"(\d+)"(?=[,}])/g, ':$1')) as NetRecord)

/** Rows of a query as records. */
export const ask = async (server: Server, query: string): Promise<NetRecord[]> =>
  rowsOf(await server.query(`${query} FORMAT JSONEachRow`))

/** All rows of a table, bins as seconds, lists of numbers as numbers. */
export async function readRows(server: Server, table: string): Promise<NetRecord[]> {
  const there = await server.query(`SELECT count() FROM system.tables WHERE name = '${table}'`)
  if (there.trim() === '0') return []
  const rows = await ask(server, `SELECT *, toUInt32(stamp_inserted) AS bin FROM ${table}`)
  return rows.map(({ bin, as_path: path, ...row }) => ({
    ...row,
    ...(Array.isArray(path) ? { as_path: path.map(Number) } : {}),
    stamp_inserted: Number(bin),
  }))
}

export async function complianceClickhouse(
  context: TestContext,
  ...more: readonly string[]
): Promise<ComplianceServer> {
  const server = await clickhouse(context)
  await server.stop()
  return {
    words: [...server.words, ...more],
    env: server.env,
    ...serverControls(server),
    read: () => readRows(server, 'acct'),
  }
}
