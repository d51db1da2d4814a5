// sink-cassandra against the real server.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, describe, it, type TestContext } from 'node:test'
import type { NetRecord } from '../../../src/contract/record.ts'
import { jsonText, parsedRecord } from '../../../src/stream/json.ts'
import { startCassandra } from '../../../test/services/servers/cassandra.ts'
import { openGate } from '../../../test/services/servers/gate.ts'
import { isSkipped, type Server } from '../../../test/services/servers/server.ts'
import { netally, scratch } from '../../../test/support/cli.ts'
import { type ComplianceServer, sinkCompliance, testRecord } from '../../../test/support/sink-compliance.ts'

const started = await startCassandra({ after })
const skip = isSkipped(started) ? started.skipped : false
const server = started as Server
const OURS: ReadonlySet<string> = new Set(['bucket', 'part', 'at', 'id'])

/** IPv6 as Java writes it: without `::`. */
const canonical = (address: string): string =>
  address.includes(':') ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address

/** A row as the record that it was: lists are of texts, and addresses are in Java's form. */
function recordOf(row: NetRecord): NetRecord {
  const record: NetRecord = {}
  for (const [name, value] of Object.entries(row)) {
    if (value === null || OURS.has(name)) continue
    if (name === 'as_path') record[name] = (value as string[]).map(Number)
    else record[name] = name.startsWith('ip_') && name !== 'ip_proto' ? canonical(String(value)) : value
  }
  // The columns come in the order of their names.
  return Object.fromEntries(
    Object.keys(testRecord(0))
      .concat(Object.keys(record))
      .flatMap(name => (record[name] === undefined ? [] : [[name, record[name]]])),
  )
}

/** Every row of a table; none when there is no table. */
async function rowsOf(table: string): Promise<NetRecord[]> {
  const text = await server.query(`SELECT JSON * FROM netally.${table}`).catch(error => {
    if (/does not exist/.test(String(error))) return ''
    throw error
  })
  return text
    .split('\n')
    .filter(Boolean)
    .map(line => recordOf(parsedRecord(line) as NetRecord))
}

let made = 0

async function complianceServer(context: TestContext): Promise<ComplianceServer> {
  const gate = await openGate(context, server)
  const table = `compliance${++made}`
  return {
    ...gate,
    words: ['sink-cassandra', `127.0.0.1:${gate.port}`, '--table', table],
    read: () => rowsOf(table),
  }
}

sinkCompliance('sink-cassandra', {
  skip,
  make: complianceServer,
  duplicates: 'never',
  refused: { record: n => ({ ...testRecord(n), tag2: 'no number' }) },
})

const text = (records: readonly NetRecord[]) => records.map(record => `${jsonText(record)}\n`).join('')

/** Sums with late rows, and beyond 2^63: keys and bins come again, in other batches. */
const sums = (count: number): NetRecord[] =>
  Array.from({ length: count }, (_, n) => ({
    as_src: 64_500 + (n % 7),
    ip_dst: n % 2 === 0 ? `2001:db8::${1 + (n % 5)}` : `192.0.2.${n % 5}`,
    stamp_inserted: 1_764_000_000 + 60 * (n % 11),
    packets: n,
    bytes: 2n ** 52n + BigInt(n),
  }))

/** Sums of each bin by SQLite, of what sink-sqlite stored: Unix seconds, packets, bytes. */
async function sqliteSums(folder: string, input: string): Promise<string[]> {
  const file = join(folder, 'sums.db')
  const { status, stderr } = await netally(['sink-sqlite', file, '--times', 'epoch'], input)
  assert.equal(status, 0, stderr)
  const database = new DatabaseSync(file)
  const table = database.prepare("select name from sqlite_master where type = 'table' and sql like '%as_src%'").get()
  const statement = database.prepare(`select stamp_inserted as bin, sum(packets) as packets, sum(bytes) as bytes
    from "${table?.name}" group by 1 order by 1`)
  statement.setReadBigInts(true)
  const rows = statement.all()
  database.close()
  return rows.map(({ bin, packets, bytes }) => `${bin} ${packets} ${bytes}`)
}

/** The same by Cassandra, one partition at a time. */
async function binSums(table: string): Promise<string[]> {
  const query = `SELECT JSON at, sum(packets) AS packets, sum(bytes) AS bytes FROM netally.${table} GROUP BY bucket, at`
  const rows = (await server.query(query)).split('\n').map(line => parsedRecord(line) as NetRecord)
  return rows.map(({ at, packets, bytes }) => `${Date.parse(String(at)) / 1000} ${packets} ${bytes}`).sort()
}

describe('sink-cassandra', { skip }, () => {
  const words = (...more: string[]) => ['sink-cassandra', server.url, ...more]

  it('the sums of its own query are those of SQLite, with late rows', async context => {
    const input = text(sums(2000))
    const flags = ['--table', 'late', '--batch', '700', '--bucket', '5m', '--in-flight', '2']
    const { status, stderr } = await netally(words(...flags), input)
    assert.equal(status, 0, stderr)
    const wanted = await sqliteSums(scratch(context), input)
    assert.equal(wanted.length, 11)
    assert.deepEqual(await binSums('late'), wanted)
  })

  it('a partition in parts: every row is in one of them', async () => {
    const { status, stderr } = await netally(words('--table', 'spread', '--spread', '3'), text(sums(300)))
    assert.equal(status, 0, stderr)
    assert.deepEqual(
      (await rowsOf('spread')).map(({ packets }) => Number(packets)).sort((a, b) => a - b),
      sums(300).map(({ packets }) => Number(packets)),
    )
    const parts = await server.query('SELECT JSON DISTINCT bucket, part FROM netally.spread')
    assert.equal(parts.split('\n').length, 3)
  })

  it('reads by time: a partition, newest first, a range of it', async () => {
    const flags = ['--table', 'timed', '--partition', 'peer_ip_src', '--bucket', '1h', '--ttl', '30d']
    const records: NetRecord[] = Array.from({ length: 100 }, (_, n) => ({
      ...testRecord(n),
      peer_ip_src: `192.0.2.${n % 2}`,
    }))
    const { status, stderr } = await netally(words(...flags), text(records))
    assert.equal(status, 0, stderr)
    const answer = await server.query(`SELECT JSON at, tag FROM netally.timed WHERE bucket = '2025-11-24 16:00+0000'
      AND peer_ip_src = '192.0.2.1' AND at >= '2025-11-24 16:03+0000' AND at < '2025-11-24 16:07+0000'`)
    const rows = answer.split('\n').map(line => JSON.parse(line) as { at: string; tag: number })
    const wanted = records.filter(({ tag }) => [3, 5].includes(Number(tag) % 10)).map(({ tag }) => tag)
    assert.deepEqual(rows.map(({ tag }) => tag).sort(), wanted.sort())
    assert.deepEqual(
      rows.map(({ at }) => at),
      rows
        .map(({ at }) => at)
        .sort()
        .reverse(),
    )
    const table = await server.query(
      "SELECT JSON default_time_to_live, compaction FROM system_schema.tables WHERE keyspace_name = 'netally' AND table_name = 'timed'",
    )
    assert.match(table, /2592000.*TimeWindowCompactionStrategy/)
  })

  it('a key: rows that come again take their own place', async () => {
    const records = sums(77)
    for (const _ of ['first', 'again']) {
      assert.equal((await netally(words('--table', 'keyed', '--key', 'as_src,ip_dst'), text(records))).status, 0)
    }
    assert.equal((await rowsOf('keyed')).length, 77)
  })

  it('a table gets columns for fields that come later, also one that somebody else made', async () => {
    await server.query(`CREATE TABLE netally.theirs (bucket timestamp, at timestamp, id text, bytes bigint, tag int,
      PRIMARY KEY ((bucket), at, id))`)
    const records = [
      { tag: 1, bytes: 5 },
      { tag: 2, bytes: 2n ** 53n + 1n, label: 'x', timestamp_start: 1.000001 },
    ]
    for (const record of records) {
      assert.equal((await netally(words('--table', 'theirs'), text([record]))).status, 0)
    }
    const rows = await rowsOf('theirs')
    assert.deepEqual(
      rows.sort((a, b) => Number(a.tag) - Number(b.tag)),
      records,
    )
  })

  it('fields that come while other batches are under way', async () => {
    const records: NetRecord[] = sums(600).map((record, n) =>
      n < 100 ? record : { ...record, [`tag${n < 300 ? '' : 2}`]: n },
    )
    const flags = ['--table', 'wider', '--batch', '20', '--in-flight', '8']
    const { status, stderr } = await netally(words(...flags), text(records))
    assert.equal(status, 0, stderr)
    const rows = (await rowsOf('wider')).sort((a, b) => Number(a.packets) - Number(b.packets))
    assert.deepEqual(
      rows.map(({ tag, tag2 }) => tag ?? tag2),
      records.map(({ tag, tag2 }) => tag ?? tag2),
    )
  })

  it('values that do not fit, and records without the fields of the partition, are set aside with the reason', async context => {
    const rejects = join(scratch(context), 'rejects')
    const records = [
      { peer_ip_src: '192.0.2.1', port_dst: 2n ** 64n - 1n },
      { peer_ip_src: '192.0.2.1', port_dst: 80 },
      { port_dst: 80 },
    ]
    const flags = ['--table', 'rejects', '--partition', 'peer_ip_src', '--rejects', rejects]
    const { stderr } = await netally(words(...flags), text(records))
    assert.match(stderr, /refused 2 of 3 records/)
    assert.match(readFileSync(rejects, 'utf8'), /port_dst \\"18446744073709551615\\" is no bigint[\s\S]*no peer_ip_src/)
    assert.equal((await rowsOf('rejects')).length, 1)
    const wide = words('--table', 'wide', '--varint')
    assert.equal((await netally(wide, text([{ port_dst: 2n ** 64n - 1n }]))).status, 0)
    assert.deepEqual(await rowsOf('wide'), [{ port_dst: 2n ** 64n - 1n }])
  })

  it('a table that is parted otherwise is not written to', async () => {
    const { status, stderr } = await netally(words('--table', 'late', '--partition', 'as_src'), text(sums(1)))
    assert.equal(status, 1)
    assert.match(stderr, /cassandra\/table/)
  })
})
