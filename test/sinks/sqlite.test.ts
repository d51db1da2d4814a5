import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, test } from 'node:test'
import { type Problem, ProblemError } from '../../src/contract/problem.ts'
import { type NetRecord, recordBatch, type Stream } from '../../src/contract/record.ts'
import { ColumnBatch, EVERY_ROW } from '../../src/fields/batch.ts'
import { makeColumn, putValue } from '../../src/fields/column.ts'
import { fieldOf } from '../../src/fields/dictionary.ts'
import { inKeyOrder } from '../../src/sinks/sqlite/key-order.ts'
import { SQLITE_DEFAULTS, type SqliteOptions, sqlite } from '../../src/sinks/sqlite.ts'
import { batchesOf, streamOf, TestHost } from '../support/test-host.ts'

const T0 = Date.UTC(2026, 10, 23, 8) / 1000

let folder: string
let file: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sqlite-'))
  file = join(folder, 'a.db')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

async function run(input: Stream, options: Partial<SqliteOptions> = {}, host = new TestHost()): Promise<TestHost> {
  await sqlite.drain(input, { ...SQLITE_DEFAULTS, file, ...options }, host)
  return host
}

function query(text: string): unknown[] {
  const database = new DatabaseSync(file)
  const statement = database.prepare(text)
  statement.setReadBigInts(true)
  const rows = statement.all().map(row => ({ ...row }))
  database.close()
  return rows
}
const rows = (records: NetRecord[], size?: number) => streamOf(records, size)

async function problemOf(work: Promise<unknown>): Promise<Problem> {
  try {
    await work
  } catch (error) {
    if (error instanceof ProblemError) return error.problem
    throw error
  }
  throw new Error('nothing went wrong')
}

describe('values', () => {
  test('each type has its column, integers are exact', async () => {
    const host = await run(
      rows([
        {
          tag: 2n ** 63n - 1n,
          tag2: 2n ** 64n - 1n,
          class: 'tls',
          mac_src: '00:11:22:33:44:55',
          comms: ['1:2'],
          ip_src: '192.0.2.1',
          lat_ip_src: 52.5,
          timestamp_start: T0 + 0.25,
          stamp_inserted: T0,
          ip_proto: 'tcp',
          bytes: 9007199254740993n,
          mine: 'free "text"',
          own: 7,
          deep: { a: [1] },
        },
      ]),
    )
    assert.deepEqual(query('SELECT *, typeof(own) FROM acct'), [
      {
        tag: 9223372036854775807n,
        tag2: new TextEncoder().encode('18446744073709551615'),
        class_id: 'tls',
        mac_src: '00:11:22:33:44:55',
        comms: '["1:2"]',
        ip_src: '192.0.2.1',
        lat_ip_src: 52.5,
        timestamp_start: '2026-11-23 08:00:00.250000',
        stamp_inserted: '2026-11-23 08:00:00',
        ip_proto: 'tcp',
        bytes: 9007199254740993n,
        mine: 'free "text"',
        own: 7n,
        deep: '{"a":[1]}',
        'typeof(own)': 'integer',
      },
    ])
    assert.equal(host.counters.values_over_int64, 1)
    assert.equal(host.counters.out, 1)
  })

  test('times as seconds when asked', async () => {
    await run(rows([{ timestamp_start: T0 + 0.25, stamp_inserted: T0 }]), { times: 'epoch' })
    assert.deepEqual(query('SELECT timestamp_start, stamp_inserted FROM acct'), [
      { timestamp_start: T0 + 0.25, stamp_inserted: BigInt(T0) },
    ])
  })

  test('columns that come from a decoder give what records give', async () => {
    const fields = ['ip_src', 'ip_proto', 'port_src', 'timestamp_start', 'bytes'].map(fieldOf)
    const records: NetRecord[] = [
      { ip_src: '192.0.2.1', ip_proto: 'tcp', port_src: 1, timestamp_start: T0 + 0.5, bytes: 2n ** 60n },
      { ip_src: '2001:db8::1', ip_proto: '250', bytes: 3 },
    ]
    const columns = fields.map(field => {
      const column = makeColumn(field)
      for (const [row, record] of records.entries()) putValue(field, column, row, record[field.name])
      return column
    })
    const batch = () => new ColumnBatch({ fields }, columns, EVERY_ROW, 2, 0)
    await run(batchesOf(...Array.from({ length: 300 }, batch)))
    const sums = query('SELECT * FROM acct ORDER BY ip_src')
    rmSync(file)
    await run(rows(Array.from({ length: 300 }, () => records).flat(), 100))
    assert.deepEqual(query('SELECT * FROM acct ORDER BY ip_src'), sums)
    assert.equal(sums.length, 2)
  })
})

describe('merging', () => {
  const records: NetRecord[] = [
    { stamp_inserted: T0, as_src: 1, tcp_flags: 2, timestamp_min: T0 + 5, timestamp_max: T0 + 6, bytes: 10 },
    { stamp_inserted: T0, as_src: 1, tcp_flags: 16, timestamp_min: T0 + 4, timestamp_max: T0 + 5, bytes: 5 },
    { stamp_inserted: T0, tcp_flags: 1 },
    { stamp_inserted: T0, bytes: 1 },
    { stamp_inserted: T0 + 60, as_src: 1, bytes: 1 },
  ]
  const wanted = [
    { as_src: 0n, tcp_flags: 1n, timestamp_min: null, bytes: 1n },
    { as_src: 1n, tcp_flags: 18n, timestamp_min: '2026-11-23 08:00:04', bytes: 15n },
    { as_src: 1n, tcp_flags: null, timestamp_min: null, bytes: 1n },
  ]
  const table = () => query('SELECT as_src, tcp_flags, timestamp_min, bytes FROM acct ORDER BY stamp_inserted, as_src')

  test('counters add up, flags are ORed, times keep the least; a key that is absent is a key', async () => {
    for (const [size, commitRows] of [
      [5, 100],
      [1, 100],
      [2, 1],
    ]) {
      await run(rows(records, size), { commitRows: commitRows as number })
      assert.deepEqual(table(), wanted)
      rmSync(file)
    }
  })

  test('a second run adds, replaces or changes nothing', async () => {
    await run(rows(records))
    await run(rows([records[4] as NetRecord]))
    assert.equal((table()[2] as { bytes: bigint }).bytes, 2n)
    await run(rows([records[4] as NetRecord]), { merge: 'ignore' })
    assert.equal((table()[2] as { bytes: bigint }).bytes, 2n)
    await run(rows([records[4] as NetRecord]), { merge: 'replace' })
    assert.deepEqual(table(), wanted)
  })

  test('without a key every record is a row', async () => {
    await run(rows([{ bytes: 1 }, { bytes: 1 }]), { key: [] })
    assert.equal(query('SELECT * FROM acct').length, 2)
  })

  test('--key takes pmacct names, other fields keep their last value', async () => {
    await run(
      rows([
        { as_src: 1, port_src: 5, bytes: 1 },
        { as_src: 1, port_src: 6, bytes: 1 },
        { as_src: 1, bytes: 1 },
      ]),
      { key: ['src_as'] },
    )
    assert.deepEqual(query('SELECT * FROM acct'), [{ as_src: 1n, port_src: 6n, bytes: 3n }])
  })
})

describe('the table', () => {
  test('is made from the first 500 records; later fields become columns that are no key', async () => {
    const records: NetRecord[] = Array.from({ length: 600 }, (_, index) => ({ as_src: index % 7, bytes: 1 }))
    ;(records[499] as NetRecord).as_dst = 9
    ;(records[500] as NetRecord).port_src = 8
    for (const size of [1, 300, 500]) {
      await run(rows(records, size))
      const key = query("SELECT name FROM pragma_table_info('acct') WHERE pk > 0 ORDER BY pk")
      assert.deepEqual(key, [{ name: 'as_src' }, { name: 'as_dst' }])
      assert.deepEqual(query('SELECT sum(bytes) AS bytes, max(port_src) AS port FROM acct'), [
        { bytes: 600n, port: 8n },
      ])
      rmSync(file)
    }
  })

  test('its name follows the time', async () => {
    await run(rows([0, 3600, 86_400, 10].map(seconds => ({ stamp_inserted: T0 + seconds, bytes: 1 }))), {
      table: 'acct_%Y%m%d',
      everyMs: 86_400_000,
    })
    assert.deepEqual(
      query('SELECT (SELECT count(*) FROM acct_20261123) AS a, (SELECT count(*) FROM acct_20261124) AS b'),
      [{ a: 3n, b: 1n }],
    )
  })

  test('a name that is no name is refused', async () => {
    for (const table of ['a b', 'a"; DROP TABLE x; --', 'sqlite_x', '1a', 'x_$tag', '']) {
      assert.match((await problemOf(run(rows([]), { table }))).code, /^usage\//, table)
    }
    assert.ok(!existsSync(file))
  })

  test('with another key: what is different', async () => {
    await run(rows([{ as_src: 1, as_dst: 2, bytes: 1 }]))
    const host = new TestHost()
    const problem = await problemOf(run(rows([{ as_src: 1, port_src: 2, bytes: 1 }]), {}, host))
    assert.equal(problem.code, 'sqlite/other-key')
    assert.match(problem.message, /also have port_src; the records lack as_dst/)
    assert.equal(host.counters['dropped/not-written'], 1)
  })

  test('made by somebody else, with the same key and more columns, is used', async () => {
    const database = new DatabaseSync(file)
    database.exec('CREATE TABLE acct (AS_SRC INT, note TEXT, bytes INT NOT NULL, PRIMARY KEY (as_src))')
    database.close()
    await run(
      rows([
        { as_src: 1, bytes: 1, packets: 4 },
        { as_src: 1, bytes: 2 },
      ]),
    )
    assert.deepEqual(query('SELECT as_src AS a, note, bytes, packets FROM acct'), [
      { a: 1n, note: null, bytes: 3n, packets: 4n },
    ])
  })

  test('a field whose name cannot be a column is left out and reported', async () => {
    const host = await run(rows([{ 'x" TEXT); --': 1, Bytes: 2, bytes: 3 }]))
    assert.deepEqual(host.codes, ['sqlite/no-column', 'sqlite/no-column'])
    assert.deepEqual(query('SELECT * FROM acct'), [{ bytes: 3n }])
  })
})

describe('what goes wrong', () => {
  test('a file that is no database', async () => {
    writeFileSync(
      file,
      'this is text, and long enough to be read as the header of a database file by mistake. '.repeat(20),
    )
    assert.equal((await problemOf(run(rows([{ bytes: 1 }])))).code, 'sqlite/not-a-database')
  })

  test('a folder that is not there', async () => {
    assert.equal((await problemOf(run(rows([]), { file: join(folder, 'no', 'a.db') }))).code, 'sqlite/cannot-open')
  })

  test('a locked database is tried again until the lock is gone', async () => {
    await run(rows([{ bytes: 1 }]), { key: [] })
    const other = new DatabaseSync(file)
    async function* input(): Stream {
      yield recordBatch([{ bytes: 2 }], 0)
      other.exec('BEGIN IMMEDIATE')
      setTimeout(() => other.exec('COMMIT'), 300)
    }
    const host = await run(input(), { key: [] })
    assert.ok((host.counters.retries as number) > 0)
    assert.deepEqual(query('SELECT sum(bytes) AS bytes FROM acct'), [{ bytes: 3n }])
    other.close()
  })

  test('a lock that stays: the records are counted as lost', async () => {
    await run(rows([{ bytes: 1 }]), { key: [] })
    const other = new DatabaseSync(file)
    const host = new TestHost()
    async function* input(): Stream {
      yield recordBatch([{ bytes: 2 }, { bytes: 3 }], 0)
      other.exec('BEGIN IMMEDIATE')
    }
    const problem = await problemOf(run(input(), { key: [], busyMs: 100 }, host))
    assert.equal(problem.code, 'sqlite/locked')
    assert.equal(host.counters['dropped/not-written'], 2)
    other.close()
  })
})

test('key order: numbers, texts and bins, equal keys as they came', () => {
  const made = Array.from(
    { length: 3000 },
    (_, index) => [`2026-${index % 3}`, (index * 7919) % 50, `10.0.${index % 256}.1`, index] as const,
  )
  const sorted = inKeyOrder(made, [0, 1, 2])
  const plain = [...made].sort((a, b) =>
    a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : a[1] - b[1] || (a[2] < b[2] ? -1 : a[2] > b[2] ? 1 : a[3] - b[3]),
  )
  assert.deepEqual(sorted, plain)
  assert.deepEqual(
    inKeyOrder(
      [
        ['b', 2],
        ['a', 3],
        ['b', 1],
      ],
      [0],
    ),
    [
      ['a', 3],
      ['b', 2],
      ['b', 1],
    ],
  )
})
