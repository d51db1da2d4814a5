// Sinks of tables: 100,000 rows of an aggregate into an empty table, and the same rows again, which are merged; beside a naive
// loop of the same client, and pmacct's own plugins on as many 5-tuples.
//   npm run build && node bench/sinks/sql.ts [ROWS] [postgres,mysql,clickhouse,duckdb]
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { payloadsOf, says, send, startProgram, taken, without } from '../../test/services/programs.ts'
import { startClickhouse } from '../../test/services/servers/clickhouse.ts'
import { startMariadb } from '../../test/services/servers/mariadb.ts'
import { startPostgres } from '../../test/services/servers/postgres.ts'
import { isSkipped, type Server } from '../../test/services/servers/server.ts'
import { FLOWS_PER_DATAGRAM, writeBigCapture } from '../../test/support/big-capture.ts'
import { ended } from '../../test/support/cli.ts'
import { freeUdpPort } from '../../test/support/free-port.ts'
import { start } from '../measure.ts'

const ROWS = Number(process.argv[2] ?? 100_000)
const WHICH = (process.argv[3] ?? 'postgres,mysql,clickhouse,duckdb').split(',')
/** Statements of DuckDB's client that bind values hold memory: 100,000 took six gigabytes. */
const NAIVE_DUCKDB_ROWS = 5000
const HERE = import.meta.dirname
const RUN = join(HERE, '..', '..', 'bin', 'run.js')
const folder = mkdtempSync(join(tmpdir(), 'netally-bench-sinks-'))
const input = join(folder, 'rows.ndjson')
const ends: (() => void | Promise<void>)[] = [() => rmSync(folder, { recursive: true, force: true })]
const lifetime = { after: (end: () => void | Promise<void>) => void ends.push(end) }

function writeRows(): void {
  const row = (n: number) =>
    JSON.stringify({
      ip_src: `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`,
      ip_dst: n % 4 ? `198.51.100.${n % 250}` : `2001:db8::${(n % 65_000).toString(16)}`,
      port_src: 1024 + (n % 60_000),
      port_dst: 443,
      ip_proto: n % 3 ? 'tcp' : 'udp',
      as_src: 64_500 + (n % 100),
      as_dst: 65_000 + (n % 90),
      packets: 1 + (n % 9),
      bytes: 40 + (n % 1460),
      flows: 1,
      stamp_inserted: 1_764_000_000,
    })
  writeFileSync(input, Array.from({ length: ROWS }, (_, n) => `${row(n)}\n`).join(''))
}

const print = (...cells: readonly (string | number)[]) => process.stdout.write(`| ${cells.join(' | ')} |\n`)

async function measured(
  what: string,
  line: string,
  env: Record<string, string>,
  ask?: () => Promise<string>,
  rows = ROWS,
) {
  const { cpuSeconds, wallSeconds, exitCode } = await start(`head -n ${rows} ${input} | ${line}`, env).done
  const rate = Math.round(rows / wallSeconds)
  const check = ask ? (await ask()).trim() : ''
  print(what, exitCode === 0 ? cpuSeconds.toFixed(2) : 'failed', wallSeconds.toFixed(2), rate, check)
}

interface Target {
  readonly name: string
  readonly place: string
  readonly password: string
  readonly sink: string
  readonly env: Record<string, string>
  readonly query?: (sql: string) => Promise<string>
}

async function both({ name, place, password, sink, env, query }: Target): Promise<void> {
  const rows = (table: string) => (query ? () => query(`select count(*), sum(bytes) from ${table}`) : undefined)
  const ours = `${process.execPath} ${RUN} ${sink}`
  const naive = `${process.execPath} ${join(HERE, 'naive-sql.ts')} ${name} ${place} ${password}`
  await measured(`${name}: sink, new rows`, ours, env, rows('acct'))
  await measured(`${name}: sink, the same again`, ours, env, rows('acct'))
  await measured(`${name}: sink --key none`, `${ours} --key none --table plain`, env, rows('plain'))
  const some = name === 'duckdb' ? Math.min(ROWS, NAIVE_DUCKDB_ROWS) : ROWS
  const words = some === ROWS ? 'naive' : `naive, ${some} rows`
  await measured(`${name}: ${words}, new rows`, naive, env, rows('naive'), some)
  await measured(`${name}: ${words}, the same again`, naive, env, rows('naive'), some)
}

const FIVE = ['src_host', 'dst_host', 'src_port', 'dst_port', 'proto']
const TABLES: { readonly [plugin: string]: string } = {
  pgsql: `create table pm (ip_src inet, ip_dst inet, port_src int, port_dst int, ip_proto smallint,
    packets bigint, bytes bigint, primary key (ip_src, ip_dst, port_src, port_dst, ip_proto))`,
  mysql: `create table pm (ip_src char(45), ip_dst char(45), port_src int unsigned, port_dst int unsigned, ip_proto char(20),
    packets bigint unsigned, bytes bigint unsigned, primary key (ip_src, ip_dst, port_src, port_dst, ip_proto)) character set ascii`,
}

/** From the signal to end until nfacctd has written its cache: its writer process, not the collecting. */
async function pmacct(
  plugin: string,
  server: Server,
  database: string,
  more: { [key: string]: unknown },
): Promise<void> {
  if (without('nfacctd')) return
  await server.query(`drop table if exists pm; ${TABLES[plugin]}`)
  const capture = join(folder, 'flows.pcap')
  writeBigCapture(capture, Math.ceil(ROWS / FLOWS_PER_DATAGRAM))
  const port = await freeUdpPort()
  const { user, password } = server.credentials ?? { user: '', password: '' }
  const lines = {
    ...{ daemonize: 'false', nfacctd_ip: '127.0.0.1', nfacctd_port: port, plugins: plugin, aggregate: FIVE.join(', ') },
    ...{ sql_host: '127.0.0.1', sql_port: server.port, sql_db: database, sql_user: user, sql_passwd: password },
    ...{ sql_table: 'pm', sql_optimize_clauses: 'true', sql_refresh_time: 3600, sql_table_version: 9 },
    ...{ sql_cache_entries: 400_003, plugin_pipe_size: 64_000_000, plugin_buffer_size: 64_000, ...more },
  }
  const file = join(folder, 'nfacctd.conf')
  writeFileSync(
    file,
    Object.entries(lines)
      .map(([key, value]) => `${key}: ${String(value)}\n`)
      .join(''),
  )
  const child = startProgram(lifetime as never, ['nfacctd', '-f', file], folder)
  const ending = ended(child)
  await says(child, 'waiting for NetFlow/IPFIX data')
  await send(payloadsOf(capture), port)
  await taken(port)
  await pause(5000)
  const from = performance.now()
  child.kill('SIGINT')
  await ending
  const seconds = (performance.now() - from) / 1000
  const count = Number((await server.query('select count(*) from pm')).trim())
  const words = Object.entries(more)
    .map(pair => pair.join('='))
    .join(' ')
  print(
    `nfacctd ${plugin} ${words || '(update, then insert)'}`,
    '',
    seconds.toFixed(2),
    Math.round(count / seconds),
    count,
  )
}

async function postgres(): Promise<void> {
  const server = await startPostgres(lifetime)
  if (isSkipped(server)) return
  const { query, port, credentials } = server
  const password = credentials?.password ?? ''
  const sink = `sink-postgres 127.0.0.1:${port}/postgres --user postgres`
  const env = { NETALLY_POSTGRES_PASSWORD: password }
  await both({ name: 'postgres', place: String(port), password, sink, env, query })
  await pmacct('pgsql', server, 'postgres', { sql_dont_try_update: 'true', sql_use_copy: 'true' })
  await pmacct('pgsql', server, 'postgres', {})
  await server.stop()
}

async function mysql(): Promise<void> {
  const server = await startMariadb(lifetime)
  if (isSkipped(server)) return
  const { query, port, credentials } = server
  const password = credentials?.password ?? ''
  const sink = `sink-mysql 127.0.0.1:${port}/netally --user netally`
  const env = { NETALLY_MYSQL_PASSWORD: password }
  await both({ name: 'mysql', place: String(port), password, sink, env, query })
  await pmacct('mysql', server, 'netally', { sql_dont_try_update: 'true', sql_multi_values: 1_024_000 })
  await pmacct('mysql', server, 'netally', {})
  await server.stop()
}

async function clickhouse(): Promise<void> {
  const server = await startClickhouse(lifetime)
  if (isSkipped(server)) return
  const { query, port, credentials } = server
  const password = credentials?.password ?? ''
  const env = { NETALLY_CLICKHOUSE_PASSWORD: password }
  await both({
    name: 'clickhouse',
    place: String(port),
    password,
    sink: `sink-clickhouse 127.0.0.1:${port}`,
    env,
    query,
  })
  await server.stop()
}

async function duckdb(): Promise<void> {
  const sink = `sink-duckdb ${join(folder, 'acct.duckdb')}`
  await both({ name: 'duckdb', place: join(folder, 'naive.duckdb'), password: '', sink, env: {} })
  const files = `${process.execPath} ${RUN} sink-duckdb --parquet ${join(folder, 'files')}`
  await measured('duckdb: sink --parquet', files, {})
}

const BACKENDS: { readonly [name: string]: () => Promise<void> } = { postgres, mysql, clickhouse, duckdb }

writeRows()
print('what', 'CPU s of the client', 'wall s', 'rows/s', 'rows, sum of bytes')
print('---', '---', '---', '---', '---')
try {
  for (const name of WHICH) await BACKENDS[name]?.()
} finally {
  for (const end of ends.reverse()) await end()
}
