import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'
import { ProblemError } from 'netally'
import { TestHost } from '../../../test/support/test-host.ts'
import { parseSettings } from '../src/config-file.ts'
import { sinkOptions } from '../src/options.ts'
import { topicProblem } from '../src/place.ts'

const options = (more: object, host = new TestHost()) =>
  sinkOptions({ topic: 'netally', format: 'json', 'multi-values': 1, ...more }, host)
const problem = (code: string) => (error: unknown) => error instanceof ProblemError && error.problem.code === code

it('a broker of this machine where nothing is said', () => {
  const { client, topic } = options({})
  assert.deepEqual(
    client.brokers.map(({ host, port }) => [host, port]),
    [['127.0.0.1', 9092]],
  )
  assert.equal(topic.of({}, 0), 'netally')
  assert.equal(client.tls, undefined)
  assert.equal(client.sasl, undefined)
})

it("pmacct's kafka_config_file: TLS and SASL, other names of the same, what means nothing", context => {
  const folder = mkdtempSync(join(tmpdir(), 'netally-test-'))
  context.after(() => rmSync(folder, { recursive: true }))
  const path = join(folder, 'kafka.conf')
  const lines = [
    '! of pmacct',
    'global, metadata.broker.list, k1.example,k2.example:9094',
    'global, security.protocol, SASL_SSL',
    'global, sasl.mechanisms, SCRAM-SHA-512',
    'global, sasl.username, collector',
    'global, sasl.password, a,b = c',
    'topic, compression.codec, snappy',
    'topic, queue.buffering.max.ms, 5',
    'enable.idempotence = false',
  ]
  writeFileSync(path, lines.join('\n'))
  const host = new TestHost()
  const { client, compression, isIdempotent } = options({ config: path }, host)
  assert.deepEqual(
    client.brokers.map(({ host: name, port }) => [name, port]),
    [
      ['k1.example', 9092],
      ['k2.example', 9094],
    ],
  )
  assert.deepEqual(client.sasl, { mechanism: 'SCRAM-SHA-512', username: 'collector', password: 'a,b = c' })
  assert.equal(client.tls?.rejectUnauthorized, true)
  assert.equal(compression, 'snappy')
  assert.equal(isIdempotent, false)
  assert.deepEqual(host.codes, ['kafka/unused-setting'])
  assert.equal(options({ config: path, compression: 'zstd' }).compression, 'zstd', 'a flag comes first')
})

it('a line that is no setting is told with its number', () => {
  assert.throws(
    () => parseSettings('k.conf', 'client.id=x\nglobal sasl.username me', () => {}),
    error => error instanceof ProblemError && /line 2/.test(error.problem.message),
  )
})

it('what does not go together', () => {
  assert.throws(() => options({ format: 'avro' }), problem('usage/no-schema'))
  assert.throws(() => options({ registry: 'http://r' }), problem('usage/json-with-schema'))
  assert.throws(() => options({ format: 'avro', registry: 'ftp://r' }), problem('usage/bad-registry'))
  assert.throws(
    () => options({ format: 'avro', registry: 'http://r', 'multi-values': 5 }),
    problem('usage/avro-multi-values'),
  )
  assert.throws(() => options({ format: 'avro', registry: 'http://r', compat: 'pmacct' }), problem('usage/avro-form'))
  assert.throws(() => options({ format: 'avro_json', registry: 'http://r' }), problem('usage/text-with-registry'))
  assert.throws(() => options({ format: 'avro_json', encode: 'tos=dscp' }), problem('usage/avro-form'))
  assert.equal(
    options({ format: 'avro_json', 'multi-values': 5 }).format,
    'avro_json',
    'which needs no schema to be read',
  )
  assert.throws(() => options({ sasl: 'PLAIN' }), problem('usage/no-credentials'))
  assert.throws(() => options({ brokers: 'me:secret@k1' }), problem('usage/password-in-argument'))
})

it('names of topics', () => {
  for (const good of ['flows', 'a.b-c_d', 'x'.repeat(249)]) assert.equal(topicProblem(good), undefined)
  for (const bad of ['', '.', '..', 'a b', 'x'.repeat(250)]) assert.match(topicProblem(bad) ?? '', /no name of a topic/)
})
