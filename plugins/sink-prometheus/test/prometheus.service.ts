// sink-prometheus: remote-write to Prometheus and VictoriaMetrics, and Prometheus that scrapes it.
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { describe, it, type TestContext } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import type { NetRecord } from '../../../src/contract/record.ts'
import { jsonText } from '../../../src/stream/json.ts'
import { without } from '../../../test/services/programs.ts'
import { startPrometheus } from '../../../test/services/servers/prometheus.ts'
import { isSkipped } from '../../../test/services/servers/server.ts'
import { startVictoriaMetrics } from '../../../test/services/servers/victoria-metrics.ts'
import { ended, netally, records, scratch } from '../../../test/support/cli.ts'
import { freeTcpPort } from '../../../test/support/free-port.ts'
import { ServerProcess } from '../../../test/support/server-process.ts'
import { type ComplianceServer, sinkCompliance, testRecord } from '../../../test/support/sink-compliance.ts'
import { startCounting } from '../../../test/support/stats.ts'

const skip = without('prometheus')

interface Result {
  readonly metric: { readonly [label: string]: string }
  readonly value?: readonly [number, string]
  readonly values?: readonly (readonly [number, string])[]
}

async function query(url: string, expression: string, time: number): Promise<Result[]> {
  const parameters = new URLSearchParams({ query: expression, time: String(time) })
  const answer = await fetch(`${url}/api/v1/query?${parameters}`)
  const { status, data, error } = (await answer.json()) as {
    status: string
    error?: string
    data?: { result: Result[] }
  }
  assert.equal(status, 'success', error)
  return data?.result ?? []
}

interface Prometheus extends ComplianceServer {
  readonly url: string
}

/** Takes samples in any order of the last two hours. */
async function prometheus(context: TestContext, outOfOrder = '2h'): Promise<Prometheus> {
  const port = await freeTcpPort()
  const folder = mkdtempSync(join(tmpdir(), 'netally-prometheus-'))
  const file = join(folder, 'prometheus.yml')
  writeFileSync(file, `storage: { tsdb: { out_of_order_time_window: ${outOfOrder} } }\n`)
  const url = `http://127.0.0.1:${port}`
  const server = new ServerProcess(context, {
    words: [
      ...['prometheus', `--config.file=${file}`, `--storage.tsdb.path=${folder}/data`],
      ...[`--web.listen-address=127.0.0.1:${port}`, '--web.enable-remote-write-receiver'],
    ],
    ready: async () => (await fetch(`${url}/-/ready`)).ok,
  })
  // Not before the server has ended, which writes there until then.
  context.after(() => rmSync(folder, { recursive: true, force: true }))
  return {
    url,
    words: ['sink-prometheus', url, '--values', 'bytes'],
    start: () => server.start(),
    stop: () => server.stop(),
    kill: () => server.kill(),
    pause: () => server.pause(),
    resume: () => server.resume(),
    read: async () => (await query(url, 'netally_bytes[2h]', 1_764_003_600)).flatMap(recordsOf),
  }
}

/** Labels are texts, and the time is that of the bin with the place of the delivery in its milliseconds. */
function recordsOf({ metric, values = [] }: Result): NetRecord[] {
  const { __name__: _, tag, port_dst, as_path, ...labels } = metric
  return values.map(([time, bytes]) => ({
    ...labels,
    tag: Number(tag),
    port_dst: Number(port_dst),
    as_path: String(as_path).split(' ').map(Number),
    bytes: Number(bytes),
    stamp_inserted: Math.floor(time),
  }))
}

/** What Prometheus has a place for: one value, which a double holds. */
function record(n: number): NetRecord {
  const { packets: _, ...labels } = testRecord(n)
  return { ...labels, bytes: n % 5 === 0 ? 2 ** 52 + n : 100 + n }
}

sinkCompliance('sink-prometheus, remote-write', {
  skip,
  make: context => prometheus(context),
  record,
  duplicates: 'never',
  refused: { record: n => ({ ...record(n), bytes: 'many' }) },
})

const text = (all: readonly NetRecord[]) => all.map(one => `${jsonText(one)}\n`).join('')

/** Few series, and rows of the same bins in every batch. */
const ROWS = Array.from({ length: 3000 }, (_, n) => ({
  ...{ as_src: 64_500 + (n % 7), packets: 1 + (n % 5), bytes: 40 + n, stamp_inserted: 1_764_000_000 + 60 * (n % 3) },
}))

async function sqliteSums(context: TestContext): Promise<{ [name: string]: unknown }> {
  const file = join(scratch(context), 'acct.db')
  await netally(['sink-sqlite', file, '--table', 'acct', '--key', 'none'], text(ROWS))
  const database = new DatabaseSync(file, { readOnly: true })
  const sums = database.prepare('select sum(bytes) as bytes, sum(packets) as packets from acct').get()
  database.close()
  return { ...sums }
}

/** What a server of remote-write was asked, and what it answered first. */
async function answering(context: TestContext, ...answers: (readonly [number, { [name: string]: string }])[]) {
  const asked: { at: number; authorization: string | undefined; octets: number }[] = []
  const server: Server = createServer((request, response) => {
    let octets = 0
    request.on('data', (chunk: Buffer) => {
      octets += chunk.length
    })
    request.on('end', () => {
      const [status, headers] = (octets > 1 ? answers.shift() : undefined) ?? [204, {}]
      asked.push({ at: performance.now(), authorization: request.headers.authorization, octets })
      response.writeHead(status, headers).end()
    })
  })
  const port = await freeTcpPort()
  await new Promise<void>(resolve => server.listen(port, '127.0.0.1', resolve))
  context.after(() => server.closeAllConnections())
  context.after(() => void server.close())
  return { url: `http://127.0.0.1:${port}/write`, asked }
}

describe('sink-prometheus, remote-write', { skip }, () => {
  it('late rows of bins: sums are those of SQLite, in Prometheus and VictoriaMetrics', async context => {
    const expected = await sqliteSums(context)
    const local = await prometheus(context)
    await local.start()
    const other = await startVictoriaMetrics(context)
    const urls = [local.url, ...(isSkipped(other) ? [] : [other.url])]
    for (const url of urls) {
      const { status, stderr } = await netally(['sink-prometheus', url, '--batch', '100'], text(ROWS))
      assert.equal(status, 0, stderr)
      if (!isSkipped(other)) await fetch(`${other.url}/internal/force_flush`)
      const sums: { [name: string]: number } = {}
      for (const name of Object.keys(expected)) {
        const [result] = await query(url, `sum(sum_over_time(netally_${name}[10m]))`, 1_764_000_300)
        sums[name] = Number(result?.value?.[1])
      }
      assert.deepEqual(sums, expected, url)
    }
  })

  it('samples further back than Prometheus looks: each found, and the others stored', async context => {
    const server = await prometheus(context)
    await server.start()
    const words = ['sink-prometheus', server.url, '--tags', 'tag', '--values', 'bytes']
    const first = await netally(words, text([record(0)]))
    assert.equal(first.status, 0, first.stderr)
    const rejects = join(scratch(context), 'rejects.ndjson')
    const rows = Array.from({ length: 200 }, (_, n) => record(n + 1))
    const old = [7, 150].map(n => ({ ...record(n), tag: 1000 + n, stamp_inserted: 1_700_000_000 }))
    const { status, stderr } = await netally([...words, '--rejects', rejects], text([...rows, ...old]))
    assert.equal(status, 0, stderr)
    const kept = records(readFileSync(rejects, 'utf8'))
    assert.deepEqual(
      kept.map(({ record: one }) => Reflect.get(one as object, 'tag')),
      [1007, 1150],
    )
    for (const { reason } of kept) assert.match(String(reason), /too old sample/)
    const [count] = await query(server.url, 'count(count_over_time(netally_bytes[2h]))', 1_764_003_600)
    assert.equal(count?.value?.[1], '201')
  })

  it('numbers that a double does not hold are told', async context => {
    const { url } = await answering(context)
    const { status, stderr } = await netally(
      ['sink-prometheus', url, '--stats'],
      text([{ as_src: 1, bytes: 2n ** 53n + 1n, stamp_inserted: 1_764_000_000 }]),
    )
    assert.equal(status, 0, stderr)
    assert.match(stderr, /9007199254740993 is more than Prometheus can hold exactly.*\[prometheus\/rounded\]/)
    assert.match(stderr, /"values_rounded":1/)
  })

  it('429 with Retry-After is waited for; a bearer token goes along', async context => {
    const { url, asked } = await answering(context, [429, { 'retry-after': '1' }], [503, {}])
    const { status, stderr } = await netally(
      ['sink-prometheus', url, '--retry-first', '10ms'],
      text(ROWS.slice(0, 5)),
      {
        env: { ...process.env, NETALLY_PROMETHEUS_TOKEN: 'secret' },
      },
    )
    assert.equal(status, 0, stderr)
    const writes = asked.filter(({ octets }) => octets > 1)
    assert.equal(writes.length, 3)
    assert.ok((writes[1]?.at ?? 0) - (writes[0]?.at ?? 0) >= 990)
    assert.deepEqual([...new Set(asked.map(({ authorization }) => authorization))], ['Bearer secret'])
  })

  it('a server that does not take remote-write ends the command', async context => {
    const server = await startPrometheus(context)
    if (isSkipped(server)) return context.skip(server.skipped)
    const { status, stderr } = await netally(['sink-prometheus', `${server.url}/no/such/path`], text(ROWS.slice(0, 5)))
    assert.equal(status, 1)
    assert.match(stderr, /\[prometheus\/refused\]/)
  })
})

describe('sink-prometheus --listen', { skip }, () => {
  it('is scraped by Prometheus: counters are the sums so far', async context => {
    const port = await freeTcpPort()
    const words = ['sink-prometheus', '--listen', String(port), '--tags', 'src_as', '--values', 'bytes,packets']
    const counting = await startCounting(context, [...words, '--batch-age', '50ms'])
    context.after(() => counting.child.kill('SIGKILL'))
    const server = await startPrometheus(context, { targets: [`127.0.0.1:${port}`] })
    if (isSkipped(server)) return context.skip(server.skipped)
    const expected = await sqliteSums(context)
    const sums = async () => {
      const found: { [name: string]: number } = {}
      for (const name of Object.keys(expected)) {
        const [result] = await query(server.url, `sum(netally_${name}_total)`, Date.now() / 1000)
        found[name] = Number(result?.value?.[1])
      }
      return found
    }
    counting.child.stdin?.write(text(ROWS))
    for (let tries = 0; tries < 60; tries++) {
      if (JSON.stringify(await sums()) === JSON.stringify(expected)) break
      await pause(500)
    }
    assert.deepEqual(await sums(), expected)
    const metadata = await (await fetch(`${server.url}/api/v1/metadata?metric=netally_bytes`)).text()
    assert.match(metadata, /"type":"counter","help":"octets"/)
    counting.child.stdin?.end()
    assert.equal((await ended(counting.child)).status, 0)
  })

  it('an address that is taken ends the command', async context => {
    const { url } = await answering(context)
    const { status, stderr } = await netally(['sink-prometheus', '--listen', new URL(url).port], '')
    assert.equal(status, 1)
    assert.match(stderr, /\[prometheus\/cannot-listen\]/)
  })
})
