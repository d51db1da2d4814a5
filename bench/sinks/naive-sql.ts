// What a careful person writes with each client: a line is parsed, a row is upserted, one transaction.
//   node bench/sinks/naive-sql.ts postgres|mysql|clickhouse|duckdb PORT-OR-FILE PASSWORD < rows.ndjson
import { createInterface } from 'node:readline'

const NAMES = ['stamp_inserted', 'as_src', 'as_dst', 'ip_src', 'ip_dst', 'port_src', 'port_dst', 'ip_proto'] as const
const COUNTERS = ['packets', 'bytes', 'flows'] as const
type Row = { readonly [name: string]: string | number }

const [kind = '', place = '', password = ''] = process.argv.slice(2)
/** Made when it is read: it does not wait for who is not there yet. */
const lines = () => createInterface({ input: process.stdin, crlfDelay: Number.POSITIVE_INFINITY })
const names = [...NAMES, ...COUNTERS]
const text = (row: Row) => new Date(Number(row.stamp_inserted) * 1000).toISOString().slice(0, 19).replace('T', ' ')
const values = (row: Row) => [text(row), ...names.slice(1).map(name => row[name] as string | number)]
const marks = (mark: (index: number) => string) => names.map((_, index) => mark(index + 1)).join(', ')

async function postgres(): Promise<void> {
  const { default: pg } = await import('pg')
  const client = new pg.Client({
    host: '127.0.0.1',
    port: Number(place),
    user: 'postgres',
    password,
    database: 'postgres',
  })
  await client.connect()
  await client.query(`CREATE TABLE IF NOT EXISTS naive (stamp_inserted timestamptz, as_src bigint, as_dst bigint, ip_src inet,
    ip_dst inet, port_src int, port_dst int, ip_proto text, packets numeric(20), bytes numeric(20), flows numeric(20),
    PRIMARY KEY (${NAMES.join(', ')}))`)
  const add = COUNTERS.map(name => `${name} = naive.${name} + excluded.${name}`).join(', ')
  const upsert = `INSERT INTO naive (${names.join(', ')}) VALUES (${marks(n => `$${n}`)})
    ON CONFLICT (${NAMES.join(', ')}) DO UPDATE SET ${add}`
  await client.query('BEGIN')
  for await (const line of lines()) {
    await client.query({ name: 'upsert', text: upsert, values: values(JSON.parse(line) as Row) })
  }
  await client.query('COMMIT')
  await client.end()
}

async function mysql(): Promise<void> {
  const { createConnection } = await import('mysql2/promise')
  const client = await createConnection({
    host: '127.0.0.1',
    port: Number(place),
    user: 'netally',
    password,
    database: 'netally',
  })
  await client.query(`CREATE TABLE IF NOT EXISTS naive (stamp_inserted datetime, as_src bigint, as_dst bigint, ip_src varchar(45),
    ip_dst varchar(45), port_src int, port_dst int, ip_proto varchar(20), packets decimal(20), bytes decimal(20),
    flows decimal(20), PRIMARY KEY (${NAMES.join(', ')})) CHARACTER SET ascii`)
  const add = COUNTERS.map(name => `${name} = ${name} + VALUES(${name})`).join(', ')
  const upsert = `INSERT INTO naive (${names.join(', ')}) VALUES (${marks(() => '?')}) ON DUPLICATE KEY UPDATE ${add}`
  await client.query('START TRANSACTION')
  for await (const line of lines()) await client.execute(upsert, values(JSON.parse(line) as Row))
  await client.query('COMMIT')
  await client.end()
}

/** Row by row nobody does; a thousand lines each. */
async function clickhouse(): Promise<void> {
  const ask = async (query: string, body: string) => {
    const answer = await fetch(`http://127.0.0.1:${place}/?${new URLSearchParams({ query })}`, {
      method: 'POST',
      headers: { authorization: `Basic ${Buffer.from(`default:${password}`).toString('base64')}` },
      body,
    })
    if (!answer.ok) throw new Error(await answer.text())
    await answer.arrayBuffer()
  }
  await ask(
    `CREATE TABLE IF NOT EXISTS naive (stamp_inserted DateTime, as_src UInt64, as_dst UInt64, ip_src String, ip_dst String,
    port_src UInt64, port_dst UInt64, ip_proto String, packets UInt64, bytes UInt64, flows UInt64)
    ENGINE = SummingMergeTree ORDER BY (${NAMES.join(', ')})`,
    '',
  )
  let waiting: string[] = []
  const send = async () => {
    await ask(`INSERT INTO naive (${names.join(', ')}) FORMAT JSONEachRow`, waiting.join('\n'))
    waiting = []
  }
  for await (const line of lines()) {
    waiting.push(JSON.stringify(JSON.parse(line)))
    if (waiting.length === 1000) await send()
  }
  if (waiting.length > 0) await send()
}

async function duckdb(): Promise<void> {
  const { DuckDBInstance } = await import('@duckdb/node-api')
  const client = await (await DuckDBInstance.create(place)).connect()
  await client.run(`CREATE TABLE IF NOT EXISTS naive (stamp_inserted TIMESTAMP, as_src UBIGINT, as_dst UBIGINT, ip_src VARCHAR,
    ip_dst VARCHAR, port_src UBIGINT, port_dst UBIGINT, ip_proto VARCHAR, packets UBIGINT, bytes UBIGINT, flows UBIGINT,
    PRIMARY KEY (${NAMES.join(', ')}))`)
  const add = COUNTERS.map(name => `${name} = ${name} + excluded.${name}`).join(', ')
  const upsert = `INSERT INTO naive (${names.join(', ')}) VALUES (${marks(n => `$${n}`)}) ON CONFLICT DO UPDATE SET ${add}`
  const prepared = await client.prepare(upsert)
  await client.run('BEGIN')
  for await (const line of lines()) {
    prepared.bind(values(JSON.parse(line) as Row))
    await prepared.run()
  }
  await client.run('COMMIT')
  client.closeSync()
}

const KINDS: { readonly [kind: string]: () => Promise<void> } = { postgres, mysql, clickhouse, duckdb }
await KINDS[kind]?.()
