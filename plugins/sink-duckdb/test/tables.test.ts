// Tables and Parquet files of sink-duckdb: equal to SQLite's, types, new fields, keys, names.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import type { DeliveryBatch } from '../../../src/contract/backend.ts'
import type { NetRecord } from '../../../src/contract/record.ts'
import { netally, scratch } from '../../../test/support/cli.ts'
import { testRecord } from '../../../test/support/sink-compliance.ts'
import { assertSameRows, ndjson, sqliteRows, succeeded, tableInput } from '../../../test/support/table-sums.ts'
import { TestHost } from '../../../test/support/test-host.ts'
import { duckdbOptions } from '../src/options.ts'
import { ParquetBackend } from '../src/parquet.ts'
import { ask, parquetFiles, readRows } from './database.ts'

const INPUT = tableInput(3000)
const TIMES = ['timestamp_min', 'timestamp_max']

const fileOf = (context: TestContext) => join(scratch(context), 'acct.duckdb')
const sink = (file: string, records: readonly NetRecord[], ...more: readonly string[]) =>
  netally(['sink-duckdb', file, ...more], ndjson(records))

describe('tables of sink-duckdb', () => {
  for (const merge of ['add', 'replace', 'ignore']) {
    it(`equal to sink-sqlite, --merge ${merge}`, async context => {
      const file = fileOf(context)
      succeeded(await sink(file, INPUT, '--merge', merge, '--batch', '700'))
      const theirs = await sqliteRows(context, INPUT, '--merge', merge)
      assertSameRows(await readRows(file, 'acct', ...TIMES), theirs)
    })
  }

  it('types', async context => {
    const file = fileOf(context)
    const record = { ...testRecord(0), unknown: { a: [1] }, bytes_max: 5 }
    succeeded(await sink(file, [record], '--type', 'port_dst=USMALLINT'))
    const types = await ask(
      file,
      "SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = 'acct' ORDER BY 1",
    )
    assert.deepEqual(types, [
      ['as_path', 'VARCHAR[]'],
      ['bytes', 'UBIGINT'],
      ['bytes_max', 'DOUBLE'],
      ['ip_dst', 'VARCHAR'],
      ['ip_proto', 'VARCHAR'],
      ['ip_src', 'VARCHAR'],
      ['label', 'VARCHAR'],
      ['packets', 'UBIGINT'],
      ['port_dst', 'USMALLINT'],
      ['stamp_inserted', 'TIMESTAMP'],
      ['tag', 'UBIGINT'],
      ['unknown', 'VARCHAR'],
    ])
  })

  it('columns for fields that come later', async context => {
    const file = fileOf(context)
    succeeded(await sink(file, [testRecord(1)]))
    succeeded(await sink(file, [{ ...testRecord(2), as_src: 64_500 }]))
    assert.deepEqual(await ask(file, 'SELECT tag, as_src FROM acct ORDER BY tag'), [
      ['1', 'null'],
      ['2', '64500'],
    ])
  })

  it('the key of a table is remembered; another is refused', async context => {
    const file = fileOf(context)
    succeeded(await sink(file, [testRecord(1)], '--key', 'ip_src'))
    succeeded(await sink(file, [{ ...testRecord(1), ip_dst: '192.0.2.77' }]))
    assert.deepEqual(await ask(file, 'SELECT packets, ip_dst FROM acct'), [['2', '192.0.2.77']])
    assert.match((await sink(file, [testRecord(1)], '--key', 'none')).stderr, /duckdb\/other-key/)
    await ask(file, 'CREATE TABLE strange (ip_src VARCHAR)')
    assert.match((await sink(file, [testRecord(1)], '--table', 'strange')).stderr, /duckdb\/no-key/)
  })

  it('a value that only the database refuses is found among the others', async context => {
    const file = fileOf(context)
    await ask(file, 'CREATE TABLE narrow (label VARCHAR CHECK (length(label) < 4), tag UBIGINT)')
    const records = Array.from({ length: 100 }, (_, tag) => ({ tag, label: tag === 66 ? 'long' : 'abc' }))
    const { stderr } = await sink(file, records, '--table', 'narrow', '--key', 'tag')
    assert.match(stderr, /refused 1 of 100 records: Constraint Error/)
    assert.deepEqual(await ask(file, 'SELECT count(*), count(*) FILTER (tag = 66) FROM narrow'), [['99', '0']])
    assert.deepEqual(await ask(file, 'SELECT count(*) FROM netally_batches'), [['1']])
  })

  it('a table a day, by the time of the record', async context => {
    const file = fileOf(context)
    const records = [0, 1].map(day => ({ ...testRecord(day), stamp_inserted: 1_764_000_000 + 86_400 * day }))
    succeeded(await sink(file, records, '--table', 'day_%Y%m%d', '--every', '1d', '--hold'))
    const names = await ask(file, "SELECT table_name FROM duckdb_tables() WHERE table_name LIKE 'day%' ORDER BY 1")
    assert.deepEqual(names, [['day_20251124'], ['day_20251125']])
  })

  it('what is no database, and no place at all, end the command', async context => {
    const file = join(scratch(context), 'text')
    writeFileSync(file, 'this is a text, and no database of any kind\n'.repeat(1000))
    assert.match((await sink(file, [testRecord(1)])).stderr, /duckdb\/refused/)
    assert.match((await sink(join(file, 'x', 'y.duckdb'), [testRecord(1)])).stderr, /duckdb\/refused/)
    assert.equal((await netally(['sink-duckdb'], '')).status, 2)
  })
})

describe('Parquet files of sink-duckdb', () => {
  const columns = '* EXCLUDE (year, month, day, hour)'

  it('have the records, in folders of their hour; sums are equal to those of sink-sqlite', async context => {
    const folder = scratch(context)
    const records = INPUT.map((record, n) => ({ ...record, stamp_inserted: 1_764_000_000 + 3600 * (n % 30) }))
    succeeded(await netally(['sink-duckdb', '--parquet', folder, '--batch', '5000'], ndjson(records)))
    const files = parquetFiles(folder)
    assert.equal(new Set(files.map(dirname)).size, 30)
    assert.ok(files.every(path => /^year=2025\/month=11\/day=2[456]\/hour=\d\d\/[A-Za-z0-9.-]+\.parquet$/.test(path)))
    const from = `read_parquet('${folder}/**/*.parquet', hive_partitioning = true)`
    const rows = await readRows(':memory:', `(SELECT ${columns} FROM ${from})`, ...TIMES)
    assertSameRows(rows, await sqliteRows(context, records))
    const [codec] = await ask(':memory:', `SELECT DISTINCT compression FROM parquet_metadata('${folder}/**/*.parquet')`)
    assert.deepEqual(codec, ['ZSTD'])
  })

  it('take their own place when a batch comes again', async context => {
    const folder = scratch(context)
    const options = duckdbOptions({
      parquet: folder,
      partition: 'day',
      compression: 'zstd',
      table: 'acct',
      merge: 'add',
    })
    const backend = await ParquetBackend.open(options, folder, new TestHost())
    const batch = { id: 'a-1', count: 2, takenMs: 0, attempt: 1, records: [testRecord(1), testRecord(2)] }
    for (let attempt = 0; attempt < 2; attempt++) await backend.write(batch as unknown as DeliveryBatch)
    await backend.close()
    assert.deepEqual(parquetFiles(folder), ['year=2025/month=11/day=24/a-1.parquet'])
    assert.deepEqual(await ask(':memory:', `SELECT sum(packets) FROM read_parquet('${folder}/**/*.parquet')`), [['2']])
  })

  it('--partition none: no folders', async context => {
    const folder = scratch(context)
    const words = [
      'sink-duckdb',
      '--parquet',
      folder,
      '--partition',
      'none',
      '--key',
      'none',
      '--compression',
      'snappy',
    ]
    succeeded(await netally(words, ndjson([testRecord(1), testRecord(1)])))
    assert.equal(parquetFiles(folder).length, 1)
    assert.ok(!parquetFiles(folder)[0]?.includes('/'))
    assert.deepEqual(await ask(':memory:', `SELECT count(*) FROM read_parquet('${folder}/*.parquet')`), [['2']])
  })
})
