// A batch that comes again: which task is given, which is waited for. An overlord that says what it is told to say.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { it, type TestContext } from 'node:test'
import { type DeliveryBatch, jsonText, type NetRecord, PermanentError, recordBatch } from 'netally'
import { connectDruid } from '../src/backend.ts'
import { druidOptions } from '../src/options.ts'

const RECORDS: readonly NetRecord[] = [{ tag: 1, stamp_inserted: 60 }]

const batch: DeliveryBatch = {
  id: 'b-1',
  attempt: 1,
  count: 1,
  takenMs: 0,
  records: RECORDS,
  lines: RECORDS.map(record => jsonText(record)),
  octets: new TextEncoder().encode(`${jsonText(RECORDS[0] as NetRecord)}\n`),
  batches: () => [recordBatch([...RECORDS], 0)],
}

type Codes = { [task: string]: string[] }

async function bodyOf(request: IncomingMessage): Promise<string> {
  let text = ''
  for await (const chunk of request) text += String(chunk)
  return text
}

/** `codes`: what is said of a task, one after the other, the last for ever; a task that is given runs to `becomes`. */
async function overlord(context: TestContext, codes: Codes, becomes: string, given: string[]): Promise<string> {
  const server = createServer(async (request, response) => {
    const body = await bodyOf(request)
    const id = /task\/([^/]+)\/status$/.exec(request.url ?? '')?.[1]
    let [status, answer]: [number, object] = [200, {}]
    if (id !== undefined) {
      const [code, ...rest] = codes[id] ?? []
      if (code === undefined) status = 404
      else if (rest.length > 0) codes[id] = rest
      answer = { task: id, status: { statusCode: code, errorMsg: 'because' } }
    } else if (request.method === 'POST') {
      const task = (JSON.parse(body) as { id: string }).id
      given.push(task)
      if (codes.late?.includes(task)) {
        codes[task] = ['SUCCESS']
        ;[status, answer] = [400, { error: `Task[${task}] already exists` }]
      } else codes[task] = ['RUNNING', becomes]
    }
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(JSON.stringify(answer))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  context.after(() => server.close())
  context.after(() => server.closeAllConnections())
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

const host = { signal: new AbortController().signal, count: () => {}, report: () => {} } as never

/** Tasks that were given, and how the write ended. */
async function write(context: TestContext, codes: Codes, becomes = 'SUCCESS') {
  const given: string[] = []
  const server = await overlord(context, codes, becomes, given)
  const options = druidOptions({ server, datasource: 'd', 'segment-granularity': 'day', 'query-granularity': 'none' })
  const signal = AbortSignal.timeout(20_000)
  const backend = await connectDruid(options, host, signal)
  context.after(() => backend.close())
  const result = await backend.write(batch, signal).catch(error => error as Error)
  return { given, result }
}

it('a new batch is a task, which is waited for', async context => {
  assert.deepEqual(await write(context, {}), { given: ['netally_d_b-1'], result: [] })
})

it('a batch of which the task still runs, or has ended, is not given again', async context => {
  assert.deepEqual(await write(context, { 'netally_d_b-1': ['RUNNING', 'SUCCESS'] }), { given: [], result: [] })
  assert.deepEqual(await write(context, { 'netally_d_b-1': ['SUCCESS'] }), { given: [], result: [] })
})

it('a task that was given in the same moment is waited for', async context => {
  assert.deepEqual(await write(context, { late: ['netally_d_b-1'] }), { given: ['netally_d_b-1'], result: [] })
})

it('a task that failed is followed by another', async context => {
  assert.deepEqual(await write(context, { 'netally_d_b-1': ['FAILED'] }), { given: ['netally_d_b-1_2'], result: [] })
})

it('a task that fails: the batch comes again; after five it is given up, with the reason', async context => {
  const once = await write(context, {}, 'FAILED')
  assert.deepEqual(once.given, ['netally_d_b-1'])
  assert.ok(once.result instanceof Error && !(once.result instanceof PermanentError))
  const failed = ['', '_2', '_3', '_4'].map(end => [`netally_d_b-1${end}`, ['FAILED']])
  const last = await write(context, Object.fromEntries(failed), 'FAILED')
  assert.deepEqual(last.given, ['netally_d_b-1_5'])
  assert.ok(last.result instanceof PermanentError)
  assert.match(last.result.message, /because/)
})
