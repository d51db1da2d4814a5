// examples/traffic-matrix with a real Kafka, a real PostgreSQL and BGP sessions: what both have, next to SQLite.
import assert from 'node:assert/strict'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { it, type TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { ENVIRONMENT, ended, REPOSITORY, records, scratch, shell, start } from '../support/cli.ts'
import { freeTcpPort, freeUdpPort } from '../support/free-port.ts'
import { agents, announce, DEMO, exporters, routesFile } from './demo-routers.ts'
import { listening, payloadsOf, runProgram, send, taken, without } from './programs.ts'
import { startKafka } from './servers/kafka.ts'
import { startPostgres } from './servers/postgres.ts'
import { assertSameSums, type Row } from './sums.ts'

const EXAMPLE = join(REPOSITORY, 'examples', 'traffic-matrix', 'views.netally')
const MATRIX = ['peer_ip_src', 'iface_in', 'peer_ip_dst', 'peer_as_dst']
const FLOW = ['peer_ip_src', 'ip_src', 'ip_dst', 'ip_proto', 'port_src', 'port_dst']
/** What sessions and tables need once the routes are sent. */
const SETTLE_MS = 2000

/** Exporter 192.0.2.n of the capture sends from 127.0.0.(10 + n). */
const asInCapture = (row: Row): Row => ({
  ...row,
  peer_ip_src: String(row.peer_ip_src).replace(/^127\.0\.0\.1(\d)$/, '192.0.2.$1'),
})

/** What is NULL in PostgreSQL is 0 in the key of a SQLite table. */
const asInSqlite = (row: Row): Row => ({ ...asInCapture(row), peer_as_dst: row.peer_as_dst ?? 0 })

/** The file with the addresses of this test in place of those of the example; each must be there. */
function lines(replacements: { readonly [text: string]: string }): string {
  let text = readFileSync(EXAMPLE, 'utf8')
  for (const [from, to] of Object.entries(replacements)) {
    assert.ok(text.includes(from), `the example has no ${from}`)
    text = text.replaceAll(from, to)
  }
  return text
}

/** What one command after the other makes of the capture and the same routes. */
async function expected(context: TestContext, all: Awaited<ReturnType<typeof exporters>>): Promise<Row[]> {
  const database = join(scratch(context), 'matrix.db')
  const routes = await routesFile(context, all)
  const enrich = `enrich --bgp ${routes} --bgp-agent-map ${agents(context, all)} --wait-for end --as longest --net longest`
  const { status, stderr } = await shell(
    `netally flow-recv --pcap ${DEMO} | netally ${enrich} | netally aggregate --by ${MATRIX.join(',')} --bin 5m |
       netally sink-sqlite ${database} --table matrix`,
  )
  assert.equal(status, 0, stderr)
  return new DatabaseSync(database, { readOnly: true }).prepare('select * from matrix').all() as Row[]
}

it('one feed, several views', { skip: without('kcat', 'psql') }, async context => {
  const kafka = await startKafka(context)
  if ('skipped' in kafka) return context.skip(kafka.skipped)
  const postgres = await startPostgres(context)
  if ('skipped' in postgres) return context.skip(postgres.skipped)
  const folder = scratch(context)
  const flows = await freeUdpPort()
  const bgp = await freeTcpPort()
  const file = join(folder, 'views.netally')
  writeFileSync(
    file,
    lines({
      '--listen 2055': `--listen 127.0.0.1:${flows}`,
      '--listen 179': `--listen 127.0.0.1:${bgp}`,
      'kafka.example.net': `127.0.0.1:${kafka.port}`,
      'netally@db.example.net/netflow': `${postgres.credentials?.user}@127.0.0.1:${postgres.port}/postgres`,
      '/var/lib/netally': folder,
      '/var/spool/netally': join(folder, 'spool'),
    }),
  )
  const all = await exporters()
  const child = start(['run', '--stats', '-f', file], {
    env: { ...ENVIRONMENT, NETALLY_POSTGRES_PASSWORD: postgres.credentials?.password },
  })
  context.after(() => child.kill('SIGKILL'))
  const ending = ended(child)
  await Promise.race([listening(flows), ending.then(({ stderr }) => assert.fail(stderr))])
  await announce(context, bgp, all)
  await pause(SETTLE_MS)
  await send(payloadsOf(DEMO), flows)
  assert.equal(await taken(flows), 0, 'the kernel dropped datagrams')
  child.kill('SIGTERM')
  const { status, stderr } = await ending
  assert.equal(status, 0, stderr)

  await context.test('Kafka has every flow', async () => {
    const broker = ['-b', `127.0.0.1:${kafka.port}`, '-t', 'flows', '-C', '-e', '-q', '-o', 'beginning']
    const { stdout } = await runProgram(context, ['kcat', ...broker])
    const { stdout: alone } = await shell(`netally flow-recv --pcap ${DEMO}`)
    assertSameSums(records(stdout).map(asInCapture), records(alone), FLOW)
  })
  await context.test('so have the files', async () => {
    const files = readdirSync(folder).filter(name => /^flows-\d{8}-\d{4}\.ndjson$/.test(name))
    const { stdout: alone } = await shell(`netally flow-recv --pcap ${DEMO}`)
    const rows = files.flatMap(name => records(readFileSync(join(folder, name), 'utf8')))
    assertSameSums(rows.map(asInCapture), records(alone), FLOW)
  })
  await context.test('PostgreSQL has the traffic matrix', async () => {
    const json = await postgres.query('select row_to_json(matrix) from matrix')
    assertSameSums(records(json).map(asInSqlite), await expected(context, all), MATRIX)
  })
})
