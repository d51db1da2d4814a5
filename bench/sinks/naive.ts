/**
 * What a careful person writes with the same client and no netally: read lines, JSON.parse, send.
 *   node bench/sinks/naive.ts elasticsearch URL INDEX FILE
 *   node bench/sinks/naive.ts cassandra-await|cassandra-concurrent HOST:PORT TABLE FILE [ROWS]
 */
import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import cassandra from 'cassandra-driver'

interface Row {
  readonly [name: string]: string | number
}

const BULK = 5000
/** As executeConcurrent has it by default. */
const CONCURRENT = 100
const CHUNK = 10_000

async function* rows(file: string, most = Number.POSITIVE_INFINITY): AsyncGenerator<Row> {
  let count = 0
  for await (const line of createInterface({ input: createReadStream(file) })) {
    if (count++ >= most) return
    yield JSON.parse(line) as Row
  }
}

async function* chunks(file: string, size: number, most?: number): AsyncGenerator<Row[]> {
  let chunk: Row[] = []
  for await (const row of rows(file, most)) {
    chunk.push(row)
    if (chunk.length < size) continue
    yield chunk
    chunk = []
  }
  if (chunk.length > 0) yield chunk
}

async function elasticsearch(url: string, index: string, file: string): Promise<void> {
  for await (const chunk of chunks(file, BULK)) {
    const lines = chunk.flatMap(row => ['{"index":{}}', JSON.stringify({ '@timestamp': row.stamp_inserted, ...row })])
    const answer = await fetch(`${url}/${index}/_bulk`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson' },
      body: `${lines.join('\n')}\n`,
    })
    const { errors } = (await answer.json()) as { errors: boolean }
    if (!answer.ok || errors) throw new Error(`HTTP ${answer.status}`)
  }
}

const COLUMNS = {
  ip_src: 'inet',
  ip_dst: 'inet',
  port_src: 'int',
  port_dst: 'int',
  ip_proto: 'text',
  as_src: 'bigint',
  as_dst: 'bigint',
  stamp_inserted: 'double',
  stamp_updated: 'double',
  packets: 'bigint',
  bytes: 'bigint',
} as const
const NAMES = Object.keys(COLUMNS)

async function cassandraTable(server: string, table: string): Promise<cassandra.Client> {
  const client = new cassandra.Client({
    contactPoints: [server],
    policies: { loadBalancing: new cassandra.policies.loadBalancing.RoundRobinPolicy() },
  })
  await client.connect()
  const replication = "{'class': 'SimpleStrategy', 'replication_factor': 1}"
  await client.execute(`CREATE KEYSPACE IF NOT EXISTS naive WITH replication = ${replication}`)
  const columns = Object.entries(COLUMNS).map(([name, type]) => `${name} ${type}`)
  await client.execute(`CREATE TABLE IF NOT EXISTS naive.${table} (bucket timestamp, id int, ${columns.join(', ')},
    PRIMARY KEY ((bucket), stamp_inserted, id))`)
  return client
}

async function cassandraRows(isConcurrent: boolean, server: string, table: string, file: string, most?: number) {
  const client = await cassandraTable(server, table)
  const query = `INSERT INTO naive.${table} (bucket, id, ${NAMES.join(', ')})
    VALUES (?, ?, ${NAMES.map(() => '?').join(', ')})`
  let id = 0
  const values = (row: Row) => [
    new Date(Math.floor((row.stamp_inserted as number) / 3600) * 3_600_000),
    id++,
    ...NAMES.map(name => row[name]),
  ]
  if (isConcurrent) {
    for await (const chunk of chunks(file, CHUNK, most)) {
      await cassandra.concurrent.executeConcurrent(client, query, chunk.map(values), { concurrencyLevel: CONCURRENT })
    }
  } else {
    for await (const row of rows(file, most)) await client.execute(query, values(row), { prepare: true })
  }
  await client.shutdown()
}

const [, , what = '', server = '', name = '', file = '', most] = process.argv
if (what === 'elasticsearch') await elasticsearch(server, name, file)
else await cassandraRows(what === 'cassandra-concurrent', server, name, file, most ? Number(most) : undefined)
