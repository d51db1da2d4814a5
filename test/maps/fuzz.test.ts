// Whatever stands in a map file, reading it gives a map or says what is wrong.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isProblem } from '../../src/contract/problem.ts'
import { parseAllowList } from '../../src/maps/allow-list.ts'
import { FLOW_KEYS } from '../../src/maps/match-keys.ts'
import { parsePreTagMap } from '../../src/maps/pre-tag-map.ts'
import { parsePrimitives } from '../../src/maps/primitives.ts'
import { parseSamplingMap } from '../../src/maps/sampling-map.ts'

const KEYS = [
  ...Object.keys(FLOW_KEYS),
  'set_tag',
  'set_label',
  'jeq',
  'label',
  'stack',
  'id',
  'name',
  'field_type',
  'x',
  '__proto__',
]
const VALUES = [
  '1',
  '-1',
  '1-5',
  '1,,2',
  '10.0.0.0/8',
  '::/0',
  '2001:db8::1',
  'true',
  'flow',
  'a%b',
  "'src net 10/8 and'",
  '0x12',
]
const PARTS = ['=', ' ', '\t', '\n', '\r\n', '!', '#', "'", '"', ',', '-', '/', '++', '\u0000', 'é', '%', '\\']

/** Deterministic numbers below `below`. */
function numbers(seed: number): (below: number) => number {
  let state = seed
  return below => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

test('random rows never throw', () => {
  const next = numbers(5)
  const pick = (from: readonly string[]) => from[next(from.length)] as string
  let maps = 0
  let problems = 0
  for (let round = 0; round < 20_000; round++) {
    let text = ''
    for (let count = 1 + next(8); count > 0; count--) {
      text +=
        next(4) === 0
          ? pick(PARTS)
          : `${pick(KEYS)}=${next(3) === 0 ? '-' : ''}${pick(VALUES)}${pick([' ', ' ', '\n'])}`
    }
    for (const parse of [parsePreTagMap, parseSamplingMap, parseAllowList, parsePrimitives]) {
      const result = parse(text, 'fuzz.map')
      if (isProblem(result)) {
        problems++
        assert.equal(result.code, 'maps/bad-row', text)
        assert.match(result.message, /^fuzz\.map line \d+( column \d+)?: ./, text)
      } else maps++
    }
  }
  assert.ok(maps > 100 && problems > 1000, `${maps} maps, ${problems} problems`)
})
