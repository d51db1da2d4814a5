import assert from 'node:assert/strict'
import { it } from 'node:test'
import { fieldOf, type TableColumn, tableColumn } from 'netally'
import { chColumn, tabText, typeOf } from '../src/column.ts'
import { abilitiesOf } from '../src/server.ts'
import { addStatement, createStatement, engineOf, keyOf } from '../src/statements.ts'

const column = (name: string) => tableColumn(fieldOf(name)) as TableColumn
const OLD = abilitiesOf('18.16.1')
const NEW = abilitiesOf('24.8.4.13')
const wishes = {
  chosen: new Map<string, string>(),
  hasInet: true,
  isNullable: false,
  key: ['ip_src'],
  isAggregating: true,
}

it('types by the version of the server', () => {
  assert.equal(typeOf(column('ip_src'), NEW, wishes), 'IPv6')
  assert.equal(typeOf(column('ip_src'), OLD, wishes), 'String')
  assert.equal(typeOf(column('bytes'), NEW, wishes), 'SimpleAggregateFunction(sum, UInt64)')
  assert.equal(typeOf(column('timestamp_start'), OLD, { ...wishes, isAggregating: false }), 'Float64')
})

it('values as text of TabSeparated', () => {
  assert.equal(tabText(null, false), '\\N')
  assert.equal(tabText('a\\\tb\nc\0', false), 'a\\\\\\tb\\nc\\0')
  const list = chColumn(column('as_path'), 'Array(String)')
  assert.equal(tabText(list.form(["O'Hara\\", 7]) ?? null, true), "['O\\'Hara\\\\','7']")
  assert.equal(chColumn(column('ip_src'), 'IPv6').form('192.0.2.1'), '::ffff:192.0.2.1')
  assert.equal(chColumn(column('ip_proto'), 'UInt8').form('tcp'), 6)
  assert.equal(chColumn(column('bytes'), 'SimpleAggregateFunction(sum, UInt64)').form(2n ** 64n), undefined)
  assert.equal(chColumn(column('bytes'), 'Nullable(UInt64)').absent, null)
  assert.equal(chColumn(column('bytes'), 'UInt64').absent, 0)
})

it('what an engine cannot merge is part of its key', () => {
  const columns = ['ip_src', 'bytes', 'tcp_flags'].map(column)
  assert.equal(engineOf(['ip_src'], 'add', OLD), 'SummingMergeTree')
  assert.deepEqual(keyOf(columns, ['ip_src'], 'SummingMergeTree'), ['ip_src', 'tcp_flags'])
  assert.deepEqual(keyOf(columns, ['ip_src'], engineOf(['ip_src'], 'add', NEW)), ['ip_src'])
  assert.equal(engineOf([], 'add', NEW), 'MergeTree')
})

it('tables remember tokens where the server can', () => {
  const columns = [chColumn(column('ip_src'), 'IPv6'), chColumn(column('stamp_inserted'), "DateTime('UTC')")]
  const making = { table: 't', columns, key: ['ip_src'], engine: 'MergeTree', chosenEngine: undefined } as const
  assert.match(createStatement({ ...making, can: NEW }), /SETTINGS non_replicated_deduplication_window/)
  assert.match(
    createStatement({ ...making, can: OLD }),
    /PARTITION BY toYYYYMM\(`stamp_inserted`\) ORDER BY \(`ip_src`\)$/,
  )
  const added = chColumn(column('as_src'), 'UInt64')
  assert.equal(
    addStatement('t', added, 'ip_src'),
    'ALTER TABLE `t` ADD COLUMN `as_src` UInt64, MODIFY ORDER BY (ip_src, `as_src`)',
  )
})
