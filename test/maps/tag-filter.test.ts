import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isProblem } from '../../src/contract/problem.ts'
import type { Value } from '../../src/contract/record.ts'
import { labelMap } from '../../src/maps/label-map.ts'
import { labelParts, parseLabelFilter, parseTagFilter } from '../../src/maps/tag-filter.ts'

function passing(filter: string, tags: readonly (Value | undefined)[]): (Value | undefined)[] {
  const test = parseTagFilter(filter)
  if (isProblem(test)) assert.fail(test.message)
  return tags.filter(test)
}

test('tags pass by value, range and negation', () => {
  const tags = [undefined, 0, 5, 6, 7, 10, 20, 21]
  assert.deepEqual(passing('6', tags), [6])
  assert.deepEqual(passing('6, 10-20', tags), [6, 10, 20])
  assert.deepEqual(passing('0', tags), [undefined, 0])
  assert.deepEqual(passing('-6', tags), [undefined, 0, 5, 7, 10, 20, 21])
  assert.deepEqual(passing('-5,-6', tags), [undefined, 0, 7, 10, 20, 21])
  assert.deepEqual(passing('-0', tags), [5, 6, 7, 10, 20, 21])
  assert.deepEqual(passing('-6-20', tags), [undefined, 0, 5, 21])
  assert.deepEqual(passing('18446744073709551615', [18446744073709551615n, 7]), [18446744073709551615n])
})

test('filters that are none', () => {
  for (const filter of ['', 'x', '5-', '9-5', '1,,x']) assert.ok(isProblem(parseTagFilter(filter)), filter)
  assert.ok(isProblem(parseLabelFilter(' ')))
})

function labels(filter: string, all: readonly (Value | undefined)[]): (Value | undefined)[] {
  const test = parseLabelFilter(filter)
  if (isProblem(test)) assert.fail(test.message)
  return all.filter(test)
}

test('labels pass by any of their parts; null is none', () => {
  const all = [undefined, '', 'a', 'b', 'a,b', 'ab', { k: 'v' }]
  assert.deepEqual(labels('a', all), ['a', 'a,b'])
  assert.deepEqual(labels('a, k%v', all), ['a', 'a,b', { k: 'v' }])
  assert.deepEqual(labels('null', all), [undefined, ''])
  assert.deepEqual(labels('-null', all), ['a', 'b', 'a,b', 'ab', { k: 'v' }])
  assert.deepEqual(labels('-a', all), [undefined, '', 'b', 'ab', { k: 'v' }])
})

test('a label becomes a map', () => {
  assert.deepEqual(labelMap('nkey%100.1,pkey%testing'), { nkey: '100.1', pkey: 'testing' })
  assert.deepEqual(labelMap('plain,k%v%w'), { plain: '', k: 'v%w' })
  assert.deepEqual(labelParts(labelMap('nkey%100.1,pkey%testing')), ['nkey%100.1', 'pkey%testing'])
})
