import assert from 'node:assert/strict'
import { it } from 'node:test'
import { fieldOf, type TableColumn, tableColumn } from 'netally'
import { formFor, literal, mergeExpression, myColumn, quotedText, typeOf } from '../src/column.ts'
import { compatColumns } from '../src/pmacct.ts'
import { createStatement, insertParts } from '../src/statements.ts'

const column = (name: string) => tableColumn(fieldOf(name)) as TableColumn
const made = (name: string) => myColumn(column(name), typeOf(column(name), new Map(), 'text'))

it('nothing gets out of a literal', () => {
  assert.equal(quotedText("O'Hara\\"), "'O\\'Hara\\\\'")
  assert.equal(quotedText('a\nb\0\x1a'), "'a\\nb\\0\\Z'")
  assert.equal(literal({ isPacked: true }, '192.0.2.1'), "INET6_ATON('192.0.2.1')")
  assert.equal(literal({ isPacked: false }, 2n ** 64n), '18446744073709551616')
  assert.equal(literal({ isPacked: false }, null), 'NULL')
})

it('a value goes into the type that the column has', () => {
  assert.equal(formFor(column('port_src'), 'smallint(5) unsigned')(65_535), 65_535)
  assert.equal(formFor(column('port_src'), 'smallint(6)')(65_535), undefined)
  assert.equal(formFor(column('tag'), 'bigint unsigned')(2n ** 64n - 1n), 2n ** 64n - 1n)
  assert.equal(formFor(column('bytes'), 'decimal(20,0) unsigned')(10n ** 20n), undefined)
  assert.equal(formFor(column('ip_src'), 'inet6')('192.0.2.1'), '::ffff:192.0.2.1')
  assert.equal(formFor(column('ip_proto'), 'tinyint unsigned')('udp'), 17)
})

it('the key is a hash behind the bin, whatever its columns', () => {
  const columns = [made('ip_src'), made('as_path'), made('bytes')]
  assert.match(
    createStatement('t', columns, ['ip_src', 'as_path']),
    /`row_key` binary\(20\) NOT NULL PRIMARY KEY COMMENT 'netally: bin and MD5 of ip_src,as_path'/,
  )
  assert.doesNotMatch(createStatement('t', columns, []), /row_key/)
  const parts = { table: 't', columns, key: ['ip_src', 'as_path'], isHashed: true }
  assert.match(insertParts({ ...parts, merge: 'add' })[1], /^ ON DUPLICATE KEY UPDATE `bytes` = COALESCE\(/)
  assert.match(insertParts({ ...parts, merge: 'ignore' })[1], /`row_key` = `row_key`$/)
  assert.match(mergeExpression(column('tcp_flags')), /`tcp_flags` \| VALUES\(`tcp_flags`\)/)
})

it("pmacct's columns", () => {
  const names = (name: string) => compatColumns(column(name), false).map(each => each.name)
  assert.deepEqual(names('timestamp_end'), ['timestamp_end', 'timestamp_end_residual'])
  assert.deepEqual(names('class'), ['class_id'])
  assert.equal(compatColumns(column('ip_dst'), false)[0]?.absent, '0.0.0.0')
})
