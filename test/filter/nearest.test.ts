import assert from 'node:assert/strict'
import { test } from 'node:test'
import { nearest } from '../../src/filter/nearest.ts'

test('the nearest name within one slip, two in long words', () => {
  const names = ['bytes', 'packets', 'as_src', 'as_dst', 'tag']
  const cases: readonly (readonly [string, string | undefined])[] = [
    ['byte', 'bytes'],
    ['bytse', 'bytes'],
    ['Bytes', 'bytes'],
    ['pakets', 'packets'],
    ['packtes', 'packets'],
    ['as_scr', 'as_src'],
    ['as_src', 'as_src'],
    ['tags', 'tag'],
    ['flag', undefined],
    ['bites', 'bytes'],
    ['bits', undefined],
    ['ta', undefined],
    ['customer', undefined],
  ]
  for (const [word, name] of cases) assert.equal(nearest(word, names), name, word)
})
