import assert from 'node:assert/strict'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { isProblem, type Problem } from '../../src/contract/problem.ts'
import { MAX_ROW_LENGTH, type MapRow, readMap, readRows, readTokens, replaced } from '../../src/maps/grammar.ts'

test('tokens are key=value with blanks between', () => {
  assert.deepEqual(readTokens('set_tag=1\tip=192.0.2.1   in=-4'), [
    { key: 'set_tag', value: '1' },
    { key: 'ip', value: '192.0.2.1' },
    { key: 'in', value: '-4' },
  ])
})

test('quotes keep blanks and equal signs', () => {
  assert.deepEqual(readTokens(`id=1 filter='src net 192.0.2.0/24 and ip[0] & 0xf = 5' set_label="a b"`), [
    { key: 'id', value: '1' },
    { key: 'filter', value: 'src net 192.0.2.0/24 and ip[0] & 0xf = 5' },
    { key: 'set_label', value: 'a b' },
  ])
})

test('a row that is not key=value says where it stops being so', () => {
  assert.match(readTokens('set_tag=1 oops in=3') as string, /"oops"/)
  assert.match(readTokens('set_tag = 1') as string, /"set_tag"/)
  assert.match(readTokens('set_tag= in=3') as string, /no value/)
  assert.match(readTokens("filter='src net") as string, /filter/)
})

test('a row may be long, but not without end', () => {
  const long = 'a'.repeat(MAX_ROW_LENGTH - 10)
  assert.deepEqual(readTokens(`set_label=${long}`), [{ key: 'set_label', value: long }])
  assert.match(readTokens(`set_label=${long}a`) as string, /more than/)
})

test('comments and empty lines are skipped, line numbers stay', () => {
  const rows = readRows('! comment\n\n# another\n  ! a third\nid=1\r\n\tid=2 ', 'x.map') as MapRow[]
  assert.deepEqual(
    rows.map(({ line, tokens }) => [line, tokens[0]?.value]),
    [
      [5, '1'],
      [6, '2'],
    ],
  )
})

test('a bad row names file and line', () => {
  const problem = readRows('id=1\nid 2\n', 'tags.map') as Problem
  assert.equal(problem.code, 'maps/bad-row')
  assert.match(problem.message, /^tags\.map line 2: /)
})

test('a file that is not there is a problem', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'netally-'))
  const missing = await readMap(join(folder, 'none.map'), text => ({ text }))
  assert.ok(isProblem(missing))
  assert.equal(missing.code, 'maps/unreadable')
  await writeFile(join(folder, 'some.map'), 'id=1\n')
  assert.deepEqual(await readMap(join(folder, 'some.map'), text => ({ text })), { text: 'id=1\n' })
})

test('a map that cannot be read leaves the old one in force', () => {
  const old = { rows: 1 }
  const told: Problem[] = []
  assert.equal(
    replaced(old, { code: 'maps/bad-row', message: 'x.map line 1: no' }, problem => told.push(problem)),
    old,
  )
  assert.match(told[0]?.message ?? '', /stays in force/)
  const next = { rows: 2 }
  assert.equal(
    replaced(old, next, () => assert.fail('nothing to tell')),
    next,
  )
})
