// Whatever stands in a map file, reading it gives a map or says what is wrong.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isProblem } from '../../src/contract/problem.ts'
import { guessKind } from '../../src/maps/guess-kind.ts'
import { isRuled, KINDS } from '../../src/maps/kinds.ts'
import { FLOW_KEYS } from '../../src/maps/match-keys.ts'
import { readForm } from '../../src/maps/read-map.ts'
import type { RowProblem } from '../../src/maps/row-problem.ts'
import { unreachable } from '../../src/maps/unreachable.ts'
import { numbers } from './numbers.ts'

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

/** NETALLY_FUZZ=N: so many rounds. */
const ROUNDS = Number(process.env.NETALLY_FUZZ ?? 3000)

const PLACE = /^fuzz\.\w+ line \d+( column \d+)?: ./

test('random rows never throw, whatever kind of map they are taken for', () => {
  const next = numbers(5)
  const pick = (from: readonly string[]) => from[next(from.length)] as string
  let maps = 0
  let problems = 0
  for (let round = 0; round < ROUNDS; round++) {
    let text = ''
    for (let count = 1 + next(8); count > 0; count--) {
      text +=
        next(4) === 0
          ? pick(PARTS)
          : `${pick(KEYS)}=${next(3) === 0 ? '-' : ''}${pick(VALUES)}${pick([' ', ' ', '\n'])}`
    }
    assert.ok(KINDS[guessKind(text, 'fuzz.map')])
    for (const { parse } of Object.values(KINDS)) {
      const result = parse(text, 'fuzz.map')
      const bad: RowProblem[] = []
      const rest = parse(text, 'fuzz.map', bad)
      assert.equal(isProblem(rest), false, text)
      if (isRuled(rest)) unreachable(rest.rules.rules)
      if (isProblem(result)) {
        problems++
        assert.equal(result.code, 'maps/bad-row', text)
        assert.match(result.message, PLACE, text)
        assert.ok(
          bad.some(({ message }) => message === result.message),
          text,
        )
      } else {
        maps++
        assert.equal(bad.length, 0, text)
      }
    }
  }
  assert.ok(maps > ROUNDS / 2 && problems > ROUNDS, `${maps} maps, ${problems} problems`)
})

const CSV_PARTS = ['set_tag', 'ip', '1', '192.0.2.1', ',', ',', '"', '""', '\n', '\r\n', ' ', '#', '"a,b"', 'é']
const YAML_PARTS = [
  '- ',
  '{',
  '}',
  '[',
  ']',
  'set_tag: 1',
  'ip: ',
  "'",
  '"',
  '\n',
  '\n  ',
  ', ',
  '*a',
  '&a ',
  '? ',
  '|',
  '!!x ',
  '---\n',
  '<<: ',
]

for (const [ending, parts] of [
  ['csv', CSV_PARTS],
  ['yaml', YAML_PARTS],
] as const) {
  test(`random ${ending} gives rows or says what is wrong`, async () => {
    const next = numbers(7)
    const counts = { rows: 0, problems: 0 }
    for (let round = 0; round < ROUNDS; round++) {
      const text = Array.from({ length: 1 + next(15) }, () => parts[next(parts.length)]).join('')
      const read = await readForm(text, `fuzz.${ending}`)
      if (!isProblem(read)) {
        counts.rows++
        for (const { parse } of Object.values(KINDS)) parse(read, `fuzz.${ending}`)
      } else {
        counts.problems++
        assert.match(read.message, PLACE, text)
      }
    }
    assert.ok(counts.rows > ROUNDS / 100 && counts.problems > ROUNDS / 20, JSON.stringify(counts))
  })
}
