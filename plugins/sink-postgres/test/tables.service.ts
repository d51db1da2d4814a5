// Tables of sink-postgres on the real server: equal to SQLite's, types, new fields, keys, names, connections.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { fieldOf, TableSchema } from 'netally'
import type { NetRecord } from '../../../src/contract/record.ts'
import { missingPrograms } from '../../../test/services/servers/programs.ts'
import { netally, scratch } from '../../../test/support/cli.ts'
import { testRecord } from '../../../test/support/sink-compliance.ts'
import { assertSameRows, ndjson, sqliteRows, succeeded, tableInput } from '../../../test/support/table-sums.ts'
import { pgColumn, typeOf } from '../src/column.ts'
import { createStatements } from '../src/statements.ts'
import { type Postgres, postgres, readRows } from './server.ts'

const skip = missingPrograms('postgresql', '/usr/lib/postgresql/*/bin/postgres', 'psql')?.skipped ?? false
const INPUT = tableInput(3000)
const INPUT_FIELDS = [...new Set(INPUT.flatMap(Object.keys))].map(fieldOf)
const TIMES = ['stamp_inserted', 'timestamp_min', 'timestamp_max']

describe('tables of sink-postgres', { skip }, () => {
  let server: Postgres
  const stopped: (() => void | Promise<void>)[] = []
  before(async () => {
    server = await postgres({ after: end => void stopped.push(end) })
  })
  after(async () => {
    for (const end of stopped) await end()
  })

  const sink = async (records: readonly NetRecord[], ...more: readonly string[]) =>
    netally([...server.words, ...more], ndjson(records), { env: { ...process.env, ...server.env } })
  const ask = async (sql: string) => (await server.query(sql)).trim()
  const typesOf = (table: string) =>
    ask(`select string_agg(attname || ' ' || format_type(atttypid, atttypmod), E'\\n' order by attname)
      from pg_attribute where attrelid = '${table}'::regclass and attnum > 0`)

  for (const merge of ['add', 'replace', 'ignore']) {
    it(`equal to sink-sqlite, --merge ${merge}`, async context => {
      succeeded(await sink(INPUT, '--table', `sums_${merge}`, '--merge', merge, '--batch', '700'))
      const theirs = await sqliteRows(context, INPUT, '--merge', merge)
      assertSameRows(await readRows(server, `sums_${merge}`, TIMES), theirs)
    })
  }

  it("PostgreSQL's own types", async () => {
    const record = { ...testRecord(0), mac_src: '02:00:00:00:00:01', ip_prefix: '2001:db8::/32', unknown: { a: [1] } }
    succeeded(await sink([record], '--table', 'types', '--type', 'tag=numeric(20)'))
    assert.equal(
      await typesOf('types'),
      [
        'label text',
        'ip_src inet',
        'ip_dst inet',
        'port_dst bigint',
        'ip_proto text',
        'mac_src macaddr',
        'tag numeric(20,0)',
        'as_path text[]',
        'packets numeric(20,0)',
        'bytes numeric(20,0)',
        'stamp_inserted timestamp with time zone',
        'ip_prefix cidr',
        'unknown jsonb',
        'row_key uuid',
      ]
        .sort()
        .join('\n'),
    )
  })

  it('columns for fields that come later; rows before have nothing there', async () => {
    const first = testRecord(1)
    succeeded(await sink([first], '--table', 'later'))
    succeeded(await sink([{ ...testRecord(2), as_src: 64_500 }], '--table', 'later'))
    const rows = await readRows(server, 'later')
    assert.deepEqual(rows.map(row => [row.tag, row.as_src]).sort(), [
      [1, undefined],
      [2, 64_500],
    ])
  })

  it('the key of a table that is there is used; another --key is refused', async () => {
    await ask('create table keyed (ip_src inet not null, packets bigint, bytes bigint, primary key (ip_src))')
    const words = ['--table', 'keyed', '--fields', 'ip_src,packets,bytes']
    succeeded(await sink([testRecord(1), testRecord(1)], ...words))
    succeeded(await sink([testRecord(1)], ...words))
    assert.equal(await ask('select packets, bytes from keyed'), `3|${3 * 101}`)
    const other = await sink([testRecord(1)], ...words, '--key', 'ip_src,ip_dst')
    assert.equal(other.status, 1)
    assert.match(other.stderr, /postgres\/other-key/)
    await ask('create table bare (ip_src inet, packets bigint)')
    assert.match((await sink([testRecord(1)], '--table', 'bare')).stderr, /postgres\/no-key/)
  })

  it('a number that does not fit is refused, the rest of the batch is stored', async () => {
    const records = [testRecord(1), { ...testRecord(2), tag: 2n ** 63n }, testRecord(3)]
    const { status, stderr } = await sink(records, '--table', 'fits')
    assert.equal(status, 1)
    assert.match(stderr, /refused 1 of 3 records: tag: 9223372036854775808 is no bigint/)
    assert.equal(await ask('select count(*) from fits'), '2')
  })

  it('a value that only the server refuses is found among the others', async () => {
    await ask('create table narrow (label varchar(3), tag bigint primary key)')
    const records = Array.from({ length: 100 }, (_, tag) => ({ tag, label: tag === 66 ? 'long' : 'abc' }))
    const { stderr } = await sink(records, '--table', 'narrow')
    assert.match(stderr, /refused 1 of 100 records: value too long/)
    assert.equal(await ask('select count(*), bool_or(tag = 66) from narrow'), '99|f')
  })

  it('a table a day, by the time of the record', async () => {
    const records = [0, 1, 2].map(day => ({ ...testRecord(day), stamp_inserted: 1_764_000_000 + 86_400 * day }))
    succeeded(await sink(records, '--table', 'day_%Y%m%d', '--every', '1d'))
    assert.equal(
      await ask("select string_agg(relname, ' ' order by relname) from pg_class where relname ~ '^day_[0-9]+$'"),
      'day_20251124 day_20251125 day_20251126',
    )
  })

  it('before version 15 the index stands for absent values', async context => {
    const { columns } = new TableSchema({ fields: INPUT_FIELDS, key: undefined })
    const made = columns.map(column => pgColumn(column, typeOf(column, new Map())))
    const key = made.filter(({ role }) => role === 'key')
    await ask(createStatements('"public"."older"', made, key, 140_000).join(';'))
    assert.match(await ask("select indexdef from pg_indexes where tablename = 'older'"), /COALESCE\(ip_dst/)
    succeeded(await sink(INPUT, '--table', 'older', '--batch', '700'))
    assertSameRows(await readRows(server, 'older', TIMES), await sqliteRows(context, INPUT))
  })

  it('by the unix socket', async () => {
    const words = ['sink-postgres', '--socket', server.folder, '--user', 'postgres', '--table', 'by_socket']
    const port = { PGPORT: String(server.port) }
    succeeded(await netally(words, ndjson([testRecord(1)]), { env: { ...process.env, ...server.env, ...port } }))
    assert.equal(await ask('select count(*) from by_socket'), '1')
  })

  it('another schema; a password in a file; PGPASSWORD; a wrong password ends the command', async context => {
    await ask('create schema netflow')
    const file = join(scratch(context), 'password')
    writeFileSync(file, `${server.credentials?.password}\n`)
    const words = [...server.words, '--schema', 'netflow']
    const env = (password: string | undefined) => ({
      env: { ...process.env, PGPASSWORD: password, NETALLY_POSTGRES_PASSWORD: undefined },
    })
    succeeded(await netally([...words, '--password-file', file], ndjson([testRecord(1)]), env(undefined)))
    succeeded(await netally(words, ndjson([testRecord(2)]), env(server.credentials?.password)))
    const wrong = await netally(words, ndjson([testRecord(3)]), env('wrong'))
    assert.equal(wrong.status, 1)
    assert.match(wrong.stderr, /postgres\/refused/)
    assert.equal(await ask('select count(*) from netflow.acct'), '2')
  })

  it('a batch that comes again is not stored again; its mark is forgotten after --remember', async () => {
    succeeded(await sink([testRecord(1)], '--table', 'marked'))
    assert.notEqual(await ask('select count(*) from netally_batches'), '0')
    succeeded(await sink([testRecord(1)], '--table', 'marked', '--remember', '1ms'))
    succeeded(await sink([testRecord(1)], '--table', 'marked', '--remember', '1ms'))
    assert.equal(await ask('select count(*) from netally_batches'), '1')
    succeeded(await sink([testRecord(1)], '--schema', 'public', '--table', 'unmarked', '--remember', '0s'))
    assert.equal(await ask('select count(*) from netally_batches'), '1')
  })
})

describe('connections of sink-postgres', { skip }, () => {
  it('TLS, verified by the given authority and by no other', async context => {
    const server = await postgres(context, { tls: true })
    const options = { env: { ...process.env, ...server.env } }
    const words = [...server.words, '--tls-ca', server.certificates?.ca ?? '']
    succeeded(await netally(words, ndjson([testRecord(1)]), options))
    const strange = await netally([...server.words, '--tls', '--give-up-after', '1s'], ndjson([testRecord(1)]), options)
    assert.equal(strange.status, 1)
    assert.match(strange.stderr, /certificate/)
    assert.equal((await server.query('select count(*) from acct')).trim(), '1')
  })
})
