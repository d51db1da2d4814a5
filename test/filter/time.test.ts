import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseTime } from '../../src/filter/time.ts'

test('ISO 8601 with a blank or a T, UTC unless an offset is given', () => {
  const base = 1767225600_000_000
  const cases: readonly (readonly [string, number])[] = [
    ['2026-01-01', base],
    ['2026-01-01 00:00', base],
    ['2026-01-01T00:00:01Z', base + 1_000_000],
    ['2026-01-01 00:00:00.000001', base + 1],
    ['2026-01-01 00:00:00.5', base + 500_000],
    ['2026-01-01 01:30:00+01:30', base],
    ['2025-12-31 23:00:00 -0100', base],
    ['1970-01-01T00:00:00.123456789Z', 123_456],
  ]
  for (const [text, microseconds] of cases) assert.equal(parseTime(text), microseconds, text)
})

test('what is no time', () => {
  for (const text of [
    '',
    '2026',
    '2026-13-01',
    '2026-01-32',
    '2026-01-01 25:00',
    '2026-01-01 00:60',
    'now',
    '01/01/2026',
  ]) {
    assert.equal(parseTime(text), Number.NaN, text)
  }
})
