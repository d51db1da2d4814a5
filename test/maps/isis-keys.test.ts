import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Problem } from '../../src/contract/problem.ts'
import { type IsisKeys, parseIsisKeys } from '../../src/maps/isis-keys.ts'

const parse = (text: string) => parseIsisKeys(text, 'isis.keys')

test('scope, algorithm and key; the key may have blanks in it', () => {
  const keys = parse('! comment\nhello md5 pass word\nall text x\nlevel-2 sha256:300 y\n') as IsisKeys
  const told = (scope: Parameters<IsisKeys['of']>[0]) =>
    keys.of(scope).map(({ algorithm, keyId, secret }) => `${algorithm} ${keyId} ${Buffer.from(secret)}`)
  assert.deepEqual(told('hello'), ['md5 0 pass word', 'text 0 x'])
  assert.deepEqual(told('level-1'), ['text 0 x'])
  assert.deepEqual(told('level-2'), ['text 0 x', 'sha256 300 y'])
  assert.equal(keys.size, 5)
})

test('a bad row is told without its key', () => {
  const rows = [
    'hallo md5 secret',
    'hello md6 secret',
    'hello md5:1 secret',
    'hello sha1 secret',
    'hello sha1:70000 secret',
  ]
  for (const row of [...rows, 'hello md5', `hello md5 ${'s'.repeat(255)}`]) {
    const { code, message } = parse(`\n${row}`) as Problem
    assert.equal(code, 'maps/bad-row', row)
    assert.match(message, /line 2/)
    assert.doesNotMatch(message, /secret|sss/)
  }
})
