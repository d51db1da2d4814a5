import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Rejected } from '../../src/contract/backend.ts'
import type { NetRecord } from '../../src/contract/record.ts'
import { fieldOf } from '../../src/fields/dictionary.ts'
import { addressCell, INT64, numberCell, textCell, timeCell, UINT64 } from '../../src/sinks/table/cells.ts'
import { byTable } from '../../src/sinks/table/intake.ts'
import { tableNames } from '../../src/sinks/table/names.ts'
import { keyColumns } from '../../src/sinks/table/pmacct.ts'
import { mergedRows, rowKey, type StoredColumn, storeApart, tableRows } from '../../src/sinks/table/rows.ts'
import { TableSchema } from '../../src/sinks/table/schema.ts'
import { type TableColumn, tableColumn } from '../../src/sinks/table-column.ts'
import { TestHost } from '../support/test-host.ts'

const stored = (name: string, form = textCell): StoredColumn => ({
  ...(tableColumn(fieldOf(name)) as TableColumn),
  stored: 'whatever',
  form,
  absent: null,
})
const COLUMNS = [stored('ip_src', addressCell), stored('bytes', UINT64), stored('timestamp_min', timeCell())].concat([
  stored('tcp_flags', INT64),
  stored('label'),
])
const rowsOf = (records: readonly NetRecord[], rejected: Rejected[] = []) =>
  tableRows(
    records.map((record, index) => ({ index, record })),
    COLUMNS,
    rejected,
  )

describe('cells', () => {
  it('whole numbers are exact or none', () => {
    assert.equal(INT64(2n ** 63n - 1n), 2n ** 63n - 1n)
    assert.equal(INT64(2n ** 63n), undefined)
    assert.equal(UINT64(-1), undefined)
    assert.equal(UINT64(1.5), undefined)
    assert.equal(UINT64(2 ** 60), 2n ** 60n)
    assert.equal(UINT64('12'), 12n)
    assert.equal(UINT64('x'), undefined)
    assert.equal(numberCell(Number.NaN), undefined)
  })

  it('texts without NUL, times with microseconds', () => {
    assert.equal(textCell('a\0'), undefined)
    assert.equal(textCell({ a: [1] }), '{"a":[1]}')
    const time = timeCell()
    assert.equal(time(1_764_000_000.25), '2025-11-24 16:00:00.250000')
    assert.equal(time('yesterday'), undefined)
  })
})

describe('rows of one key', () => {
  const records = [
    { ip_src: '192.0.2.1', bytes: 2n ** 53n + 1n, timestamp_min: 20.5, tcp_flags: 2 },
    { ip_src: '192.0.2.1', bytes: 2, timestamp_min: 20, tcp_flags: 16, label: 'x' },
    { bytes: 1 },
    { bytes: 1, label: 'y' },
  ]

  it('are added up', () => {
    const merged = mergedRows(rowsOf(records), COLUMNS, [0], 'add')
    assert.deepEqual(merged, [
      { cells: ['192.0.2.1', 2n ** 53n + 3n, '1970-01-01 00:00:20', 18, 'x'], from: [0, 1] },
      { cells: [null, 2, null, null, 'y'], from: [2, 3] },
    ])
  })

  it('the last replaces, or the first stays', () => {
    const cells = (merge: 'replace' | 'ignore') => mergedRows(rowsOf(records), COLUMNS, [0], merge)[0]?.cells
    assert.deepEqual(cells('replace'), ['192.0.2.1', 2, '1970-01-01 00:00:20', 16, 'x'])
    assert.deepEqual(cells('ignore'), ['192.0.2.1', 2n ** 53n + 1n, '1970-01-01 00:00:20.500000', 2, null])
  })

  it('stay apart without a key', () => {
    assert.equal(mergedRows(rowsOf(records), COLUMNS, [], 'add').length, 4)
  })

  it('a hash is of the names and values that are there', () => {
    const key = rowKey(COLUMNS, [4, 0])
    const [first, second] = rowsOf([
      { ip_src: '192.0.2.1', bytes: 1 },
      { ip_src: '192.0.2.1', bytes: 2 },
    ])
    const [other] = rowsOf([{ label: '192.0.2.1' }])
    assert.ok(first && second && other)
    assert.equal(key(first), key(second))
    assert.notEqual(key(first), key(other))
    assert.equal(key(first), 'bb10ff6f566f84655811fdbcc3f3ce95')
  })
})

it('a value that is no cell is told with its field', () => {
  const rejected: Rejected[] = []
  assert.equal(rowsOf([{ bytes: 1 }, { bytes: 'many', ip_src: 'here' }], rejected).length, 1)
  assert.deepEqual(rejected, [{ index: 1, reason: 'ip_src: "here" is no whatever' }])
})

it('what the database refuses is found by halves', async () => {
  const rows = rowsOf(Array.from({ length: 100 }, (_, bytes) => ({ bytes })))
  const stored: unknown[] = []
  const rejected: Rejected[] = []
  const attempt = async (some: typeof rows) => {
    if (some.some(({ cells }) => cells[1] === 33 || cells[1] === 99)) throw new Error('bad')
    stored.push(...some.map(({ cells }) => cells[1]))
  }
  await storeApart(rows, attempt as never, error => (error as Error).message, rejected)
  assert.deepEqual(rejected, [
    { index: 33, reason: 'bad' },
    { index: 99, reason: 'bad' },
  ])
  assert.equal(stored.length, 98)
  const broken = storeApart(rows, attempt as never, () => undefined, rejected)
  await assert.rejects(broken, /bad/)
})

describe('tables', () => {
  it('are named by the time of the record', () => {
    const names = tableNames({ template: 'acct_%Y%m%d', everyMs: 86_400_000, localTime: false })
    assert.equal(names.of({ stamp_inserted: 86_400 }, 0), 'acct_19700102')
    assert.equal(names.of({}, 2 * 86_400_000), 'acct_19700103')
    assert.equal(names.fixed, undefined)
    for (const template of ['a b', 'acct"', '$ip_src', '1st', '%Q']) {
      assert.throws(() => tableNames({ template, everyMs: 0, localTime: false }))
    }
  })

  it('have the columns of the records, and the key of the first', () => {
    const schema = new TableSchema({ fields: undefined, key: undefined })
    schema.take([{ bytes: 1, ip_src: '192.0.2.1', stamp_inserted: 0 }])
    schema.take([{ port_src: 1, 'a-b': 1 }])
    assert.deepEqual(schema.key, ['stamp_inserted', 'ip_src'])
    assert.deepEqual(
      new Set(schema.columns.map(({ name }) => name)),
      new Set(['bytes', 'ip_src', 'stamp_inserted', 'port_src']),
    )
  })

  it('have the columns of a chosen key from the start', () => {
    const schema = new TableSchema({ fields: undefined, key: [fieldOf('ip_src'), fieldOf('as_src')] })
    schema.take([{ bytes: 1, ip_src: '192.0.2.1' }])
    assert.deepEqual(schema.key, ['ip_src', 'as_src'])
    assert.ok(schema.columns.some(({ name }) => name === 'as_src'))
  })

  it('have no markers in them', () => {
    const host = new TestHost()
    const names = tableNames({ template: 'acct', everyMs: 0, localTime: false })
    const schema = new TableSchema({ fields: undefined, key: undefined })
    const records = [{ event_type: 'purge_init' }, { bytes: 1 }]
    const groups = byTable({ records, takenMs: 0 }, names, schema, host)
    assert.deepEqual(groups.get('acct'), [{ index: 1, record: { bytes: 1 } }])
  })

  it("pmacct's times are keys", () => {
    const columns = ['ip_src', 'timestamp_start', 'bytes'].map(name => tableColumn(fieldOf(name)) as TableColumn)
    const names = (isCompat: boolean) =>
      keyColumns(columns, ['ip_src'], { isCompat, isChosen: false }).map(({ name }) => name)
    assert.deepEqual(names(true), ['ip_src', 'timestamp_start'])
    assert.deepEqual(names(false), ['ip_src'])
  })
})
