// What a server can answer that the real one does not on demand: full queues, requests that are too large, refusals.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { it, type TestContext } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { type DeliveryBatch, jsonText, type NetRecord, PermanentError, recordBatch } from 'netally'
import { connectElasticsearch } from '../src/backend.ts'
import { elasticsearchOptions } from '../src/options.ts'

const RECORDS: readonly NetRecord[] = [1, 2, 3, 4].map(tag => ({ tag, stamp_inserted: 60 * tag }))

function batchOf(records: readonly NetRecord[]): DeliveryBatch {
  const lines = records.map(record => jsonText(record))
  return {
    id: 'b-1',
    attempt: 1,
    count: records.length,
    takenMs: 0,
    records,
    lines,
    octets: new TextEncoder().encode(lines.map(line => `${line}\n`).join('')),
    batches: () => [recordBatch([...records], 0)],
  }
}

interface Bulk {
  readonly status?: number
  readonly body?: unknown
}
/** Answers a bulk request by the tags of its documents. */
type Answering = (tags: number[], request: IncomingMessage) => Bulk

const results = (statuses: readonly number[]): Bulk => ({
  body: {
    items: statuses.map(status => ({
      create: { status, ...(status < 300 ? {} : { error: { type: `e${status}`, reason: 'because' } }) },
    })),
  },
})

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  const octets = Buffer.concat(chunks)
  return (request.headers['content-encoding'] === 'gzip' ? gunzipSync(octets) : octets).toString()
}

async function fakeServer(context: TestContext, answering: Answering): Promise<{ url: string; asked: number[][] }> {
  const asked: number[][] = []
  const server: Server = createServer(async (request, response) => {
    const body = await bodyOf(request)
    let answer: Bulk = { body: {} }
    if (request.url?.includes('/_bulk')) {
      const documents = body.split('\n').filter((line, at) => at % 2 === 1 && line !== '')
      const tags = documents.map(line => (JSON.parse(line) as { tag: number }).tag)
      asked.push(tags)
      answer = answering(tags, request)
    }
    response.writeHead(answer.status ?? 200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(answer.body ?? {}))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  context.after(() => server.closeAllConnections())
  context.after(() => server.close())
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}

const host = { signal: new AbortController().signal, count: () => {}, report: () => {} } as never

async function write(context: TestContext, answering: Answering, more: object = {}) {
  const { url, asked } = await fakeServer(context, answering)
  const options = elasticsearchOptions({ servers: url, template: false, ...more })
  const signal = AbortSignal.timeout(10_000)
  const backend = await connectElasticsearch(options, host, signal)
  context.after(() => backend.close())
  const rejected = await backend.write(batchOf(RECORDS), signal).catch(error => error as Error)
  return { rejected, asked }
}

it('of items that the server put off those alone are sent again', async context => {
  let round = 0
  const { rejected, asked } = await write(context, tags => {
    round++
    return results(tags.map(tag => (round === 1 && tag % 2 === 0 ? 429 : 201)))
  })
  assert.deepEqual(rejected, [])
  assert.deepEqual(asked, [
    [1, 2, 3, 4],
    [2, 4],
  ])
})

it('a document that is there already is stored; one that the mapping refuses is rejected with the reason', async context => {
  const { rejected } = await write(context, () => results([201, 409, 400, 201]))
  assert.deepEqual(rejected, [{ index: 2, reason: 'e400: because' }])
})

it('a server that puts off for ever: the batch comes again', async context => {
  const { rejected, asked } = await write(context, tags => results(tags.map(() => 429)))
  assert.ok(rejected instanceof Error && !(rejected instanceof PermanentError))
  assert.equal(asked.length, 5)
})

it('items that no server may take now: the batch comes again', async context => {
  const { rejected } = await write(context, () => results([201, 503, 201, 201]))
  assert.ok(rejected instanceof Error && !(rejected instanceof PermanentError))
})

it('a request that is too large is halved', async context => {
  const { rejected, asked } = await write(context, tags =>
    tags.length > 1 ? { status: 413 } : results(tags.map(tag => (tag === 3 ? 400 : 201))),
  )
  assert.deepEqual(rejected, [{ index: 2, reason: 'e400: because' }])
  assert.deepEqual(asked, [[1, 2, 3, 4], [1, 2], [1], [2], [3, 4], [3], [4]])
})

it('who may not write is told, and not tried again', async context => {
  const { rejected } = await write(context, () => ({ status: 403, body: { error: { type: 'security_exception' } } }))
  assert.ok(rejected instanceof PermanentError)
  assert.equal(rejected.problem.code, 'elasticsearch/refused')
})

it('who we are, and gzip', async context => {
  const seen: (string | undefined)[] = []
  const answering: Answering = (tags, { headers }) => {
    seen.push(headers.authorization, String(headers['content-encoding']))
    return results(tags.map(() => 201))
  }
  process.env.NETALLY_ELASTICSEARCH_PASSWORD = 'secret'
  context.after(() => delete process.env.NETALLY_ELASTICSEARCH_PASSWORD)
  assert.deepEqual((await write(context, answering, { user: 'me', gzip: true })).rejected, [])
  delete process.env.NETALLY_ELASTICSEARCH_PASSWORD
  process.env.NETALLY_ELASTICSEARCH_API_KEY = 'a2V5'
  context.after(() => delete process.env.NETALLY_ELASTICSEARCH_API_KEY)
  assert.deepEqual((await write(context, answering)).rejected, [])
  assert.deepEqual(seen, [`Basic ${Buffer.from('me:secret').toString('base64')}`, 'gzip', 'ApiKey a2V5', 'undefined'])
})
