// PostgreSQL of the tests as a server of the compliance suite, and what it has as records again.
import type { TestContext } from 'node:test'
import type { NetRecord } from '../../../src/contract/record.ts'
import { parsedRecord } from '../../../src/stream/json.ts'
import { startPostgres } from '../../../test/services/servers/postgres.ts'
import { isSkipped, type Lifetime, type Server } from '../../../test/services/servers/server.ts'
import { serverControls } from '../../../test/support/server-controls.ts'
import type { ComplianceServer } from '../../../test/support/sink-compliance.ts'

/** Started, with the words that name it and the environment that has its password. */
export interface Postgres extends Server {
  readonly words: readonly string[]
  readonly env: NodeJS.ProcessEnv
}

export async function postgres(context: Lifetime, options: { tls?: boolean } = {}): Promise<Postgres> {
  const server = await startPostgres(context, options)
  if (isSkipped(server)) throw new Error(server.skipped)
  const { credentials, port } = server
  return Object.assign(server, {
    words: ['sink-postgres', `127.0.0.1:${port}/postgres`, '--user', credentials?.user ?? ''],
    env: { NETALLY_POSTGRES_PASSWORD: credentials?.password },
  })
}

/** Rows as records: absent values left out, times as Unix seconds, lists of numbers as numbers, whole numbers exact. */
export async function readRows(server: Server, table: string, times: readonly string[] = ['stamp_inserted']) {
  const epochs = times.map(name => `'${name}', extract(epoch from t.${name})`).join(', ')
  const sql = `select jsonb_strip_nulls(to_jsonb(t) - 'row_key' || jsonb_build_object(${epochs})) from "${table}" t`
  const text = await server.query(sql)
  return text
    .split('\n')
    .filter(Boolean)
    .map(line => asRecord(parsedRecord(line) as NetRecord))
}

function asRecord(row: NetRecord): NetRecord {
  const { as_path: path, ...rest } = row
  // Lists are arrays of texts.
  return Array.isArray(path) ? { ...rest, as_path: path.map(Number) } : rest
}

export async function compliancePostgres(context: TestContext, ...more: readonly string[]): Promise<ComplianceServer> {
  const server = await postgres(context)
  await server.stop()
  return {
    words: [...server.words, ...more],
    env: server.env,
    ...serverControls(server),
    async read() {
      const there = await server.query("select to_regclass('acct')")
      return there.trim() === '' ? [] : readRows(server, 'acct')
    },
  }
}
