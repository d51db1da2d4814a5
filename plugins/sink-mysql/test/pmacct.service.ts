// nfacctd's own mysql plugin and sink-mysql --compat pmacct, into tables of one database: the same rows.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { comparePmacct, type PmacctCase } from '../../../test/services/pmacct-sql.ts'
import { without } from '../../../test/services/programs.ts'
import { writeTimedCapture } from '../../../test/services/timed-capture.ts'
import { REPOSITORY, scratch, shell } from '../../../test/support/cli.ts'
import { mariadb, skip as withoutServer } from './server.ts'

const skip = withoutServer || without('nfacctd')
const DEMO = join(REPOSITORY, 'examples', 'demo', 'exporters.pcap')

const ADDRESS = 'CHAR(45) NOT NULL'
const NUMBER = 'INT(4) UNSIGNED NOT NULL'
const TIME = 'DATETIME NOT NULL'
const FIVE_TUPLE = {
  by: ['src_host', 'dst_host', 'src_port', 'dst_port', 'proto', 'tos', 'tcpflags'],
  columns: [`ip_src ${ADDRESS}`, `ip_dst ${ADDRESS}`, 'port_src INT UNSIGNED NOT NULL']
    .concat(['port_dst INT UNSIGNED NOT NULL', 'ip_proto CHAR(20) NOT NULL'])
    .concat(['tos INT UNSIGNED NOT NULL', 'tcp_flags INT UNSIGNED NOT NULL']),
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
    columns: [`net_src ${ADDRESS}`, 'mask_src INT UNSIGNED NOT NULL', `net_dst ${ADDRESS}`].concat([
      'mask_dst INT UNSIGNED NOT NULL',
      `timestamp_start ${TIME}`,
      `timestamp_end ${TIME}`,
    ]),
  },
}

const TIMES: PmacctCase = {
  by: ['src_host', 'timestamp_start', 'timestamp_end'],
  columns: [`ip_src ${ADDRESS}`, `timestamp_start ${TIME}`, 'timestamp_start_residual INT UNSIGNED NOT NULL'].concat([
    `timestamp_end ${TIME}`,
    'timestamp_end_residual INT UNSIGNED NOT NULL',
  ]),
}

const BINS: PmacctCase = {
  by: ['src_host'],
  columns: [`ip_src ${ADDRESS}`, `stamp_inserted ${TIME}`, 'stamp_updated DATETIME'],
  history: '5m',
}

const COUNTERS = [
  'packets BIGINT UNSIGNED NOT NULL',
  'bytes BIGINT UNSIGNED NOT NULL',
  'flows BIGINT UNSIGNED NOT NULL',
]

/** Exporter 192.0.2.n sends from 127.0.0.(10 + n). */
const EXPORTER = "concat('192.0.2.', substring_index(peer_ip_src, '.', -1) - 10)"

async function compare(
  context: TestContext,
  capture: string,
  cases: { readonly [title: string]: PmacctCase },
  wholeSeconds: boolean,
) {
  const server = await mariadb(context)
  const { words, env } = server
  const to = { plugin: 'mysql', database: 'netally', server, words, env, counters: COUNTERS, exporter: EXPORTER }
  await comparePmacct(context, to, capture, cases, wholeSeconds)
}

describe('sink-mysql beside the mysql plugin of nfacctd', { skip }, () => {
  it('v5, v9 and IPFIX', context => compare(context, DEMO, CASES, true))

  it('bins and times of IPFIX', context => {
    const capture = join(scratch(context), 'timed.pcap')
    writeTimedCapture(capture)
    return compare(context, capture, { 'five minutes': BINS, 'times in two columns': TIMES }, false)
  })

  it('a row that pmacct wrote takes ours in, and the other way round', async context => {
    const server = await mariadb(context)
    await server.query(
      `create table acct (${FIVE_TUPLE.columns.join(', ')}, ${COUNTERS.join(', ')},
        primary key (ip_src, ip_dst, port_src, port_dst, ip_proto, tos));
       insert into acct values ('192.0.2.1', '0.0.0.0', 0, 443, 'tcp', 0, 0, 10, 1000, 1)`,
    )
    const record = '{"ip_src":"192.0.2.1","port_dst":443,"ip_proto":"tcp","packets":1,"bytes":40}\n'
    const line = `netally ${server.words.join(' ')} --compat pmacct`
    const made = await shell(line, record, { env: { ...process.env, ...server.env } })
    assert.equal(made.status, 0, made.stderr)
    assert.equal((await server.query('select ip_dst, packets, bytes from acct')).trim(), '0.0.0.0\t11\t1040')
  })
})
