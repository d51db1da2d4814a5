import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseExact } from '../../src/stream/json.ts'

test('whole numbers are exact wherever they stand; digits of texts and fractions are what they are', () => {
  const large = 12_345_678_901_234_567_890n
  assert.equal(parseExact('12345678901234567890'), large)
  assert.equal(parseExact('-12345678901234567890'), -large)
  assert.equal(parseExact(' \n12345678901234567890'), large)
  assert.deepEqual(parseExact('[12345678901234567890,-12345678901234567890 ,\t12345678901234567890]'), [
    large,
    -large,
    large,
  ])
  assert.deepEqual(parseExact('{"a":12345678901234567890,"b": 12345678901234567890,"c":\n12345678901234567890}'), {
    a: large,
    b: large,
    c: large,
  })
  assert.deepEqual(parseExact('{"12345678901234567":"12345678901234567890","x":"a 12345678901234567890","y":7}'), {
    '12345678901234567': '12345678901234567890',
    x: 'a 12345678901234567890',
    y: 7,
  })
  assert.deepEqual(
    parseExact('[0.12345678901234566,1e22,12345678901234567.5]'),
    [0.12345678901234566, 1e22, 12_345_678_901_234_568],
  )
})
