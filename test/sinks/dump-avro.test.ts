// Object container files of dump, read by avsc's own reader, and by Python's where it is installed.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import avsc from 'avsc'
import { exactType, recordOfAvro } from '../../src/sinks/avro-codec.ts'
import { avroLong } from '../../src/sinks/dump/avro.ts'
import { jsonText, parsedRecord } from '../../src/stream/json.ts'
import { netally, scratch } from '../support/cli.ts'
import { testRecord } from '../support/sink-compliance.ts'

/** Rows of a container file, by avsc. */
function rowsOf(path: string): Promise<unknown[]> {
  const decoder = avsc.createFileDecoder(path, { parseHook: (schema: unknown) => exactType(avsc, schema) } as never)
  const rows: unknown[] = []
  return new Promise((resolve, reject) => {
    decoder.on('data', (row: unknown) => rows.push(row))
    decoder.on('error', reject)
    decoder.on('end', () => resolve(rows))
  })
}

const records = (count: number) => Array.from({ length: count }, (_, n) => testRecord(n))
const text = (count: number) =>
  records(count)
    .map(record => `${jsonText(record)}\n`)
    .join('')

describe('dump --format avro', () => {
  it('gives back every record, numbers exact; by the name of the file', async context => {
    const path = join(scratch(context), 'flows.avro')
    const { status, stderr } = await netally(['dump', '--file', path], text(1200))
    assert.equal(status, 0, stderr)
    assert.deepEqual(
      (await rowsOf(path)).map(recordOfAvro),
      records(1200).map(record => parsedRecord(jsonText(record))),
    )
  })

  it('the same records make the same file; the schema is written where that is asked for', async context => {
    const folder = scratch(context)
    const [first, second, schema] = ['a.avro', 'b.avro', 's.avsc'].map(name => join(folder, name)) as [
      string,
      string,
      string,
    ]
    await netally(['dump', '--file', first, '--avro-schema-file', schema], text(10))
    await netally(['dump', '--file', second], text(10))
    assert.deepEqual(readFileSync(first), readFileSync(second))
    assert.equal(avsc.Type.forSchema(JSON.parse(readFileSync(schema, 'utf8'))).name, 'netally.record')
  })

  it('chosen fields, files by time, no record at all', async context => {
    const folder = scratch(context)
    const words = ['dump', '--format', 'avro', '--fields', 'src_host,bytes', '--every', '1m']
    await netally([...words, '--file', join(folder, '%H%M.avro')], text(20))
    const name = new Date(1_764_000_060_000).toISOString().slice(11, 16).replace(':', '')
    const rows = await rowsOf(join(folder, `${name}.avro`))
    assert.deepEqual(Object.keys(rows[0] as object), ['ip_src', 'bytes'])
    assert.equal(rows.length, 2, 'a late record is added to its file')
    const empty = join(folder, 'empty.avro')
    assert.equal((await netally(['dump', '--file', empty], '')).status, 0)
    assert.deepEqual(await rowsOf(empty), [])
  })

  it('adds to a file of its own schema, and to no other', async context => {
    const path = join(scratch(context), 'flows.avro')
    const words = ['dump', '--file', path, '--append']
    for (let run = 0; run < 2; run++) assert.equal((await netally(words, text(10))).status, 0)
    assert.equal((await rowsOf(path)).length, 20)
    const other = await netally([...words, '--fields', 'bytes'], text(10))
    assert.equal(other.status, 1)
    assert.match(other.stderr, /dump\/other-columns/)
    assert.equal((await rowsOf(path)).length, 20)
  })

  it('what Avro has no place for is refused', async () => {
    for (const flag of [['--markers'], ['--compat', 'pmacct'], ['--timestamps', 'rfc3339']]) {
      assert.equal((await netally(['dump', '--file', '/nowhere/x.avro', ...flag], '')).status, 2, flag[0])
    }
  })

  const python = spawnSync('python3', ['-c', 'import fastavro']).status === 0
  it('fastavro reads it', { skip: python ? false : 'not installed: fastavro of Python' }, async context => {
    const path = join(scratch(context), 'flows.avro')
    await netally(['dump', '--file', path], text(700))
    const program =
      'import fastavro,sys; r=list(fastavro.reader(open(sys.argv[1],"rb"))); print(len(r), sum(x["bytes"] for x in r))'
    const { stdout } = spawnSync('python3', ['-c', program, path], { encoding: 'utf8' })
    assert.equal(stdout.trim(), `700 ${records(700).reduce((sum, { bytes }) => sum + BigInt(bytes as number), 0n)}`)
  })
})

it('avroLong', () => {
  assert.deepEqual([...avroLong(0)], [0])
  assert.deepEqual([...avroLong(1)], [2])
  assert.deepEqual([...avroLong(64)], [0x80, 1])
  assert.deepEqual([...avroLong(1_000_000)], [0x80, 0x89, 0x7a])
})
