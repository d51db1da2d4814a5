import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isProblem } from '../../src/contract/problem.ts'
import type { Value } from '../../src/contract/record.ts'
import { intervalStart, momentOf, TIME_VARIABLES } from '../../src/sinks/calendar.ts'
import { namePattern, safeName } from '../../src/sinks/name-pattern.ts'

const TIME_MS = Date.UTC(2026, 10, 23, 8, 5, 9)

function render(text: string, values: Value[] = [], everyMs = 300_000): string {
  const pattern = namePattern(text, { everyMs, localTime: false })
  if (isProblem(pattern)) throw new Error(pattern.message)
  return pattern.render(TIME_MS, values)
}

test('time variables are those of strftime', () => {
  assert.equal(
    render('%Y/%m/%d/%H%M%S-%y-%j-%w-%W-%s%z$tzone.json'),
    '2026/11/23/080509-26-327-1-47-1795421109+0000Z.json',
  )
  assert.equal(render('100%%-$ref-$hst'), '100%-300-300')
})

test('the week of the year agrees with date(1)', () => {
  const week = (...date: [number, number, number]) => TIME_VARIABLES.W?.text(momentOf(Date.UTC(...date), false))
  assert.equal(week(2026, 0, 4), '00')
  assert.equal(week(2026, 0, 5), '01')
  assert.equal(week(2024, 0, 1), '01')
  assert.equal(week(2023, 11, 31), '52')
})

test('variables of records are found by pmacct name, key, in braces, and as the longest name that is a field', () => {
  assert.equal(render('f-$peer_src_ip_$tag2', ['192.0.2.1', 7]), 'f-192.0.2.1_7')
  assert.equal(render('f-$' + '{as_dst}x', [64496]), 'f-64496x')
  assert.equal(render('$post_tag-$tag', [5]), '5-5')
})

test('an unknown variable is a problem of usage', () => {
  for (const text of ['$nonsense', '%Q', '$' + '{tag_x}']) {
    const made = namePattern(text, { everyMs: 0, localTime: false })
    assert.ok(isProblem(made) && made.code === 'usage/unknown-variable', text)
  }
})

test('no value leaves its place in the path', () => {
  const hostile = [
    '../../etc/passwd',
    '..',
    '.',
    '/etc',
    'a/b',
    'a\0b',
    '\u202e',
    '',
    null,
    undefined,
    { a: '/' },
    ['/'],
  ]
  for (const value of hostile) {
    const name = safeName(value)
    assert.match(name, /^[A-Za-z0-9_@+:-][A-Za-z0-9._@+:-]*$/, String(value))
  }
  assert.equal(safeName('x'.repeat(5000)).length, 100)
  assert.equal(safeName('2001:db8::1'), '2001:db8::1')
})

test('the step of a name is that of its finest variable', () => {
  const stepMs = (text: string) => {
    const pattern = namePattern(text, { everyMs: 0, localTime: false })
    return isProblem(pattern) ? undefined : pattern.stepMs
  }
  assert.equal(stepMs('a'), 0)
  assert.equal(stepMs('%Y%m%d'), 900_000)
  assert.equal(stepMs('%Y%M'), 60_000)
  assert.equal(stepMs('%M%s'), 1000)
})

test('intervals start at midnight, weeks on Monday', () => {
  assert.equal(intervalStart(TIME_MS, 300_000, false), Date.UTC(2026, 10, 23, 8, 5))
  assert.equal(intervalStart(TIME_MS, 86_400_000, false), Date.UTC(2026, 10, 23))
  assert.equal(intervalStart(Date.UTC(2026, 10, 22, 23), 7 * 86_400_000, false), Date.UTC(2026, 10, 16))
})
