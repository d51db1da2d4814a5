import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Problem } from '../../src/contract/problem.ts'
import { type Md5Keys, parseMd5Keys } from '../../src/maps/md5-keys.ts'

const keys = (text: string): Md5Keys => parseMd5Keys(text, 'md5.keys') as Md5Keys
const wrong = (text: string): Problem => parseMd5Keys(text, 'md5.keys') as Problem

test('an address or prefix and a key; the key may have commas and blanks in it', () => {
  const text = '! comment\n192.0.2.1, pass word,1 \n2001:db8::/32,x\n'
  assert.deepEqual(keys(text).keys, [
    { address: '192.0.2.1', length: 32, key: 'pass word,1' },
    { address: '2001:db8::', length: 32, key: 'x' },
  ])
})

test('a bad row is told without its key', () => {
  for (const row of ['192.0.2.1 secret', 'peer,secret', `192.0.2.1,${'s'.repeat(81)}`, '192.0.2.1,']) {
    const { code, message } = wrong(`\n${row}`)
    assert.equal(code, 'maps/bad-row')
    assert.match(message, /line 2/)
    assert.doesNotMatch(message, /secret|sss/)
  }
  assert.match(wrong('192.0.2.1,a\n192.0.2.1/32,b').message, /192\.0\.2\.1\/32 has a key already/)
})

test('what changed: keys to give, and keys to take away', () => {
  const before = keys('192.0.2.1,a\n192.0.2.2,b\n192.0.2.3,c')
  assert.deepEqual(keys('192.0.2.1,a\n192.0.2.2,new\n192.0.2.4,d').changesFrom(before), [
    { address: '192.0.2.3', length: 32, key: '' },
    { address: '192.0.2.2', length: 32, key: 'new' },
    { address: '192.0.2.4', length: 32, key: 'd' },
  ])
})
