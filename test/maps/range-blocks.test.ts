import assert from 'node:assert/strict'
import { test } from 'node:test'
import { BlockLevels, blocksOf, isBlocked } from '../../src/maps/range-blocks.ts'
import { numbers } from './numbers.ts'

const values = (levels: BlockLevels, number: number): number[] => {
  const found: number[] = []
  const count = levels.fill(number, found)
  return found.slice(0, count)
}

test('a number lies in a range when it lies in one of its blocks, and in one only', () => {
  const next = numbers(3)
  for (let round = 0; round < 500; round++) {
    const width = [3, 100, 65_536, 2 ** 32 - 1][next(4)] as number
    const from = next(2 ** 32 - width)
    const to = from + next(width)
    const blocks = new Set(blocksOf(from, to))
    assert.ok(blocks.size <= 62, `${from}-${to}: ${blocks.size} blocks`)
    const levels = new BlockLevels()
    for (const block of blocks) levels.add(block)
    for (const number of [from, to, from - 1, to + 1, from + next(to - from + 1), next(2 ** 32), from + 0.5]) {
      const inside = values(levels, number).filter(value => blocks.has(value)).length
      const wanted = Number.isInteger(number) && number >= from && number <= to ? 1 : 0
      assert.equal(inside, wanted, `${number} in ${from}-${to}`)
    }
  }
})

test('the whole range of 32 bits is one block', () => {
  assert.equal(blocksOf(0, 2 ** 32 - 1).length, 1)
  assert.equal(blocksOf(1, 2 ** 32 - 2).length, 62)
  assert.deepEqual(
    [isBlocked(0, 2 ** 32 - 1), isBlocked(0, 2 ** 32), isBlocked(0.5, 2), isBlocked(-1, 2)],
    [true, false, false, false],
  )
})
