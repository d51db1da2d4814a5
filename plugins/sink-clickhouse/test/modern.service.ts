// sink-clickhouse and the engine of a new ClickHouse, which PyPI has as a library (pip install chdb-core): types, engines, tokens.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { ask as askHttp } from '../../../test/services/servers/http.ts'
import { netally, scratch } from '../../../test/support/cli.ts'
import { freeTcpPort } from '../../../test/support/free-port.ts'
import { ServerProcess } from '../../../test/support/server-process.ts'
import { assertSameRows, ndjson, sqliteRows, succeeded, tableInput } from '../../../test/support/table-sums.ts'
import { rowsOf } from './server.ts'

const CANNOT = spawnSync('python3', ['-c', 'import chdb'], { encoding: 'utf8' })
const skip = CANNOT.status === 0 ? false : 'not installed: chdb (python3 -m pip install chdb-core)'

interface Modern {
  readonly address: string
  query(statement: string): Promise<string>
}

async function modern(context: TestContext): Promise<Modern> {
  const port = await freeTcpPort()
  const query = (body: string) => askHttp(`http://127.0.0.1:${port}/`, { body })
  const server = new ServerProcess(context, {
    words: ['python3', join(import.meta.dirname, 'chdb-server.py'), String(port), join(scratch(context), 'data')],
    ready: async () => (await query('SELECT 1')).trim() === '1',
  })
  await server.start()
  return { address: `127.0.0.1:${port}`, query }
}

const KEY = 'as_src, port_dst, ip_proto, mac_src, label'
const PLAIN = (name: string) => `replaceRegexpOne(replaceOne(toString(${name}), '::ffff:', ''), '^::$', '')`
const SECONDS = (name: string) => `toUnixTimestamp64Micro(${name}) / 1000000`
const SUMS = `SELECT ${KEY}, ${PLAIN('a.ip_src')} AS ip_src, ${PLAIN('a.ip_dst')} AS ip_dst,
  toUnixTimestamp(a.stamp_inserted) AS stamp_inserted, packets, bytes, flows, tcp_flags,
  ${SECONDS('a.timestamp_min')} AS timestamp_min, ${SECONDS('a.timestamp_max')} AS timestamp_max FROM acct AS a FINAL`

describe('sink-clickhouse on a new ClickHouse', { skip }, () => {
  it('sums, least, greatest and ORed values are equal to those of sink-sqlite', async context => {
    const server = await modern(context)
    const input = tableInput(3000)
    succeeded(await netally(['sink-clickhouse', server.address, '--batch', '700'], ndjson(input)))
    const rows = rowsOf(await server.query(`${SUMS} FORMAT JSONEachRow`))
    assertSameRows(rows, await sqliteRows(context, input))
  })

  it("types are ClickHouse's own", async context => {
    const server = await modern(context)
    succeeded(await netally(['sink-clickhouse', server.address], ndjson(tableInput(10))))
    const made = await server.query('SHOW CREATE TABLE acct FORMAT TSVRaw')
    assert.match(made, /`ip_src` IPv6/)
    assert.match(made, /`timestamp_min` SimpleAggregateFunction\(min, DateTime64\(6, 'UTC'\)\)/)
    assert.match(made, /`ip_proto` LowCardinality\(String\)/)
    assert.match(made, /ENGINE = AggregatingMergeTree/)
  })

  it('a batch that comes again is not stored again', async context => {
    const server = await modern(context)
    succeeded(await netally(['sink-clickhouse', server.address, '--key', 'none'], ndjson([{ bytes: 1 }])))
    const query = new URLSearchParams({
      query: 'INSERT INTO acct (bytes) FORMAT TabSeparated',
      insert_deduplicate: '1',
      insert_deduplication_token: 'the same',
    })
    for (const body of ['2\n', '2\n']) await askHttp(`http://${server.address}/?${query}`, { body })
    assert.equal((await server.query('SELECT count() FROM acct')).trim(), '2')
  })

  it('columns for fields that come later', async context => {
    const server = await modern(context)
    const words = ['sink-clickhouse', server.address]
    succeeded(await netally(words, ndjson([{ ip_src: '192.0.2.1', bytes: 1 }])))
    succeeded(await netally(words, ndjson([{ ip_src: '192.0.2.1', bytes: 2, flows: 3 }])))
    assert.equal((await server.query('SELECT sum(bytes), sum(flows) FROM acct')).trim(), '3\t3')
  })
})
