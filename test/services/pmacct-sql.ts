// nfacctd's own SQL plugins and a sink of ours with --compat pmacct, into tables of one database: the same rows.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { ended, scratch, shell } from '../support/cli.ts'
import { freeUdpPort } from '../support/free-port.ts'
import { payloadsOf, says, send, startProgram, taken } from './programs.ts'
import type { Server } from './servers/server.ts'

const SETTLE_MS = 1500

export interface PmacctCase {
  readonly by: readonly string[]
  /** Of pmacct's table, from its sql/README. */
  readonly columns: readonly string[]
  readonly history?: string
}

export interface PmacctDatabase {
  /** pgsql or mysql */
  readonly plugin: string
  readonly database: string
  readonly server: Server
  /** The sink, and the environment that has its password. */
  readonly words: readonly string[]
  readonly env: NodeJS.ProcessEnv
  readonly counters: readonly string[]
  /** The address of an exporter as the capture has it: 192.0.2.n sends from 127.0.0.(10 + n). */
  readonly exporter: string
}

function configuration(port: number, to: PmacctDatabase, cases: readonly PmacctCase[], wholeSeconds: boolean): string {
  const { plugin, database, server } = to
  const plugins = cases.map(({ by, history }, index) => ({
    [`aggregate[p${index}]`]: [...by, 'flows'].join(', '),
    [`sql_table[p${index}]`]: `theirs_${index}`,
    ...(history ? { [`sql_history[p${index}]`]: history, [`sql_history_roundoff[p${index}]`]: 'h' } : {}),
  }))
  const lines = {
    daemonize: 'false',
    nfacctd_ip: '127.0.0.1',
    nfacctd_port: port,
    nfacctd_as: 'netflow',
    nfacctd_net: 'netflow',
    plugins: plugins.map((_, index) => `${plugin}[p${index}]`).join(', '),
    sql_host: '127.0.0.1',
    sql_port: server.port,
    sql_db: database,
    sql_user: server.credentials?.user,
    sql_passwd: server.credentials?.password,
    sql_optimize_clauses: 'true',
    // From version 8 on, columns have the names of our keys.
    sql_table_version: 9,
    sql_refresh_time: 3600,
    timestamps_utc: 'true',
    timestamps_secs: wholeSeconds,
    plugin_pipe_size: 32_000_000,
    ...Object.assign({}, ...plugins),
  }
  return Object.entries(lines)
    .map(([name, value]) => `${name}: ${String(value)}\n`)
    .join('')
}

/** What nfacctd says while it writes the capture into its tables. */
async function nfacctd(context: TestContext, capture: string, configured: (port: number) => string): Promise<string> {
  const folder = scratch(context)
  const port = await freeUdpPort()
  const file = join(folder, 'nfacctd.conf')
  writeFileSync(file, configured(port))
  const child = startProgram(context, ['nfacctd', '-f', file], folder)
  const ending = ended(child)
  await says(child, 'waiting for NetFlow/IPFIX data')
  await send(payloadsOf(capture), port)
  assert.equal(await taken(port), 0, 'the kernel dropped datagrams of nfacctd')
  await pause(SETTLE_MS)
  child.kill('SIGINT')
  const { stdout, stderr } = await ending
  return stdout + stderr
}

/** Both write the capture; then neither table has a row that the other has not. */
export async function comparePmacct(
  context: TestContext,
  to: PmacctDatabase,
  capture: string,
  cases: { readonly [title: string]: PmacctCase },
  wholeSeconds: boolean,
): Promise<void> {
  const { server, words, env, counters, exporter } = to
  const list = Object.values(cases)
  for (const [index, { columns }] of list.entries()) {
    await server.query(`create table theirs_${index} (${[...columns, ...counters].join(', ')})`)
  }
  const said = await nfacctd(context, capture, port => configuration(port, to, list, wholeSeconds))
  for (const [index, [title, { by, history, columns }]] of Object.entries(cases).entries()) {
    await context.test(title, async () => {
      const sums = `netally aggregate --by ${[...by, 'flows'].join(',')}${history ? ` --bin ${history}` : ''}`
      const sink = `netally ${words.join(' ')} --compat pmacct --table ours_${index}`
      const source = `netally flow-recv --pcap ${capture}${wholeSeconds ? ' --timestamps-secs' : ''}`
      const made = await shell(`${source} | ${sums} | ${sink}`, '', { env: { ...process.env, ...env } })
      assert.equal(made.status, 0, made.stderr)
      // When a row was written last is the clock's.
      const names = [...columns, ...counters].map(column => column.split(' ', 1)[0] as string)
      const compared = names.filter(name => name !== 'stamp_updated')
      const mine = `select ${compared.join(', ')} from ours_${index}`
      const other = `select ${compared.map(name => (name === 'peer_ip_src' ? exporter : name)).join(', ')} from theirs_${index}`
      const count = (await server.query(`select count(*) from theirs_${index}`)).trim()
      assert.ok(Number(count) > 1, `nfacctd wrote ${count} rows: ${said}`)
      assert.equal(await server.query(`(${mine}) except all (${other}) limit 5`), '', 'what nfacctd has not')
      assert.equal(await server.query(`(${other}) except all (${mine}) limit 5`), '', 'what netally has not')
    })
  }
}
