import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { DistinctCounter, EXACT_VALUES } from '../../../src/operators/aggregate/distinct.ts'

function counter(from: number, to: number): DistinctCounter {
  const made = new DistinctCounter()
  for (let value = from; value < to; value++) made.add(value)
  return made
}

const RANGES: readonly (readonly [number, number])[] = [
  [0, 0],
  [0, 10],
  [5, 500],
  [400, 400 + EXACT_VALUES],
  [0, 3000],
  [2000, 9000],
]

describe('distinct counters', () => {
  for (const [from, to] of RANGES) {
    for (const [otherFrom, otherTo] of RANGES) {
      it(`${from} to ${to} merged with ${otherFrom} to ${otherTo} counts as if one had seen both`, () => {
        const one = counter(from, to)
        for (let value = otherFrom; value < otherTo; value++) one.add(value)
        const merged = counter(from, to)
        merged.merge(counter(otherFrom, otherTo).state)
        assert.equal(merged.count, one.count)
        assert.deepEqual(merged.state, one.state)
      })
    }
  }
})
