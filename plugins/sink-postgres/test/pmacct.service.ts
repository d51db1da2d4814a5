// nfacctd's own pgsql plugin and sink-postgres --compat pmacct, into tables of one database: the same rows.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { comparePmacct, type PmacctCase } from '../../../test/services/pmacct-sql.ts'
import { without } from '../../../test/services/programs.ts'
import { missingPrograms } from '../../../test/services/servers/programs.ts'
import { writeTimedCapture } from '../../../test/services/timed-capture.ts'
import { REPOSITORY, scratch, shell } from '../../../test/support/cli.ts'
import { postgres } from './server.ts'

const skip = missingPrograms('postgresql', '/usr/lib/postgresql/*/bin/postgres', 'psql')?.skipped ?? without('nfacctd')
const DEMO = join(REPOSITORY, 'examples', 'demo', 'exporters.pcap')

const ADDRESS = "inet NOT NULL DEFAULT '0.0.0.0'"
const NUMBER = 'BIGINT NOT NULL DEFAULT 0'
const TIME = "timestamp without time zone NOT NULL DEFAULT '0001-01-01 00:00:00'"
const FIVE_TUPLE = {
  by: ['src_host', 'dst_host', 'src_port', 'dst_port', 'proto', 'tos', 'tcpflags'],
  columns: [`ip_src ${ADDRESS}`, `ip_dst ${ADDRESS}`, 'port_src INT NOT NULL DEFAULT 0']
    .concat(['port_dst INT NOT NULL DEFAULT 0', 'ip_proto SMALLINT NOT NULL DEFAULT 0'])
    .concat(['tos INT NOT NULL DEFAULT 0', 'tcp_flags SMALLINT NOT NULL DEFAULT 0']),
}

const CASES: { readonly [title: string]: PmacctCase } = {
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

const TIMES: PmacctCase = {
  by: ['src_host', 'timestamp_start', 'timestamp_end'],
  columns: [`ip_src ${ADDRESS}`, `timestamp_start ${TIME}`, 'timestamp_start_residual INT NOT NULL DEFAULT 0'].concat([
    `timestamp_end ${TIME}`,
    'timestamp_end_residual INT NOT NULL DEFAULT 0',
  ]),
}

const BINS: PmacctCase = {
  by: ['src_host'],
  columns: [`ip_src ${ADDRESS}`, `stamp_inserted ${TIME}`, 'stamp_updated timestamp without time zone'],
  history: '5m',
}

const COUNTERS = ['packets BIGINT NOT NULL', 'bytes BIGINT NOT NULL', 'flows BIGINT NOT NULL DEFAULT 0']

/** Exporter 192.0.2.n sends from 127.0.0.(10 + n). */
const EXPORTER = "case when peer_ip_src << '127.0.0.0/8' then peer_ip_src - '127.0.0.10'::inet + '192.0.2.0'::inet end"

async function compare(
  context: TestContext,
  capture: string,
  cases: { readonly [title: string]: PmacctCase },
  wholeSeconds: boolean,
) {
  const server = await postgres(context)
  const { words, env } = server
  const to = { plugin: 'pgsql', database: 'postgres', server, words, env, counters: COUNTERS, exporter: EXPORTER }
  await comparePmacct(context, to, capture, cases, wholeSeconds)
}

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
