// sink-druid against the real server: one of it for all tests, because its five programs take minutes to start.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, describe, it, type TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { NetRecord } from '../../../src/contract/record.ts'
import { jsonText, parsedRecord } from '../../../src/stream/json.ts'
import { startDruid } from '../../../test/services/servers/druid.ts'
import { openGate } from '../../../test/services/servers/gate.ts'
import { ask, askJson } from '../../../test/services/servers/http.ts'
import { startKafka } from '../../../test/services/servers/kafka.ts'
import { isSkipped, type Server } from '../../../test/services/servers/server.ts'
import { netally, scratch } from '../../../test/support/cli.ts'
import { type ComplianceServer, sinkCompliance, testRecord } from '../../../test/support/sink-compliance.ts'

const started = await startDruid({ after })
const skip = isSkipped(started) ? started.skipped : false
const server = started as Server

/** Until what was published can be queried: the historical has loaded all, the broker knows of it, and its SQL of the table. */
const MOST_POLLS = 240

interface SegmentCount {
  readonly published: number
  readonly queryable: number
}

/** The planner learns of a new datasource by and by. */
async function isTable(datasource: string): Promise<boolean> {
  const answer = await server.query(
    `SELECT TABLE_NAME FROM INFORMATION_SCHEMA.TABLES WHERE TABLE_NAME = '${datasource}'`,
  )
  return (JSON.parse(answer) as unknown[]).length > 0
}

async function loaded(datasource: string): Promise<boolean> {
  const coordinator = `${server.url}/druid/coordinator/v1`
  // The coordinator looks at what was published from time to time; this makes it look now.
  await ask(`${coordinator}/datasources/${datasource}/loadstatus?forceMetadataRefresh=true`).catch(() => '')
  for (let polls = 0; polls < MOST_POLLS; polls++) {
    const answer =
      await server.query(`SELECT SUM(is_published) AS published, SUM(CASE WHEN is_published = 1 AND is_available = 1
      THEN 1 ELSE 0 END) AS queryable FROM sys.segments WHERE datasource = '${datasource}' AND is_overshadowed = 0`)
    const [counts] = JSON.parse(answer) as SegmentCount[]
    const segments = await ask(`${coordinator}/metadata/datasources/${datasource}/segments`).catch(() => '[]')
    const count = (JSON.parse(segments) as unknown[]).length
    if (count === 0) return false
    if (counts?.published === count && counts.queryable === count && (await isTable(datasource))) return true
    await pause(500)
  }
  throw new Error(`${datasource} was never loaded`)
}

const answered = (rows: string): NetRecord[] => {
  const record = parsedRecord(`{"rows":${rows}}`) as { rows: NetRecord[] } | undefined
  return record?.rows ?? []
}

/** Rows of a query; none when nothing was published. */
async function rowsOf(datasource: string, query: string): Promise<NetRecord[]> {
  if (!(await loaded(datasource))) return []
  return answered(await server.query(query))
}

/** A row as the record that it was. */
function recordOf({ __time, ...row }: NetRecord): NetRecord {
  const record: NetRecord = Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null))
  // A list of one is a value.
  if (typeof record.as_path === 'string') record.as_path = (JSON.parse(record.as_path) as string[]).map(Number)
  return { ...record, stamp_inserted: Date.parse(String(__time)) / 1000 }
}

let made = 0

async function druidServer(context: TestContext): Promise<ComplianceServer> {
  const gate = await openGate(context, server)
  const datasource = `compliance${++made}`
  return {
    ...gate,
    // A batch takes seconds here: fewer of them.
    words: ['sink-druid', `http://127.0.0.1:${gate.port}`, '--datasource', datasource],
    read: async () => (await rowsOf(datasource, `SELECT * FROM ${datasource}`)).map(recordOf),
  }
}

sinkCompliance('sink-druid', {
  skip,
  make: druidServer,
  duplicates: 'after-a-failure',
  refused: { record: n => ({ ...testRecord(n), tag2: 'no number' }) },
})

const text = (records: readonly NetRecord[]) => records.map(record => `${jsonText(record)}\n`).join('')

/** Sums with late rows: keys and bins come again, in other batches. */
const sums = (count: number): NetRecord[] =>
  Array.from({ length: count }, (_, n) => ({
    as_src: 64_500 + (n % 7),
    ip_dst: n % 2 === 0 ? `2001:db8::${1 + (n % 5)}` : `192.0.2.${n % 5}`,
    stamp_inserted: 1_764_000_000 + 60 * (n % 11),
    packets: n,
    bytes: 2n ** 50n + BigInt(n),
  }))

const lineOf = (row: { readonly [name: string]: unknown }): string =>
  [row.as_src, row.ip_dst, row.bin, row.packets, row.bytes].join(' ')

/** The same of sink-sqlite. */
async function sqliteSums(folder: string, input: string): Promise<string[]> {
  const file = join(folder, 'sums.db')
  const { status, stderr } = await netally(['sink-sqlite', file, '--times', 'epoch'], input)
  assert.equal(status, 0, stderr)
  const database = new DatabaseSync(file)
  const table = database.prepare("select name from sqlite_master where type = 'table' and sql like '%as_src%'").get()
  const statement =
    database.prepare(`select as_src, ip_dst, stamp_inserted as bin, sum(packets) as packets, sum(bytes) as bytes
    from "${table?.name}" group by 1, 2, 3`)
  statement.setReadBigInts(true)
  const rows = statement.all().map(lineOf).sort()
  database.close()
  return rows
}

describe('sink-druid', { skip }, () => {
  it('the sums of its own query are those of SQLite, with late rows; a second time they are rolled up', async context => {
    const input = text(sums(3000))
    const flags = ['--datasource', 'late', '--batch', '1600', '--by', 'as_src,ip_dst']
    const { status, stderr } = await netally(['sink-druid', server.url, ...flags], input)
    assert.equal(status, 0, stderr)
    const rows = await rowsOf(
      'late',
      `SELECT as_src, ip_dst, TIMESTAMP_TO_MILLIS(__time) / 1000 AS bin, SUM(packets) AS packets, SUM(bytes) AS bytes
        FROM late GROUP BY 1, 2, 3`,
    )
    const wanted = await sqliteSums(scratch(context), input)
    assert.deepEqual(rows.map(lineOf).sort(), wanted)
    const [count] = await rowsOf('late', 'SELECT COUNT(*) AS stored FROM late')
    assert.ok(Number(count?.stored) <= 2 * wanted.length, `${count?.stored} rows of ${wanted.length} keys in two tasks`)
  })

  it('what Druid would take as nothing is set aside with the reason', async context => {
    const rejects = join(scratch(context), 'rejects')
    const records = [testRecord(1), { ...testRecord(2), bytes: 2n ** 63n }, { ...testRecord(3), port_dst: 'https' }]
    const flags = ['--datasource', 'rejects', '--rejects', rejects]
    const { stderr } = await netally(['sink-druid', server.url, ...flags], text(records))
    assert.match(stderr, /refused 2 of 3 records/)
    assert.match(readFileSync(rejects, 'utf8'), /is no long[\s\S]*is no long/)
    assert.deepEqual((await rowsOf('rejects', 'SELECT * FROM rejects')).map(recordOf), [testRecord(1)])
  })

  it('a topic that sink-kafka wrote, ingested by the printed spec, has the sums of SQLite', async context => {
    const kafka = await startKafka(context)
    if (isSkipped(kafka)) return context.skip(kafka.skipped)
    const input = text(sums(2000))
    const sent = await netally(['sink-kafka', kafka.url, '--topic', 'flows'], input)
    assert.equal(sent.status, 0, sent.stderr)
    const words = [
      '--print-spec',
      '--by',
      'as_src,dst_host',
      '--datasource',
      'kafka',
      '--topic',
      'flows',
      '--brokers',
      kafka.url,
    ]
    const { stdout } = await netally(['sink-druid', ...words])
    const answer = await askJson(`${server.url}/druid/indexer/v1/supervisor`, JSON.parse(stdout))
    assert.deepEqual(JSON.parse(answer), { id: 'kafka' })
    const wanted = await sqliteSums(scratch(context), input)
    const query = `SELECT as_src, ip_dst, TIMESTAMP_TO_MILLIS(__time) / 1000 AS bin, SUM(packets) AS packets, SUM(bytes) AS bytes
      FROM kafka GROUP BY 1, 2, 3`
    let rows: string[] = []
    for (let polls = 0; polls < MOST_POLLS && rows.join() !== wanted.join(); polls++) {
      await pause(500)
      const found = await server.query(query).catch(() => '[]')
      rows = answered(found).map(lineOf).sort()
    }
    await askJson(`${server.url}/druid/indexer/v1/supervisor/kafka/terminate`, {})
    assert.deepEqual(rows, wanted)
  })
})
