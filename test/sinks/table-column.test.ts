import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fieldOf, fieldsOf } from '../../src/fields/dictionary.ts'
import { avroForm } from '../../src/sinks/avro-schema.ts'
import { SeenFields } from '../../src/sinks/seen-fields.ts'
import { fitsInt64, standardKey, tableColumns, timeText } from '../../src/sinks/table-column.ts'

const fields = (...words: string[]) => words.flatMap(fieldsOf)

describe('fields as columns', () => {
  it('names, roles and types; what cannot be a column', () => {
    const { columns, refused } = tableColumns(fields('ip_src', 'bytes', 'class', 'my field', 'rtt_max', 'Bytes'))
    assert.deepEqual(
      columns.map(({ name, role, type }) => [name, role, type]),
      [
        ['ip_src', 'key', 'address'],
        ['bytes', 'sum', 'counter'],
        ['class_id', 'key', 'text'],
        ['rtt_max', 'max', 'any'],
      ],
    )
    assert.deepEqual(
      refused.map(({ name }) => name),
      ['my field', 'Bytes'],
    )
  })

  it('the key: the bin, numbers, the rest; no counters', () => {
    const { columns } = tableColumns(fields('ip_src', 'src_as', 'bytes', 'stamp_inserted'))
    assert.deepEqual(
      standardKey(columns).map(({ name }) => name),
      ['stamp_inserted', 'as_src', 'ip_src'],
    )
  })

  it('whole numbers of 64 bits', () => {
    assert.ok(fitsInt64(2n ** 63n - 1n) && fitsInt64(-(2n ** 63n)) && fitsInt64(5))
    assert.ok(!fitsInt64(2n ** 63n) && !fitsInt64(1.5) && !fitsInt64(2 ** 63))
  })

  it('times as SQL has them', () => {
    assert.equal(timeText(1_764_000_000), '2025-11-24 16:00:00')
    assert.equal(timeText(1_764_000_000.25), '2025-11-24 16:00:00.250000')
    assert.equal(timeText(-1), undefined)
    assert.equal(timeText('x'), undefined)
  })

  it('fields as they come', () => {
    const seen = new SeenFields()
    assert.deepEqual(
      seen.add([{ bytes: 1, ip_src: 'x' }, { zzz: 1 }]).map(({ name }) => name),
      ['ip_src', 'bytes', 'zzz'],
    )
    assert.deepEqual(seen.add([{ bytes: 1 }]), [])
    assert.deepEqual(seen.add([{ packets: 1 }]), [fieldOf('packets')])
    assert.deepEqual(
      seen.add([{ src_host: 1 }]).map(({ name }) => name),
      ['src_host'],
      'a key is no primitive',
    )
  })
})

describe('Avro', () => {
  it('a union with null for each field; names and docs are those of the fields', () => {
    const { schema } = avroForm(fields('ip_src', 'bytes', 'timestamp_start', 'as_path'), 'acct', 'net.pmacct')
    assert.deepEqual(
      schema.fields.map(({ name, type }) => [name, type[1]]),
      [
        ['ip_src', 'string'],
        ['bytes', 'long'],
        ['timestamp_start', { type: 'long', logicalType: 'timestamp-micros' }],
        ['as_path', schema.fields[3]?.type[1]],
      ],
    )
    assert.equal(schema.fields[0]?.default, null)
  })

  it('values; what does not fit is null, and told', () => {
    const { row } = avroForm(fields('ip_src', 'bytes', 'packets', 'timestamp_start', 'label'), 'acct')
    const misfits: string[] = []
    assert.deepEqual(
      row({ ip_src: '192.0.2.1', bytes: 2n ** 53n + 1n, packets: 2n ** 64n, timestamp_start: 1.5 }, name =>
        misfits.push(name),
      ),
      { ip_src: '192.0.2.1', bytes: 2n ** 53n + 1n, packets: null, timestamp_start: 1_500_000, label: null },
    )
    assert.deepEqual(misfits, ['packets'])
  })
})
