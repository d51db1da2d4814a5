// Avro with a real registry that has Confluent's API, and what is stored read by avsc itself. Where the registry shall fail, its
// part is played by a server of this file.
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server as HttpServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, describe, it, type TestContext } from 'node:test'
import avsc from 'avsc'
import { jsonText, parsedRecord } from '../../../src/stream/json.ts'
import { startSchemaRegistry } from '../../../test/services/servers/apicurio.ts'
import { ask } from '../../../test/services/servers/http.ts'
import { run } from '../../../test/services/servers/programs.ts'
import { isSkipped, type Server } from '../../../test/services/servers/server.ts'
import { ended, netally, start } from '../../../test/support/cli.ts'
import { testRecord } from '../../../test/support/sink-compliance.ts'
import { newTopic, sharedBroker } from './kafka-server.ts'

const broker = await sharedBroker()
const schemas = await startSchemaRegistry({ after })
const skip = isSkipped(broker) ? broker.skipped : isSkipped(schemas) ? schemas.skipped : false
const registryUrl = isSkipped(schemas) ? '' : schemas.url
const server = broker as Server

interface FakeRegistry {
  readonly url: string
  /** Schemas by number, from 1. */
  readonly schemas: string[]
  readonly subjects: Map<string, number[]>
  /** Status of the next answers, first ones first; 200 when there are none. */
  readonly failures: number[]
}

/** POST subjects/SUBJECT/versions gives {"id"}; GET schemas/ids/ID gives {"schema"}. */
async function fakeRegistry(context: TestContext): Promise<FakeRegistry> {
  const [schemas, subjects, failures] = [[] as string[], new Map<string, number[]>(), [] as number[]]
  const http: HttpServer = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const answer = (status: number, value: unknown) => response.writeHead(status).end(JSON.stringify(value))
    const failure = failures.shift()
    if (failure !== undefined) return answer(failure, { error_code: failure, message: 'told to fail' })
    const [, subject] = /^\/subjects\/([^/]+)\/versions$/.exec(request.url ?? '') ?? []
    if (subject !== undefined) {
      const { schema } = JSON.parse(body) as { schema: string }
      const id = schemas.includes(schema) ? schemas.indexOf(schema) + 1 : schemas.push(schema)
      subjects.set(subject, [...(subjects.get(subject) ?? []), id])
      return answer(200, { id })
    }
    const [, id] = /^\/schemas\/ids\/(\d+)$/.exec(request.url ?? '') ?? []
    const schema = schemas[Number(id) - 1]
    return schema === undefined ? answer(404, { error_code: 40403 }) : answer(200, { schema })
  })
  http.listen(0, '127.0.0.1')
  await once(http, 'listening')
  context.after(() => http.close())
  return { url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`, schemas, subjects, failures }
}

const text = (lines: readonly string[]) => lines.map(line => `${line}\n`).join('')
const lines = (count: number) => Array.from({ length: count }, (_, n) => jsonText(testRecord(n)))

describe('Avro with a schema registry', { skip }, () => {
  it('the wire format of Confluent: 0, the number of the schema, the row', async () => {
    const topic = newTopic()
    const words = ['--topic', topic, '--format', 'avro', '--registry', registryUrl]
    const { status, stderr } = await netally(['sink-kafka', server.url, ...words], '{"bytes":5,"as_src":20}\n')
    assert.equal(status, 0, stderr)
    const subject = `${registryUrl}/subjects/${topic}-value/versions/1`
    const registered = JSON.parse(await ask(subject)) as { id: number; schema: string }
    const format = ['-e', '-q', '-o', 'beginning', '-f', '%s']
    // Every octet is below 128, or text would not show it.
    const octets = Buffer.from(await run(['kcat', '-C', '-b', server.url, '-t', topic, ...format]))
    assert.equal(octets[0], 0)
    assert.equal(octets.readUInt32BE(1), registered.id)
    const row = avsc.Type.forSchema(JSON.parse(registered.schema)).fromBuffer(octets.subarray(5)) as object
    assert.deepEqual({ ...row }, { as_src: 20, bytes: 5 })
  })

  it('what goes in comes out, numbers exact, while the schema grows', async () => {
    const topic = newTopic()
    const words = [server.url, '--topic', topic, '--registry', registryUrl]
    const sent = [...lines(100), '{"tag":7,"as_src":64496}', '{"x":"a field that nobody knows"}']
    const written = await netally(['sink-kafka', ...words, '--format', 'avro', '--batch', '60'], text(sent))
    assert.equal(written.status, 0, written.stderr)
    const versions = JSON.parse(await ask(`${registryUrl}/subjects/${topic}-value/versions`)) as number[]
    assert.equal(versions.length, 2, 'the first batch and the second have other fields')
    const { stdout, stderr, status } = await netally(['kafka-recv', ...words, '--group', topic, '--until-end'])
    assert.equal(status, 0, stderr)
    assert.deepEqual(
      stdout
        .trimEnd()
        .split('\n')
        .map(line => parsedRecord(line)),
      sent.map(line => parsedRecord(line)),
    )
  })

  it('a registry that fails is asked again; one that refuses the schema is not', async context => {
    const registrar = await fakeRegistry(context)
    registrar.failures.push(503, 500)
    const topic = newTopic()
    const words = ['sink-kafka', server.url, '--topic', topic, '--format', 'avro', '--registry', registrar.url]
    const passing = await netally([...words, '--retry-first', '50ms'], text(lines(5)))
    assert.equal(passing.status, 0, passing.stderr)
    registrar.failures.push(409)
    const refused = await netally(words, text(lines(5)))
    assert.equal(refused.status, 1)
    assert.match(refused.stderr, /409/)
    assert.match(refused.stderr, /5 dropped \(rejected\)/)
  })

  it('messages of no schema are counted', async context => {
    const registrar = await fakeRegistry(context)
    const topic = newTopic()
    await run(['kcat', '-P', '-b', server.url, '-t', topic], {}, 'text\n')
    const words = ['kafka-recv', server.url, '--topic', topic, '--registry', registrar.url, '--until-end']
    const { stderr } = await ended(start(words))
    assert.match(stderr, /it has no number of a schema before it/)
  })
})
