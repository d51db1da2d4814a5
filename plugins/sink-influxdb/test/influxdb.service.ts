// sink-influxdb against InfluxDB 1, and against VictoriaMetrics, which takes the writes of InfluxDB 2.
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, it, type TestContext } from 'node:test'
import type { NetRecord, Value } from '../../../src/contract/record.ts'
import { jsonText, parsedRecord } from '../../../src/stream/json.ts'
import { without } from '../../../test/services/programs.ts'
import { startInfluxdb } from '../../../test/services/servers/influxdb.ts'
import { isSkipped } from '../../../test/services/servers/server.ts'
import { startVictoriaMetrics } from '../../../test/services/servers/victoria-metrics.ts'
import { netally, records, scratch } from '../../../test/support/cli.ts'
import { freeTcpPort } from '../../../test/support/free-port.ts'
import { ServerProcess } from '../../../test/support/server-process.ts'
import { type ComplianceServer, sinkCompliance, testRecord } from '../../../test/support/sink-compliance.ts'

const skip = without('influxd')

interface Influxdb extends ComplianceServer {
  readonly url: string
  /** Rows of a statement, whole numbers exact; times in nanoseconds. */
  rows(statement: string): Promise<NetRecord[]>
}

const configuration = (folder: string, http: number, rpc: number) => `
reporting-disabled = true
bind-address = "127.0.0.1:${rpc}"
[meta]
dir = "${folder}/meta"
[data]
dir = "${folder}/data"
wal-dir = "${folder}/wal"
[http]
bind-address = "127.0.0.1:${http}"
log-enabled = false
[monitor]
store-enabled = false
`

interface Answer {
  readonly results: { readonly series?: { columns: string[]; values: Value[][] }[]; readonly error?: string }[]
}

async function rowsOf(url: string, statement: string): Promise<NetRecord[]> {
  const answer = await fetch(`${url}/query?${new URLSearchParams({ db: 'netally', epoch: 'ns', q: statement })}`)
  const { results } = parsedRecord(await answer.text()) as unknown as Answer
  const series = results[0]?.series?.[0]
  if (!series) return []
  return series.values.map(row =>
    Object.fromEntries(
      series.columns.map((name, place) => [name, row[place] as Value]).filter(([, value]) => value !== null),
    ),
  )
}

async function influxdb(context: TestContext): Promise<Influxdb> {
  const [http, rpc] = [await freeTcpPort(), await freeTcpPort()]
  const folder = mkdtempSync(join(tmpdir(), 'netally-influxdb-'))
  writeFileSync(join(folder, 'influxdb.conf'), configuration(folder, http, rpc))
  const url = `http://127.0.0.1:${http}`
  const server = new ServerProcess(context, {
    words: ['influxd', 'run', '-config', join(folder, 'influxdb.conf')],
    ready: async () => (await fetch(`${url}/ping`)).status === 204,
  })
  // Not before the server has ended, which writes there until then.
  context.after(() => rmSync(folder, { recursive: true, force: true }))
  const rows = (statement: string) => rowsOf(url, statement)
  return {
    url,
    rows,
    words: ['sink-influxdb', url, '--create-database'],
    start: () => server.start(),
    stop: () => server.stop(),
    kill: () => server.kill(),
    pause: () => server.pause(),
    resume: () => server.resume(),
    read: async () => (await rows('select * from netally')).map(recordOf),
  }
}

/** Tags are texts, and the time is that of the bin with the place of the delivery behind it. */
function recordOf({ time, tag, port_dst, as_path, ...others }: NetRecord): NetRecord {
  return {
    ...others,
    tag: Number(tag),
    port_dst: Number(port_dst),
    as_path: String(as_path).split(' ').map(Number),
    stamp_inserted: Number(BigInt(time as bigint) / 1_000_000_000n),
  }
}

/** What tags can hold: the protocol has no line feeds. */
const record = (n: number): NetRecord => ({ ...testRecord(n), label: n % 3 === 0 ? 'ünï "quoted", a=b \\n' : 'plain' })

sinkCompliance('sink-influxdb', {
  skip,
  make: influxdb,
  record,
  duplicates: 'never',
  refused: { record: n => ({ ...record(n), bytes: 2n ** 63n }) },
})

const text = (all: readonly NetRecord[]) => all.map(one => `${jsonText(one)}\n`).join('')

/** Sums of a table of SQLite, and how many rows it has. */
function sqliteSums(file: string): { bytes: bigint; packets: bigint } {
  const database = new DatabaseSync(file, { readOnly: true })
  const statement = database.prepare('select sum(bytes) as bytes, sum(packets) as packets from acct')
  statement.setReadBigInts(true)
  const { bytes, packets } = statement.get() as { bytes: bigint; packets: bigint }
  database.close()
  return { bytes, packets }
}

describe('sink-influxdb', { skip }, () => {
  it('late rows of a bin, and flows of the same moment: sums are those of SQLite', async context => {
    const server = await influxdb(context)
    await server.start()
    // Few series, and rows of the same bin in every batch.
    const rows = Array.from({ length: 4000 }, (_, n) => ({
      as_src: 64_500 + (n % 7),
      packets: 1 + (n % 5),
      bytes: n % 11 === 0 ? 2n ** 53n + BigInt(n) : 40 + n,
      ...(n % 2 === 0
        ? { stamp_inserted: 1_764_000_000 + 60 * (n % 3) }
        : { timestamp_arrival: n < 2000 ? 1_764_000_000.123456 : 1_764_000_000.123457 }),
    }))
    const file = join(scratch(context), 'acct.db')
    const sqlite = await netally(['sink-sqlite', file, '--table', 'acct', '--key', 'none'], text(rows))
    assert.equal(sqlite.status, 0, sqlite.stderr)
    for (const more of [[], ['--tags', 'as_src', '--values', 'packets,bytes']]) {
      await server.rows('drop series from netally')
      // Twenty batches each, in two runs, as after a restart.
      for (const half of [rows.slice(0, 2000), rows.slice(2000)]) {
        const words = ['sink-influxdb', server.url, '--create-database', '--batch', '100', ...more]
        const { status, stderr } = await netally(words, text(half))
        assert.equal(status, 0, stderr)
      }
      const [sums] = await server.rows('select sum(bytes) as bytes, sum(packets) as packets from netally')
      assert.deepEqual(
        { bytes: BigInt(sums?.bytes as bigint), packets: BigInt(sums?.packets as number) },
        sqliteSums(file),
      )
      const bySource = await server.rows(`select sum(packets) as packets from netally where as_src = '64503'`)
      const expected = rows.filter(({ as_src }) => as_src === 64_503).reduce((sum, { packets }) => sum + packets, 0)
      assert.equal(bySource[0]?.packets, expected)
    }
  })

  it('points that the server refuses: each found, with its reason, and the others stored', async context => {
    const server = await influxdb(context)
    await server.start()
    const rejects = join(scratch(context), 'rejects.ndjson')
    const mood = (n: number) => (n === 5 || n === 700 ? 'bad' : n)
    const rows = Array.from({ length: 1000 }, (_, n) => ({ tag: n, mood: mood(n), stamp_inserted: 1_764_000_000 }))
    const words = ['sink-influxdb', server.url, '--create-database', '--values', 'mood', '--rejects', rejects]
    const { status, stderr } = await netally([...words, '--stats'], text(rows))
    assert.equal(status, 0, stderr)
    const kept = records(readFileSync(rejects, 'utf8'))
    assert.deepEqual(
      kept.map(({ record: one }) => Reflect.get(one as object, 'tag')),
      [5, 700],
    )
    for (const { reason } of kept) assert.match(String(reason), /field type conflict/)
    assert.equal((await server.rows('select count(mood) from netally'))[0]?.count, 998)
  })

  it('a database that is not there ends the command, unless it shall be made', async context => {
    const server = await influxdb(context)
    await server.start()
    const { status, stderr } = await netally(['sink-influxdb', server.url], text([record(1)]))
    assert.equal(status, 1)
    assert.match(stderr, /has no database "netally".*\[influxdb\/no-database\]/)
  })

  it('a user with a password; a wrong one ends the command', async context => {
    const server = await startInfluxdb(context, { auth: true })
    if (isSkipped(server)) return context.skip(server.skipped)
    const { user = '', password = '' } = server.credentials ?? {}
    const as = (secret: string) =>
      netally(['sink-influxdb', server.url, '--user', user], text([record(1)]), {
        env: { ...process.env, NETALLY_INFLUXDB_PASSWORD: secret },
      })
    const right = await as(password)
    assert.equal(right.status, 0, right.stderr)
    assert.match(await server.query('select bytes from netally'), /101/)
    const wrong = await as('wrong')
    assert.equal(wrong.status, 1)
    assert.match(wrong.stderr, /influxdb\/refused/)
  })

  it('--precision, --measurement, --with, --no-gzip', async context => {
    const server = await influxdb(context)
    await server.start()
    const flags = ['--precision', 's', '--measurement', 'acct, 1=2', '--with', 'site=fra 1', '--no-gzip']
    const { status, stderr } = await netally(
      ['sink-influxdb', server.url, '--create-database', '--tags', 'tag', '--values', 'bytes', ...flags],
      text([record(1)]),
    )
    assert.equal(status, 0, stderr)
    assert.deepEqual(await server.rows('select * from "acct, 1=2"'), [
      { time: 1_764_000_060_000_000_000n, tag: '1', site: 'fra 1', bytes: 101 },
    ])
  })
})

describe('sink-influxdb to VictoriaMetrics', { skip: without('victoria-metrics') }, () => {
  for (const words of [
    ['--database', 'x'],
    ['--org', 'noc', '--bucket', 'x'],
  ]) {
    it(`writes with ${words[0]}`, async context => {
      const server = await startVictoriaMetrics(context)
      if (isSkipped(server)) return context.skip(server.skipped)
      const rows = Array.from({ length: 100 }, (_, n) => ({ tag: n, bytes: 1000 + n, stamp_inserted: 1_764_000_000 }))
      const { status, stderr } = await netally(['sink-influxdb', server.url, ...words], text(rows))
      assert.equal(status, 0, stderr)
      const answer = await server.query('query?query=sum(netally_bytes)&time=1764000030')
      assert.equal(JSON.parse(answer).data.result[0].value[1], String(1000 * 100 + 4950))
    })
  }
})
