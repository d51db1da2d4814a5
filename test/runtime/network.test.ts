import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { ProblemError } from '../../src/contract/problem.ts'
import { parseEndpoint, parseEndpoints } from '../../src/runtime/endpoint.ts'
import { credentials, secret, tlsOptions } from '../../src/runtime/network-flags.ts'
import { durationMs, sizeOctets } from '../../src/runtime/quantities.ts'
import { scratch } from '../support/cli.ts'

const rules = { ports: { amqp: 5672, amqps: 5671, http: 8086 }, secure: ['amqps'] }
const fails = (work: () => unknown, code: string) =>
  assert.throws(work, error => error instanceof ProblemError && error.problem.code === code)

describe('where a server is', () => {
  const cases: readonly (readonly [string, string, string, number])[] = [
    ['broker', 'amqp', 'broker', 5672],
    ['broker:1', 'amqp', 'broker', 1],
    ['192.0.2.1', 'amqp', '192.0.2.1', 5672],
    ['[2001:db8::1]', 'amqp', '2001:db8::1', 5672],
    ['[2001:db8::1]:99', 'amqp', '2001:db8::1', 99],
    ['amqps://broker', 'amqps', 'broker', 5671],
    ['http://broker:80', 'http', 'broker', 80],
    ['http://broker/db?x=1:2', 'http', 'broker', 8086],
    ['AMQP://user@broker/%2Fhost', 'amqp', 'broker', 5672],
  ]
  for (const [text, scheme, host, port] of cases) {
    it(text, () => {
      const endpoint = parseEndpoint(text, rules)
      assert.deepEqual([endpoint.scheme, endpoint.host, endpoint.port], [scheme, host, port])
    })
  }

  it('the rest of the address', () => {
    const { path, user, isSecure, query, text } = parseEndpoint('amqps://me@broker/%2Fhost?a=1', rules)
    assert.deepEqual([path, user, isSecure, query.get('a'), text], ['/host', 'me', true, '1', 'amqps://broker:5671'])
  })

  it('what is none', () => {
    fails(() => parseEndpoint('amqp://', rules), 'usage/bad-endpoint')
    fails(() => parseEndpoint('ftp://broker', rules), 'usage/bad-endpoint')
    fails(() => parseEndpoint('broker:99999', rules), 'usage/bad-endpoint')
    fails(() => parseEndpoint('amqp://me:secret@broker', rules), 'usage/password-in-argument')
  })

  it('several', () => {
    assert.deepEqual(
      parseEndpoints('a, b:1', rules).map(({ text }) => text),
      ['amqp://a:5672', 'amqp://b:1'],
    )
  })
})

describe('who we are', () => {
  it('a password is in a file or in the environment', context => {
    const file = join(scratch(context), 'password')
    writeFileSync(file, 'secret\n')
    assert.deepEqual(credentials({ user: 'me', 'password-file': file }, 'NETALLY_X'), {
      user: 'me',
      password: 'secret',
    })
    process.env.NETALLY_X_PASSWORD = 'other'
    context.after(() => delete process.env.NETALLY_X_PASSWORD)
    assert.deepEqual(credentials({}, 'NETALLY_X'), { password: 'other' })
    fails(() => credentials({ 'password-file': '/nowhere' }, 'NETALLY_X'), 'usage/unreadable-file')
    assert.equal(
      secret({ 'token-file': file }, 'token-file', 'NETALLY_X_PASSWORD'),
      credentials({ 'password-file': file }, 'NETALLY_X').password,
    )
    assert.equal(secret({}, 'token-file', 'NETALLY_X_PASSWORD'), 'other')
    fails(() => secret({ 'token-file': '/nowhere' }, 'token-file', 'NETALLY_X'), 'usage/unreadable-file')
  })

  it('TLS where the address or a flag says so, verified unless told otherwise', () => {
    assert.equal(tlsOptions({ 'tls-insecure': false, tls: false }, false), undefined)
    assert.equal(tlsOptions({}, true)?.rejectUnauthorized, true)
    assert.equal(tlsOptions({ 'tls-insecure': true }, false)?.rejectUnauthorized, false)
    fails(() => tlsOptions({ 'tls-ca': '/nowhere' }, false), 'usage/unreadable-file')
  })
})

describe('values with a unit', () => {
  it('times', () => {
    assert.deepEqual(
      ['200ms', '30s', '5m', '1h', '7'].map(text => durationMs('x', text)),
      [200, 30_000, 300_000, 3_600_000, 7000],
    )
    fails(() => durationMs('x', 'soon'), 'usage/bad-duration')
  })

  it('sizes', () => {
    assert.deepEqual(
      ['4096', '64K', '4m', '1GiB', '2MB'].map(text => sizeOctets('x', text)),
      [4096, 65_536, 4 << 20, 2 ** 30, 2 << 20],
    )
    for (const text of ['0', '-1', 'big', '99999999T']) fails(() => sizeOctets('x', text), 'usage/bad-size')
  })
})
