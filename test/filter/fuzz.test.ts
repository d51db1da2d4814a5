import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isProblem } from '../../src/contract/problem.ts'
import { compile } from '../../src/filter/compile.ts'
import { interpret } from '../../src/filter/interpret.ts'
import { parse } from '../../src/filter/parse.ts'
import { pick, randomFilter, randomFrom } from './random-filter.ts'

const PIECES =
  '( ) ( ) [ ] [9] [12:4] and or not and or in has ! && || == = != < <= > >= ~ !~ /a/ + - * / % & | ^ << >> , \\ 5 0 80 1e3 0x1b 10k 1.5 10.0 10.0.0 10.0.0.1 10.0.0.0/8 10.0.0.1/8 2001:db8::/32 :: 00:11:22:33:44:55 64496:1 2026-01-01 "x" \'y\' `z` " tcp udp ip ip6 ether src dst host net port portrange proto mask vlan mpls less greater len tcp-syn bytes packets as_src as_dst ip_src ip_dst comms label timestamp_start my_field class unknown http no-export ; é'.split(
    ' ',
  )

test('any text is a filter that works or a Problem, never a crash', () => {
  const random = randomFrom(99)
  let accepted = 0
  for (let round = 0; round < 20_000; round++) {
    const count = 1 + Math.floor(random() * 9)
    const pieces = Array.from({ length: count }, () => pick(random, PIECES))
    const text = pieces.join(random() < 0.8 ? ' ' : '')
    const expression = parse(text)
    if (isProblem(expression)) {
      assert.match(expression.code, /^filter\//, text)
      continue
    }
    accepted++
    assert.equal(typeof interpret(expression)({ bytes: 5, ip_src: '10.0.0.1' }), 'boolean', text)
    compile(expression)
  }
  assert.ok(accepted > 500, `${accepted} accepted`)
})

test('a good filter with a piece too much, too few or exchanged', () => {
  const random = randomFrom(100)
  for (let round = 0; round < 5000; round++) {
    const pieces = randomFilter(random).split(' ')
    const at = Math.floor(random() * pieces.length)
    pieces.splice(at, pick(random, [0, 1, 1, 2]), ...(random() < 0.6 ? [pick(random, PIECES)] : []))
    const text = pieces.join(' ')
    const expression = parse(text)
    if (!isProblem(expression)) compile(expression)
    else assert.match(expression.code, /^filter\//, text)
  }
})
