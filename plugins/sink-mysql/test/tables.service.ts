// Tables of sink-mysql on the real server: equal to SQLite's, types, new fields, keys, names, connections.
import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import type { NetRecord } from '../../../src/contract/record.ts'
import { netally, scratch } from '../../../test/support/cli.ts'
import { testRecord } from '../../../test/support/sink-compliance.ts'
import { assertSameRows, ndjson, sqliteRows, succeeded, tableInput } from '../../../test/support/table-sums.ts'
import { type Mariadb, mariadb, readRows, skip } from './server.ts'

const INPUT = tableInput(3000)

describe('tables of sink-mysql', { skip }, () => {
  let server: Mariadb
  const stopped: (() => void | Promise<void>)[] = []
  before(async () => {
    server = await mariadb({ after: end => void stopped.push(end) })
  })
  after(async () => {
    for (const end of stopped) await end()
  })

  const sink = async (records: readonly NetRecord[], ...more: readonly string[]) =>
    netally([...server.words, ...more], ndjson(records), { env: { ...process.env, ...server.env } })
  const ask = async (sql: string) => (await server.query(sql)).trim()
  const typesOf = (table: string) =>
    ask(`select concat(column_name, ' ', column_type) from information_schema.columns
      where table_name = '${table}' order by column_name`)

  for (const merge of ['add', 'replace', 'ignore']) {
    it(`equal to sink-sqlite, --merge ${merge}`, async context => {
      succeeded(await sink(INPUT, '--table', `sums_${merge}`, '--merge', merge, '--batch', '700'))
      const theirs = await sqliteRows(context, INPUT, '--merge', merge)
      assertSameRows(await readRows(server, `sums_${merge}`), theirs)
    })
  }

  it('types', async () => {
    const record = { ...testRecord(0), mac_src: '02:00:00:00:00:01', unknown: { a: [1] }, bytes_max: 5 }
    succeeded(await sink([record], '--table', 'types', '--type', 'label=varchar(200)', '--addresses', 'inet6'))
    assert.equal(
      await typesOf('types'),
      [
        'as_path longtext',
        'bytes decimal(20,0) unsigned',
        'bytes_max decimal(38,6)',
        'ip_dst inet6',
        'ip_proto varchar(32)',
        'ip_src inet6',
        'label varchar(200)',
        'mac_src char(17)',
        'packets decimal(20,0) unsigned',
        'port_dst bigint(20) unsigned',
        'row_key binary(20)',
        'stamp_inserted datetime(6)',
        'tag bigint(20) unsigned',
        'unknown longtext',
      ].join('\n'),
    )
  })

  it('addresses as octets', async () => {
    succeeded(await sink([testRecord(3)], '--table', 'octets', '--addresses', 'binary'))
    assert.equal(await ask('select hex(ip_src), hex(ip_dst) from octets'), 'C0000203\t20010DB8000000000000000000000001')
    const [row] = await readRows(server, 'octets')
    assert.equal(row?.ip_src, '192.0.2.3')
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
    await ask('create table keyed (ip_src varchar(45) not null, packets bigint, bytes bigint, primary key (ip_src))')
    const words = ['--table', 'keyed', '--fields', 'ip_src,packets,bytes']
    succeeded(await sink([testRecord(1), testRecord(1)], ...words))
    succeeded(await sink([testRecord(1)], ...words))
    assert.equal(await ask('select packets, bytes from keyed'), `3\t${3 * 101}`)
    const other = await sink([testRecord(1)], ...words, '--key', 'ip_src,ip_dst')
    assert.equal(other.status, 1)
    assert.match(other.stderr, /mysql\/other-key/)
    await ask('create table bare (ip_src varchar(45), packets bigint)')
    assert.match((await sink([testRecord(1)], '--table', 'bare')).stderr, /mysql\/no-key/)
  })

  it('a number that does not fit is refused, the rest of the batch is stored', async () => {
    const records = [testRecord(1), { ...testRecord(2), tag: 2n ** 64n }, testRecord(3)]
    const { status, stderr } = await sink(records, '--table', 'fits')
    assert.equal(status, 1)
    assert.match(stderr, /refused 1 of 3 records: tag: 18446744073709551616 is no bigint/)
    assert.equal(await ask('select count(*) from fits'), '2')
  })

  it('a value that only the server refuses is found among the others', async () => {
    await ask('create table narrow (label varchar(3), tag bigint primary key)')
    const records = Array.from({ length: 100 }, (_, tag) => ({ tag, label: tag === 66 ? 'long' : 'abc' }))
    const { stderr } = await sink(records, '--table', 'narrow')
    assert.match(stderr, /refused 1 of 100 records: Data too long/)
    assert.equal(await ask('select count(*), sum(tag = 66) from narrow'), '99\t0')
  })

  it('a table a day, by the time of the record', async () => {
    const records = [0, 1, 2].map(day => ({ ...testRecord(day), stamp_inserted: 1_764_000_000 + 86_400 * day }))
    succeeded(await sink(records, '--table', 'day_%Y%m%d', '--every', '1d'))
    assert.equal(
      await ask(
        "select group_concat(table_name order by 1 separator ' ') from information_schema.tables where table_name like 'day%'",
      ),
      'day_20251124 day_20251125 day_20251126',
    )
  })

  it('by the unix socket', async () => {
    const socket = join(server.folder, 'socket')
    const words = [
      'sink-mysql',
      '--socket',
      socket,
      '--database',
      'netally',
      '--user',
      'netally',
      '--table',
      'by_socket',
    ]
    succeeded(await netally(words, ndjson([testRecord(1)]), { env: { ...process.env, ...server.env } }))
    assert.equal(await ask('select count(*) from by_socket'), '1')
  })

  it('a password in a file; MYSQL_PWD; a wrong password ends the command', async context => {
    const file = join(scratch(context), 'password')
    writeFileSync(file, `${server.credentials?.password}\n`)
    const words = [...server.words, '--table', 'logged_in']
    const env = (password: string | undefined) => ({
      env: { ...process.env, MYSQL_PWD: password, NETALLY_MYSQL_PASSWORD: undefined },
    })
    succeeded(await netally([...words, '--password-file', file], ndjson([testRecord(1)]), env(undefined)))
    succeeded(await netally(words, ndjson([testRecord(2)]), env(server.credentials?.password)))
    const wrong = await netally(words, ndjson([testRecord(3)]), env('wrong'))
    assert.equal(wrong.status, 1)
    assert.match(wrong.stderr, /mysql\/refused/)
    assert.equal(await ask('select count(*) from logged_in'), '2')
  })

  it('a batch that comes again is not stored again; its mark is forgotten after --remember', async () => {
    succeeded(await sink([testRecord(1)], '--table', 'marked'))
    assert.notEqual(await ask('select count(*) from netally_batches'), '0')
    succeeded(await sink([testRecord(1)], '--table', 'marked', '--remember', '1ms'))
    succeeded(await sink([testRecord(1)], '--table', 'marked', '--remember', '1ms'))
    assert.equal(await ask('select count(*) from netally_batches'), '1')
    succeeded(await sink([testRecord(1)], '--table', 'unmarked', '--remember', '0s'))
    assert.equal(await ask('select count(*) from netally_batches'), '1')
  })
})

describe('connections of sink-mysql', { skip }, () => {
  it('TLS, verified by the given authority and by no other', async context => {
    const server = await mariadb(context, { tls: true })
    const options = { env: { ...process.env, ...server.env } }
    const words = [...server.words, '--tls-ca', server.certificates?.ca ?? '']
    succeeded(await netally(words, ndjson([testRecord(1)]), options))
    const strange = await netally([...server.words, '--tls', '--give-up-after', '1s'], ndjson([testRecord(1)]), options)
    assert.equal(strange.status, 1)
    assert.match(strange.stderr, /certificate/)
    assert.equal((await server.query('select count(*) from acct')).trim(), '1')
  })
})
