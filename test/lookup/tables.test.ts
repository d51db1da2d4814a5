import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TupleTable } from '../../src/lookup/tuple-table.ts'
import { WordTable } from '../../src/lookup/word-table.ts'

test('a tuple table holds what a Map holds, through growth and deletion', () => {
  const table = new TupleTable(2)
  const known = new Map<string, number>()
  const tuple = new Float64Array(2)
  let state = 1
  for (let round = 0; round < 20_000; round++) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0
    tuple[0] = (state % 97) * 2 ** 40
    tuple[1] = (state >>> 8) % 53
    const key = tuple.join()
    if (round % 3 === 0) assert.equal(table.delete(tuple), known.delete(key))
    else {
      table.set(tuple, round)
      known.set(key, round)
    }
    assert.equal(table.size, known.size)
  }
  for (const [key, value] of known) assert.equal(table.get(Float64Array.from(key.split(',').map(Number))), value)
  assert.equal(table.get(Float64Array.of(-1, -1)), -1)
})

test('a word table holds what a Map holds, through growth and deletion', () => {
  const table = new WordTable()
  const known = new Map<string, [number, number, number, number]>()
  let state = 1
  for (let round = 1; round < 20_000; round++) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0
    const a = ((state % 97) * 0x2a00_0000) >>> 0
    const b = (state >>> 8) % 53
    const key = `${a} ${b}`
    if (round % 3 === 0) {
      table.delete(a, b, 7)
      known.delete(key)
    } else {
      table.set(a, b, 7, round)
      known.set(key, [a, b, 7, round])
    }
    assert.equal(table.size, known.size)
  }
  for (const [a, b, c, value] of known.values()) assert.equal(table.get(a, b, c), value)
  assert.equal(table.get(1, 2, 3), 0)
})
