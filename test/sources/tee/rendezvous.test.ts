import assert from 'node:assert/strict'
import { test } from 'node:test'
import { choose, textHash } from '../../../src/sources/tee/rendezvous.ts'

const KEYS = Array.from({ length: 4000 }, (_, index) => textHash(`10.0.${index >> 8}.${index & 255}`))
const names = (count: number): number[] =>
  Array.from({ length: count }, (_, index) => textHash(`192.0.2.${index}:2055`))

test('every receiver has its share', () => {
  const counts = new Map<number, number>()
  for (const key of KEYS) counts.set(choose(names(4), key), (counts.get(choose(names(4), key)) ?? 0) + 1)
  assert.equal(counts.size, 4)
  for (const count of counts.values()) assert.ok(count > 850 && count < 1150, `${[...counts]}`)
})

test('one more takes its share, and nothing moves between the others', () => {
  let moved = 0
  for (const key of KEYS) {
    const [before, after] = [choose(names(4), key), choose(names(5), key)]
    if (before === after) continue
    assert.equal(after, 4)
    moved++
  }
  assert.ok(moved > 650 && moved < 950, `${moved} of ${KEYS.length}`)
})

test('nobody to choose', () => assert.equal(choose([], 1), -1))
