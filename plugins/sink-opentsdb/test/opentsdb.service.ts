// sink-opentsdb against VictoriaMetrics, which speaks OpenTSDB's HTTP and telnet.
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, it, type TestContext } from 'node:test'
import type { NetRecord } from '../../../src/contract/record.ts'
import { jsonText } from '../../../src/stream/json.ts'
import { without } from '../../../test/services/programs.ts'
import { startOpentsdb } from '../../../test/services/servers/opentsdb.ts'
import { isSkipped } from '../../../test/services/servers/server.ts'
import { netally, scratch } from '../../../test/support/cli.ts'
import { freeTcpPort } from '../../../test/support/free-port.ts'
import { ServerProcess } from '../../../test/support/server-process.ts'
import { type ComplianceServer, sinkCompliance, testRecord } from '../../../test/support/sink-compliance.ts'

const skip = without('victoria-metrics')

interface Exported {
  readonly metric: { readonly [label: string]: string }
  readonly values: readonly number[]
  readonly timestamps: readonly number[]
}

interface Metrics extends ComplianceServer {
  readonly http: string
  readonly telnet: string
  exported(): Promise<Exported[]>
}

async function victoriaMetrics(context: TestContext, scheme: 'http' | 'telnet'): Promise<Metrics> {
  const [port, telnet, put] = [await freeTcpPort(), await freeTcpPort(), await freeTcpPort()]
  const folder = mkdtempSync(join(tmpdir(), 'netally-victoria-'))
  const url = `http://127.0.0.1:${port}`
  const server = new ServerProcess(context, {
    words: [
      ...['victoria-metrics', `-storageDataPath=${folder}`, `-httpListenAddr=127.0.0.1:${port}`],
      ...[`-opentsdbListenAddr=127.0.0.1:${telnet}`, `-opentsdbHTTPListenAddr=127.0.0.1:${put}`],
      ...['-retentionPeriod=100y', '-memory.allowedBytes=256MB'],
    ],
    ready: async () => (await fetch(`${url}/health`)).ok,
  })
  context.after(() => rmSync(folder, { recursive: true, force: true }))
  const exported = async () => {
    await fetch(`${url}/internal/force_flush`)
    const text = await (await fetch(`${url}/api/v1/export?match[]={__name__!=""}`)).text()
    return text
      .split('\n')
      .filter(Boolean)
      .map(line => JSON.parse(line) as Exported)
  }
  return {
    http: `http://127.0.0.1:${put}`,
    telnet: `telnet://127.0.0.1:${telnet}`,
    exported,
    words: [
      'sink-opentsdb',
      scheme === 'http' ? `http://127.0.0.1:${put}` : `telnet://127.0.0.1:${telnet}`,
      // Its telnet answers nothing, and has no milliseconds.
      ...(scheme === 'http' ? [] : ['--barrier', 'close', '--precision', 's']),
      ...['--tags', 'tag,label', '--values', 'bytes'],
    ],
    start: () => server.start(),
    stop: () => server.stop(),
    // It keeps seconds of what it acknowledged in memory, and SIGKILL loses those whoever wrote them: here it ends in order.
    kill: () => server.stop(),
    pause: () => server.pause(),
    resume: () => server.resume(),
    read: async () => (await exported()).flatMap(recordsOf),
  }
}

/** Samples of one series; the same time twice is the same point, written again. */
function recordsOf({ metric, values, timestamps }: Exported): NetRecord[] {
  const byTime = new Map(timestamps.map((time, index) => [time, values[index] as number]))
  return [...byTime].map(([time, bytes]) => ({
    ...{ tag: Number(metric.tag), label: String(metric.label), bytes, stamp_inserted: Math.floor(time / 1000) },
  }))
}

const record = (n: number): NetRecord => {
  const { tag = 0, stamp_inserted = 0 } = testRecord(n)
  return { tag, label: n % 3 === 0 ? 'un_usual' : 'plain', bytes: 100 + n, stamp_inserted }
}

for (const scheme of ['http', 'telnet'] as const) {
  sinkCompliance(`sink-opentsdb, ${scheme}`, {
    skip,
    make: context => victoriaMetrics(context, scheme),
    record,
    duplicates: 'never',
    refused: { record: n => ({ ...record(n), bytes: 2n ** 63n }) },
  })
}

const text = (all: readonly NetRecord[]) => all.map(one => `${jsonText(one)}\n`).join('')

describe('sink-opentsdb', { skip }, () => {
  it('late rows of bins: sums are those of SQLite', async context => {
    const server = await victoriaMetrics(context, 'http')
    await server.start()
    const rows = Array.from({ length: 3000 }, (_, n) => ({
      ...{
        as_src: 64_500 + (n % 7),
        packets: 1 + (n % 5),
        bytes: 40 + n,
        stamp_inserted: 1_764_000_000 + 60 * (n % 3),
      },
    }))
    const file = join(scratch(context), 'acct.db')
    await netally(['sink-sqlite', file, '--table', 'acct', '--key', 'none'], text(rows))
    const words = ['sink-opentsdb', server.http, '--batch', '100']
    const { status, stderr } = await netally(words, text(rows))
    assert.equal(status, 0, stderr)
    const sums: { [metric: string]: number } = {}
    for (const { metric, values } of await server.exported()) {
      const name = String(metric.__name__)
      sums[name] = values.reduce((sum, value) => sum + value, sums[name] ?? 0)
    }
    const database = new DatabaseSync(file, { readOnly: true })
    const { bytes, packets } =
      database.prepare('select sum(bytes) as bytes, sum(packets) as packets from acct').get() ?? {}
    database.close()
    assert.deepEqual(sums, { 'netally.bytes': bytes, 'netally.packets': packets })
  })
})

/** Sums of the data points of a metric in OpenTSDB, by its own query. */
async function sumOf(url: string, metric: string): Promise<number> {
  const query = new URLSearchParams({ start: '1763999000', end: '1764009000', m: `sum:${metric}`, ms: 'true' })
  query.set('m', `none:${metric}{as_src=*}`)
  const answer = await fetch(`${url}/api/query?${query}`)
  const series = (await answer.json()) as { readonly dps: { readonly [time: string]: number } }[]
  return series.flatMap(({ dps }) => Object.values(dps)).reduce((sum, value) => sum + value, 0)
}

describe('sink-opentsdb to OpenTSDB', () => {
  it('HTTP and telnet: sums of its own query; points that it refuses', async context => {
    const server = await startOpentsdb(context)
    if (isSkipped(server)) return context.skip(server.skipped)
    const rows = Array.from({ length: 3000 }, (_, n) => ({
      ...{ as_src: 64_500 + (n % 7), bytes: 40 + n, stamp_inserted: 1_764_000_000 + 60 * (n % 3) },
    }))
    const expected = rows.reduce((sum, { bytes }) => sum + bytes, 0)
    for (const scheme of ['http', 'telnet']) {
      const words = ['sink-opentsdb', `${scheme}://127.0.0.1:${server.port}`, '--timeout', '60s', '--metric']
      const { status, stderr } = await netally([...words, `${scheme}.{value}`, '--batch', '100'], text(rows))
      assert.equal(status, 0, stderr)
      await until(async () => (await sumOf(server.url, `${scheme}.bytes`)) === expected)
      // One more tag than it takes.
      const many = Object.fromEntries(Array.from({ length: 9 }, (_, n) => [`tag${n}`, n]))
      const odd = [...rows.slice(0, 20), { ...many, bytes: 1, stamp_inserted: 1_764_000_000 }, ...rows.slice(20, 40)]
      const refused = await netally([...words, `odd.${scheme}.{value}`, '--max-tags', '20'], text(odd))
      assert.match(refused.stderr, /the backend refused 1 of 41 records: .*tags/i)
    }
  })
})

/** Asks again until it holds: OpenTSDB shows what it took a moment later. */
async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 60; tries++) {
    if (await holds()) return
    await new Promise(resolve => setTimeout(resolve, 500))
  }
  assert.fail('what was written is not what is there')
}
