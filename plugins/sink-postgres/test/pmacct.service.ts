// nfacctd's own pgsql plugin and sink-postgres --compat pmacct, into tables of one database: the same rows.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { freeUdpPort, payloadsOf, says, send, startProgram, taken, without } from '../../../test/services/programs.ts'
import { missingPrograms } from '../../../test/services/servers/programs.ts'
import { writeTimedCapture } from '../../../test/services/timed-capture.ts'
import { ended, REPOSITORY, scratch, shell } from '../../../test/support/cli.ts'
import { type Postgres, postgres } from './server.ts'

const skip = missingPrograms('postgresql', '/usr/lib/postgresql/*/bin/postgres', 'psql')?.skipped ?? without('nfacctd')
const SETTLE_MS = 1500
const DEMO = join(REPOSITORY, 'examples', 'demo', 'exporters.pcap')

interface Case {
  readonly by: readonly string[]
  /** Of pmacct's table, from its sql/README.pgsql. */
  readonly columns: readonly string[]
  readonly history?: string
}

const ADDRESS = "inet NOT NULL DEFAULT '0.0.0.0'"
const NUMBER = 'BIGINT NOT NULL DEFAULT 0'
const TIME = "timestamp without time zone NOT NULL DEFAULT '0001-01-01 00:00:00'"
const FIVE_TUPLE = {
  by: ['src_host', 'dst_host', 'src_port', 'dst_port', 'proto', 'tos', 'tcpflags'],
  columns: [`ip_src ${ADDRESS}`, `ip_dst ${ADDRESS}`, 'port_src INT NOT NULL DEFAULT 0']
    .concat(['port_dst INT NOT NULL DEFAULT 0', 'ip_proto SMALLINT NOT NULL DEFAULT 0'])
    .concat(['tos INT NOT NULL DEFAULT 0', 'tcp_flags SMALLINT NOT NULL DEFAULT 0']),
}

const CASES: { readonly [title: string]: Case } = {
  '5-tuples': FIVE_TUPLE,
  'AS pairs of an exporter and its interfaces': {
    by: ['peer_src_ip', 'in_iface', 'out_iface', 'src_as', 'dst_as'],
    columns: [`peer_ip_src ${ADDRESS}`, `iface_in ${NUMBER}`, `iface_out ${NUMBER}`].concat([
      `as_src ${NUMBER}`,
      `as_dst ${NUMBER}`,
    ]),
  },
  'nets, masks, times in whole seconds': {
    by: ['src_net', 'src_mask', 'dst_net', 'dst_mask', 'timestamp_start', 'timestamp_end'],
    columns: [`net_src ${ADDRESS}`, 'mask_src SMALLINT NOT NULL DEFAULT 0', `net_dst ${ADDRESS}`].concat([
      'mask_dst SMALLINT NOT NULL DEFAULT 0',
      `timestamp_start ${TIME}`,
      `timestamp_end ${TIME}`,
    ]),
  },
}

const TIMES: Case = {
  by: ['src_host', 'timestamp_start', 'timestamp_end'],
  columns: [`ip_src ${ADDRESS}`, `timestamp_start ${TIME}`, 'timestamp_start_residual INT NOT NULL DEFAULT 0'].concat([
    `timestamp_end ${TIME}`,
    'timestamp_end_residual INT NOT NULL DEFAULT 0',
  ]),
}

const BINS: Case = {
  by: ['src_host'],
  columns: [`ip_src ${ADDRESS}`, `stamp_inserted ${TIME}`, 'stamp_updated timestamp without time zone'],
  history: '5m',
}

function configuration(
  port: number,
  { credentials, port: sqlPort }: Postgres,
  cases: readonly Case[],
  wholeSeconds: boolean,
): string {
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
    plugins: plugins.map((_, index) => `pgsql[p${index}]`).join(', '),
    sql_host: '127.0.0.1',
    sql_port: sqlPort,
    sql_db: 'postgres',
    sql_user: credentials?.user,
    sql_passwd: credentials?.password,
    sql_optimize_clauses: 'true',
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

const COUNTERS = ['packets BIGINT NOT NULL', 'bytes BIGINT NOT NULL', 'flows BIGINT NOT NULL DEFAULT 0']

/** Both write the capture; then each table has what the other has not. */
async function compare(
  context: TestContext,
  capture: string,
  cases: { readonly [title: string]: Case },
  wholeSeconds: boolean,
) {
  const server = await postgres(context)
  const folder = scratch(context)
  const list = Object.values(cases)
  for (const [index, { columns }] of list.entries()) {
    await server.query(`create table theirs_${index} (${[...columns, ...COUNTERS].join(', ')})`)
  }
  const port = await freeUdpPort()
  const file = join(folder, 'nfacctd.conf')
  writeFileSync(file, configuration(port, server, list, wholeSeconds))
  const child = startProgram(context, ['nfacctd', '-f', file], folder)
  const ending = ended(child)
  await says(child, 'waiting for NetFlow/IPFIX data')
  await send(payloadsOf(capture), port)
  assert.equal(await taken(port), 0, 'the kernel dropped datagrams of nfacctd')
  await pause(SETTLE_MS)
  child.kill('SIGINT')
  const { stdout, stderr } = await ending
  for (const [index, [title, { by, history, columns }]] of Object.entries(cases).entries()) {
    await context.test(title, async () => {
      const sums = `netally aggregate --by ${[...by, 'flows'].join(',')}${history ? ` --bin ${history}` : ''}`
      const sink = `netally ${server.words.join(' ')} --compat pmacct --table ours_${index}`
      const line = `netally flow-recv --pcap ${capture}${wholeSeconds ? ' --timestamps-secs' : ''} | ${sums} | ${sink}`
      const made = await shell(line, '', { env: { ...process.env, ...server.env } })
      assert.equal(made.status, 0, made.stderr)
      // When a row was written last is the clock's, and exporters have addresses of loopback at nfacctd.
      const names = [...columns, ...COUNTERS].map(column => column.split(' ', 1)[0] as string)
      const compared = names.filter(name => name !== 'stamp_updated')
      const theirs = compared.map(name => (name === 'peer_ip_src' ? LOOPBACK : name))
      const mine = `select ${compared.join(', ')} from ours_${index}`
      const other = `select ${theirs.join(', ')} from theirs_${index}`
      const count = (await server.query(`select count(*) from theirs_${index}`)).trim()
      assert.ok(Number(count) > 1, `nfacctd wrote ${count} rows: ${stdout}${stderr}`)
      assert.equal(await server.query(`(${mine}) except all (${other}) limit 5`), '', 'what nfacctd has not')
      assert.equal(await server.query(`(${other}) except all (${mine}) limit 5`), '', 'what netally has not')
    })
  }
}

/** Exporter 192.0.2.n sends from 127.0.0.(10 + n). */
const LOOPBACK = "case when peer_ip_src << '127.0.0.0/8' then peer_ip_src - '127.0.0.10'::inet + '192.0.2.0'::inet end"

describe('sink-postgres beside the pgsql plugin of nfacctd', { skip }, () => {
  it('v5, v9 and IPFIX', context => compare(context, DEMO, CASES, true))

  it('bins and times of IPFIX', context => {
    const capture = join(scratch(context), 'timed.pcap')
    writeTimedCapture(capture)
    return compare(context, capture, { 'five minutes': BINS, 'times in two columns': TIMES }, false)
  })

  it('a row that pmacct wrote takes ours in, and the other way round', async context => {
    const server = await postgres(context)
    await server.query(
      `create table acct (${FIVE_TUPLE.columns.join(', ')}, ${COUNTERS.join(', ')},
        primary key (ip_src, ip_dst, port_src, port_dst, ip_proto, tos));
       insert into acct (ip_src, port_dst, ip_proto, packets, bytes) values ('192.0.2.1', 443, 6, 10, 1000)`,
    )
    const record = '{"ip_src":"192.0.2.1","port_dst":443,"ip_proto":"tcp","packets":1,"bytes":40}\n'
    const line = `netally ${server.words.join(' ')} --compat pmacct`
    const made = await shell(line, record, { env: { ...process.env, ...server.env } })
    assert.equal(made.status, 0, made.stderr)
    assert.equal((await server.query('select ip_dst, packets, bytes from acct')).trim(), '0.0.0.0|11|1040')
  })
})
