import assert from 'node:assert/strict'
import { it } from 'node:test'
import { fieldOf, type TableColumn, tableColumn } from 'netally'
import { copyText, mergeExpression, pgColumn, typeOf } from '../src/column.ts'
import { compatColumns } from '../src/pmacct.ts'
import { createStatements, needsHash } from '../src/statements.ts'

const column = (name: string) => tableColumn(fieldOf(name)) as TableColumn
const made = (name: string, type?: string) => pgColumn(column(name), type ?? typeOf(column(name), new Map()))

it('values as text of COPY', () => {
  assert.equal(copyText(null), '\\N')
  assert.equal(copyText('\\N'), '\\\\N')
  assert.equal(copyText('a\tb\nc\r\\'), 'a\\tb\\nc\\r\\\\')
  assert.equal(copyText(2n ** 63n), '9223372036854775808')
})

it('a value goes into the type that the column has', () => {
  assert.equal(made('ip_proto').form('tcp'), 'tcp')
  assert.equal(made('ip_proto', 'smallint').form('tcp'), 6)
  assert.equal(made('port_src', 'smallint').form(65_535), undefined)
  assert.equal(made('stamp_inserted', 'bigint').form(1_764_000_000.5), 1_764_000_000)
  assert.equal(made('stamp_inserted').form(1_764_000_000.5), '2025-11-24 16:00:00.500000')
  assert.equal(made('ip_src').form('fe80::1%eth0'), undefined)
  assert.equal(made('bytes').form(2n ** 64n), 2n ** 64n)
  assert.equal(made('as_path').form([64_500, 'a "b" \\', null]), '{"64500","a \\"b\\" \\\\",NULL}')
})

it('what aggregate makes of a field is a number', () => {
  assert.equal(made('bytes_max').stored, 'numeric')
  assert.match(mergeExpression(column('bytes_max')), /^coalesce\(greatest\(/)
  assert.equal(made('something_else').stored, 'jsonb')
})

it('absent values are equal in the key, in every version', () => {
  const columns = [made('ip_src'), made('bytes')]
  const key = columns.slice(0, 1)
  assert.match(createStatements('t', columns, key, 150_000).join(), /NULLS NOT DISTINCT/)
  assert.match(createStatements('t', columns, key, 140_000).join(), /coalesce\("ip_src", '0\.0\.0\.0\/0'::inet\)/)
})

it('a key that may be too wide is hashed', () => {
  assert.equal(needsHash([made('ip_src')]), false)
  assert.equal(needsHash([made('as_path')]), true)
  assert.match(createStatements('t', [made('as_path')], [made('as_path')], 150_000).join(), /"row_key" uuid/)
})

it("pmacct's columns: zeros for absent, times in two parts", () => {
  assert.deepEqual(
    compatColumns(column('timestamp_start'), false).map(({ name, form }) => [name, form(1_764_000_000.25)]),
    [
      ['timestamp_start', '2025-11-24 16:00:00'],
      ['timestamp_start_residual', 250_000],
    ],
  )
  assert.equal(compatColumns(column('class'), false)[0]?.name, 'class_id')
  assert.equal(compatColumns(column('ip_proto'), false)[0]?.form('udp'), 17)
  assert.equal(compatColumns(column('as_path'), false)[0]?.form([1, 2]), '1_2')
})
