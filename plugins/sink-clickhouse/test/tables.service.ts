// Tables of sink-clickhouse on the real server: sums equal to SQLite's, engines, new fields, connections.
import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { NetRecord } from '../../../src/contract/record.ts'
import { netally } from '../../../test/support/cli.ts'
import { testRecord } from '../../../test/support/sink-compliance.ts'
import { assertSameRows, ndjson, sqliteRows, succeeded, tableInput } from '../../../test/support/table-sums.ts'
import { ask, type Clickhouse, clickhouse, readRows, skip } from './server.ts'

const INPUT = tableInput(3000)
const KEY = 'ip_src, ip_dst, as_src, port_dst, ip_proto, mac_src, label, stamp_inserted'
const SUMS = `SELECT ${KEY.replace('stamp_inserted', 'toUInt32(stamp_inserted) AS stamp_inserted')},
  sum(packets) AS packets, sum(bytes) AS bytes, sum(flows) AS flows, groupBitOr(tcp_flags) AS tcp_flags,
  min(timestamp_min) AS timestamp_min, max(timestamp_max) AS timestamp_max`

describe('tables of sink-clickhouse', { skip }, () => {
  let server: Clickhouse
  const stopped: (() => void | Promise<void>)[] = []
  before(async () => {
    server = await clickhouse({ after: end => void stopped.push(end) })
  })
  after(async () => {
    for (const end of stopped) await end()
  })

  const sink = async (records: readonly NetRecord[], ...more: readonly string[]) =>
    netally([...server.words, ...more], ndjson(records), { env: { ...process.env, ...server.env } })
  const one = async (sql: string) => (await server.query(sql)).trim()

  for (const [title, words] of [
    ['sums', []],
    ['rows that are only added', ['--key', 'none']],
  ] as const) {
    it(`equal to sink-sqlite: ${title}`, async context => {
      const table = `equal_${words.length}`
      succeeded(await sink(INPUT, '--table', table, '--batch', '700', ...words))
      const theirs = await sqliteRows(context, INPUT)
      assertSameRows(await ask(server, `${SUMS} FROM ${table} GROUP BY ${KEY}`), theirs)
      if (words.length > 0) return
      await server.query(`OPTIMIZE TABLE ${table} FINAL`)
      assertSameRows(await ask(server, `${SUMS} FROM ${table} GROUP BY ${KEY}`), theirs)
      assert.match(await one(`SELECT engine FROM system.tables WHERE name = '${table}'`), /^SummingMergeTree$/)
    })
  }

  it('the last row of a key replaces the others', async () => {
    const records = [testRecord(1), { ...testRecord(1), bytes: 7 }]
    succeeded(await sink(records.slice(0, 1), '--table', 'replaced', '--merge', 'replace'))
    succeeded(await sink(records.slice(1), '--table', 'replaced', '--merge', 'replace'))
    assert.equal(await one('SELECT bytes FROM replaced FINAL'), '7')
    assert.match((await sink(records, '--merge', 'ignore')).stderr, /usage\/no-ignore/)
  })

  it('a field that comes later is part of what a row is', async () => {
    const record = testRecord(1)
    succeeded(await sink([record], '--table', 'later'))
    succeeded(
      await sink(
        [
          { ...record, as_src: 64_500 },
          { ...record, as_src: 64_501 },
        ],
        '--table',
        'later',
      ),
    )
    succeeded(await sink([{ ...record, as_src: 64_501, flows: 3 }], '--table', 'later'))
    await server.query('OPTIMIZE TABLE later FINAL')
    assert.equal(
      await one('SELECT as_src, sum(packets), sum(flows) FROM later GROUP BY as_src ORDER BY as_src'),
      '0\t1\t0\n64500\t1\t0\n64501\t2\t3',
    )
  })

  it('types, of which an old server has fewer', async () => {
    const record = { ...testRecord(0), timestamp_start: 1_764_000_000.25, unknown: { a: [1] } }
    succeeded(await sink([record], '--table', 'types', '--key', 'none', '--nullable', '--type', 'port_dst=UInt16'))
    const types = await one("SELECT name, type FROM system.columns WHERE table = 'types' ORDER BY name")
    assert.equal(
      types.replaceAll('\t', ' '),
      [
        'as_path Array(String)',
        'bytes Nullable(UInt64)',
        'ip_dst Nullable(String)',
        'ip_proto Nullable(String)',
        'ip_src Nullable(String)',
        'label Nullable(String)',
        'packets Nullable(UInt64)',
        'port_dst Nullable(UInt16)',
        "stamp_inserted Nullable(DateTime(\\'UTC\\'))",
        'tag Nullable(UInt64)',
        'timestamp_start Nullable(Float64)',
        'unknown Nullable(String)',
      ].join('\n'),
    )
    assert.equal(await one('SELECT unknown, timestamp_start FROM types'), '{"a":[1]}\t1764000000.25')
  })

  it('every octet of a text', async () => {
    const label = 'a\tb\nc\\d\'e"f\0g'
    const record = { label, as_path: ["O'Hara\\", 'tab\t'], tag: 2n ** 64n - 1n }
    succeeded(await sink([record], '--table', 'octets', '--key', 'none'))
    const [row] = await ask(server, 'SELECT * FROM octets')
    assert.deepEqual(row, record)
  })

  it('a value that does not fit is refused, the rest of the batch is stored', async () => {
    const records = [testRecord(1), { ...testRecord(2), bytes: 2n ** 64n }, testRecord(3)]
    const { status, stderr } = await sink(records, '--table', 'fits')
    assert.equal(status, 1)
    assert.match(stderr, /refused 1 of 3 records: bytes: 18446744073709551616 is no UInt64/)
    assert.equal(await one('SELECT count() FROM fits'), '2')
  })

  it('a value that only the server refuses is found among the others', async () => {
    await server.query('CREATE TABLE narrow (label FixedString(3), tag UInt64) ENGINE = MergeTree ORDER BY tag')
    const records = Array.from({ length: 100 }, (_, tag) => ({ tag, label: tag === 66 ? 'long' : 'abc' }))
    const { stderr } = await sink(records, '--table', 'narrow')
    assert.match(stderr, /refused 1 of 100 records/)
    assert.equal(await one('SELECT count(), countIf(tag = 66) FROM narrow'), '99\t0')
  })

  it('a table a day, by the time of the record', async () => {
    const records = [0, 1, 2].map(day => ({ ...testRecord(day), stamp_inserted: 1_764_000_000 + 86_400 * day }))
    succeeded(await sink(records, '--table', 'day_%Y%m%d', '--every', '1d'))
    assert.equal(
      await one("SELECT name FROM system.tables WHERE name LIKE 'day%' ORDER BY name"),
      'day_20251124\nday_20251125\nday_20251126',
    )
    assert.equal((await readRows(server, 'day_20251125')).length, 1)
  })

  it('a wrong password, a database that is not there end the command', async () => {
    const env = (password: string) => ({ env: { ...process.env, NETALLY_CLICKHOUSE_PASSWORD: password } })
    const wrong = await netally(server.words, ndjson([testRecord(3)]), env('wrong'))
    assert.equal(wrong.status, 1)
    assert.match(wrong.stderr, /clickhouse\/refused/)
    assert.match((await sink([testRecord(1)], '--database', 'nowhere')).stderr, /clickhouse\/refused/)
  })
})
