// What sink-elasticsearch must do besides the compliance suite, on either server.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, it } from 'node:test'
import type { NetRecord } from '../../../src/contract/record.ts'
import { jsonText } from '../../../src/stream/json.ts'
import { isSkipped, type Server, type Skipped } from '../../../test/services/servers/server.ts'
import { netally, scratch } from '../../../test/support/cli.ts'
import { sinkCompliance, testRecord } from '../../../test/support/sink-compliance.ts'
import { compliance, documentsOf } from './compliance.ts'

const text = (records: readonly NetRecord[]) => records.map(record => `${jsonText(record)}\n`).join('')

/** Sums with late rows: keys and bins come again, in other batches. */
export function sums(count: number): NetRecord[] {
  return Array.from({ length: count }, (_, n) => ({
    as_src: 64_500 + (n % 7),
    ip_dst: n % 2 === 0 ? `2001:db8::${1 + (n % 5)}` : `192.0.2.${n % 5}`,
    stamp_inserted: 1_764_000_000 + 60 * (n % 11),
    packets: n,
    bytes: 1_000_000_007 * n,
  }))
}

interface Bucket {
  readonly key: { readonly as_src: number; readonly ip_dst: string; readonly bin: number }
  readonly packets: { readonly value: number }
  readonly bytes: { readonly value: number }
}

/** Sums by key and bin as the server itself makes them, in lines of JSON. */
async function serverSums(server: Server, index: string): Promise<string> {
  const sources = [
    { as_src: { terms: { field: 'as_src' } } },
    { ip_dst: { terms: { field: 'ip_dst' } } },
    { bin: { terms: { field: 'stamp_inserted' } } },
  ]
  const aggs = { packets: { sum: { field: 'packets' } }, bytes: { sum: { field: 'bytes' } } }
  const body = { size: 0, aggs: { rows: { composite: { size: 10_000, sources }, aggs } } }
  const answer = JSON.parse(await server.query(`GET ${index}/_search ${JSON.stringify(body)}`)) as {
    aggregations: { rows: { buckets: Bucket[] } }
  }
  return answer.aggregations.rows.buckets
    .map(({ key: { as_src, ip_dst, bin }, packets, bytes }) =>
      JSON.stringify([as_src, ip_dst, bin / 1000, packets.value, bytes.value]),
    )
    .sort()
    .join('\n')
}

/** The same of sink-sqlite. */
async function sqliteSums(folder: string, input: string): Promise<string> {
  const file = join(folder, 'sums.db')
  const { status, stderr } = await netally(['sink-sqlite', file, '--times', 'epoch'], input)
  assert.equal(status, 0, stderr)
  const database = new DatabaseSync(file)
  const table = database.prepare("select name from sqlite_master where type = 'table' and sql like '%as_src%'").get()
  const rows = database
    .prepare(`select as_src, ip_dst, stamp_inserted as bin, sum(packets) as packets, sum(bytes) as bytes
      from "${table?.name}" group by 1, 2, 3`)
    .all()
  database.close()
  return rows
    .map(row => JSON.stringify([row.as_src, row.ip_dst, row.bin, row.packets, row.bytes]))
    .sort()
    .join('\n')
}

async function sameSums(server: Server, index: string, folder: string, input: string): Promise<void> {
  const [ours, theirs] = [await serverSums(server, index), await sqliteSums(folder, input)]
  assert.ok(theirs.includes('\n'))
  // A difference of hundreds of lines says nothing.
  const different = theirs.split('\n').find((line, at) => line !== ours.split('\n')[at])
  assert.equal(different, undefined)
  assert.ok(ours === theirs)
}

export function searchTests(name: string, started: Server | Skipped): void {
  const skip = isSkipped(started) ? started.skipped : false
  const server = started as Server
  sinkCompliance(`sink-elasticsearch on ${name}`, compliance(skip, server))

  describe(`sink-elasticsearch on ${name}`, { skip }, () => {
    const words = (...more: string[]) => ['sink-elasticsearch', server.url, '--replicas', '0', ...more]

    it('the sums of its own query are those of SQLite, with late rows', async context => {
      const input = text(sums(3000))
      for (const [index, flags] of [
        ['late', ['--data-stream', 'late', '--batch', '700', '--gzip']],
        ['late-days*', ['--index', 'late-days-%Y.%m.%d', '--batch', '999', '--in-flight', '4']],
      ] as const) {
        const { status, stderr } = await netally(words(...flags), input)
        assert.equal(status, 0, stderr)
        await sameSums(server, index, scratch(context), input)
      }
    })

    it('a name of days, an id of key and bin: records that come again take their own place', async () => {
      const flags = ['--index', 'keyed-%Y.%m.%d', '--key', 'as_src,ip_dst', '--merge', 'replace']
      const records = sums(77)
      for (const _ of ['first', 'again']) assert.equal((await netally(words(...flags), text(records))).status, 0)
      const byTag = (a: NetRecord, b: NetRecord) => Number(a.packets) - Number(b.packets)
      assert.deepEqual((await documentsOf(server, 'keyed-2025.11.24')).sort(byTag), records)
    })

    it('fields have the types of the dictionary', async () => {
      const record = { ...testRecord(1), lat_ip_src: 48.2, lon_ip_src: 16.4, timestamp_start: 1_764_000_000.123456 }
      assert.equal((await netally(words('--data-stream', 'typed'), text([record]))).status, 0)
      const mapping = Object.values(JSON.parse(await server.query('GET typed/_mapping')) as object)[0]
      const types = Object.fromEntries(
        Object.entries(mapping.mappings.properties as { [field: string]: { type: string } }).map(
          ([field, { type }]) => [field, type],
        ),
      )
      assert.partialDeepStrictEqual(types, {
        '@timestamp': 'date',
        ip_src: 'ip',
        bytes: 'long',
        as_path: 'keyword',
        label: 'keyword',
        ip_proto: 'keyword',
        stamp_inserted: 'date',
        timestamp_start: 'date',
        location_ip_src: 'geo_point',
      })
      const found = await server.query('GET typed/_search?q=ip_dst:"2001:db8::/32"')
      assert.match(found, /"location_ip_src":\{"lat":48.2,"lon":16.4\}/)
    })

    it('numbers beyond the type are set aside with the reason', async context => {
      const rejects = join(scratch(context), 'rejects')
      const records = [testRecord(1), { ...testRecord(2), bytes: 2n ** 64n }]
      const ended = await netally(words('--data-stream', 'large', '--rejects', rejects), text(records))
      assert.match(ended.stderr, /refused 1 of 2 records/)
      assert.match(readFileSync(rejects, 'utf8'), /out of range/)
      assert.equal((await documentsOf(server, 'large')).length, 1)
    })

    it('a template that somebody else made stays as it is; one of another form of ours is brought up to date', async () => {
      const theirs = { index_patterns: ['theirs*'], priority: 400, template: { settings: { number_of_replicas: 0 } } }
      await server.query(`PUT _index_template/netally-theirs ${JSON.stringify(theirs)}`)
      assert.equal((await netally(words('--index', 'theirs'), text([testRecord(1)]))).status, 0)
      assert.doesNotMatch(await server.query('_index_template/netally-theirs'), /managed_by/)
      for (const shards of ['1', '2']) {
        assert.equal((await netally(words('--index', 'ours', '--shards', shards), text([testRecord(1)]))).status, 0)
      }
      assert.match(await server.query('_index_template/netally-ours'), /"number_of_shards":"2"/)
    })

    it('a node that is away is passed over', async () => {
      const servers = `http://127.0.0.1:1,${server.url}`
      const ended = await netally(['sink-elasticsearch', servers, '--data-stream', 'nodes'], text([testRecord(1)]))
      assert.equal(ended.status, 0, ended.stderr)
      assert.equal((await documentsOf(server, 'nodes')).length, 1)
    })
  })
}

/** Of a server that has Painless. */
export function scriptTests(name: string, started: Server | Skipped): void {
  const skip = isSkipped(started) ? started.skipped : false
  const server = started as Server
  // A batch that comes again must not be added again.
  sinkCompliance(`sink-elasticsearch --merge add on ${name}`, compliance(skip, server, true))

  describe(`sink-elasticsearch --merge add on ${name}`, { skip }, () => {
    const words = (...more: string[]) => ['sink-elasticsearch', server.url, '--replicas', '0', ...more]

    it('one document for a key and bin, with the sums of SQLite', async context => {
      const input = text(sums(3000))
      const flags = ['--index', 'added-%Y.%m.%d', '--key', 'as_src,ip_dst', '--batch', '700']
      const { status, stderr } = await netally(words(...flags), input)
      assert.equal(status, 0, stderr)
      const documents = await documentsOf(server, 'added-2025.11.24')
      const keys = new Set(sums(3000).map(row => jsonText([row.as_src, row.ip_dst, row.stamp_inserted] as never)))
      assert.equal(documents.length, keys.size)
      await sameSums(server, 'added-*', scratch(context), input)
    })
  })
}
