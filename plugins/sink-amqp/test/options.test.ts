import assert from 'node:assert/strict'
import { it } from 'node:test'
import { ProblemError } from 'netally'
import { TestHost } from '../../../test/support/test-host.ts'
import { recvOptions, sinkOptions } from '../src/options.ts'

const parsed = (more: object) => ({
  server: '127.0.0.1',
  type: 'direct',
  format: 'json',
  'multi-values': 1,
  'max-message': '16M',
  'frame-max': 131_072,
  ...more,
})
const problem = (code: string) => (error: unknown) => error instanceof ProblemError && error.problem.code === code

it('a broker of this machine where nothing is said', () => {
  const { connection, routingKey, exchange, mandatory, isPersistent } = sinkOptions(parsed({}))
  assert.deepEqual([connection.host, connection.port, connection.virtualHost], ['127.0.0.1', 5672, '/'])
  assert.equal(connection.user, 'guest')
  assert.equal(routingKey.of({}, 0), 'netally')
  assert.equal(exchange.name, '')
  assert.ok(mandatory && isPersistent)
})

it('amqps is TLS, with verification; the path is the virtual host', () => {
  const { connection } = sinkOptions(parsed({ server: 'amqps://me@rabbit.example.net/a%2Fb' }))
  assert.equal(connection.tls?.rejectUnauthorized, true)
  assert.deepEqual([connection.port, connection.user, connection.virtualHost], [5671, 'me', 'a/b'])
})

it('a value never makes another word of the routing key', () => {
  const { routingKey } = sinkOptions(parsed({ 'routing-key': 'x.$label' }))
  assert.equal(routingKey.of({ label: 'a.b*#' }, 0), 'x.a_b__')
})

it('bindings of a source', async () => {
  const host = new TestHost()
  assert.deepEqual((await recvOptions(parsed({ exchange: 'e', type: 'topic' }), host)).bindings, ['#'])
  assert.deepEqual((await recvOptions(parsed({ exchange: 'e' }), host)).bindings, ['netally'])
  await assert.rejects(recvOptions(parsed({}), host), problem('usage/no-queue'))
})

it('what does not go together', () => {
  assert.throws(() => sinkOptions(parsed({ format: 'avro' })), problem('usage/no-schema'))
  assert.throws(() => sinkOptions(parsed({ 'avro-schema-file': 'x' })), problem('usage/json-with-schema'))
  assert.throws(() => sinkOptions(parsed({ format: 'avro_json', compat: 'pmacct' })), problem('usage/avro-form'))
  assert.equal(sinkOptions(parsed({ format: 'avro_json' })).format, 'avro_json', 'which needs no schema to be read')
  assert.throws(() => sinkOptions(parsed({ server: 'me:secret@h' })), problem('usage/password-in-argument'))
})
