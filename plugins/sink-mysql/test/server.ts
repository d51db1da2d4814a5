// MariaDB of the tests as a server of the compliance suite, and what it has as records again.
import type { TestContext } from 'node:test'
import type { NetRecord } from '../../../src/contract/record.ts'
import { parsedRecord } from '../../../src/stream/json.ts'
import { startMariadb } from '../../../test/services/servers/mariadb.ts'
import { missingPrograms } from '../../../test/services/servers/programs.ts'
import { isSkipped, type Lifetime, type Server } from '../../../test/services/servers/server.ts'
import { serverControls } from '../../../test/support/server-controls.ts'
import type { ComplianceServer } from '../../../test/support/sink-compliance.ts'

export const skip = missingPrograms('mariadb-server', 'mariadbd', 'mariadb-install-db', 'mariadb')?.skipped ?? false

/** Started, with the words that name it and the environment that has its password. */
export interface Mariadb extends Server {
  readonly words: readonly string[]
  readonly env: NodeJS.ProcessEnv
}

export async function mariadb(context: Lifetime, options: { tls?: boolean } = {}): Promise<Mariadb> {
  const server = await startMariadb(context, options)
  if (isSkipped(server)) throw new Error(server.skipped)
  const { credentials, port } = server
  return Object.assign(server, {
    words: ['sink-mysql', `127.0.0.1:${port}/netally`, '--user', credentials?.user ?? ''],
    env: { NETALLY_MYSQL_PASSWORD: credentials?.password },
  })
}

const FORMS: { readonly [type: string]: (name: string) => string } = {
  datetime: name => `unix_timestamp(${name})`,
  longtext: name => `json_compact(${name})`,
  varbinary: name => `inet6_ntoa(${name})`,
}

/** Rows as records: absent values left out, times as Unix seconds, whole numbers exact. */
export async function readRows(server: Server, table: string): Promise<NetRecord[]> {
  const columns = await server.query(
    `select column_name, data_type from information_schema.columns where table_name = '${table}' and column_name <> 'row_key'`,
  )
  const pairs = columns.split('\n').filter(Boolean)
  if (pairs.length === 0) return []
  const members = pairs.map(pair => {
    const [name = '', type = ''] = pair.split('\t')
    return `'${name}', ${(FORMS[type] ?? String)(`\`${name}\``)}`
  })
  const text = await server.query(`select json_object(${members.join(', ')}) from \`${table}\``)
  return text
    .split('\n')
    .filter(Boolean)
    .map(line => {
      // The client doubles backslashes.
      const row = parsedRecord(line.replaceAll('\\\\', '\\')) as NetRecord
      return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null))
    })
}

export async function complianceMariadb(context: TestContext, ...more: readonly string[]): Promise<ComplianceServer> {
  const server = await mariadb(context)
  await server.stop()
  return {
    words: [...server.words, ...more],
    env: server.env,
    ...serverControls(server),
    read: () => readRows(server, 'acct'),
  }
}
