import assert from 'node:assert/strict'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { isProblem, type Problem } from '../../src/contract/problem.ts'
import { MAX_ROW_LENGTH, type MapRow, readRows, readTokens, replaced } from '../../src/maps/grammar.ts'
import { readMap } from '../../src/maps/read-map.ts'

/** What is wrong with a row, and the column where. */
function wrong(row: string): [what: string, column: number] {
  const read = readTokens(row)
  if (!('what' in read)) assert.fail('the row can be read')
  return [read.what, read.column]
}

test('tokens are key=value with blanks between', () => {
  assert.deepEqual(readTokens('set_tag=1\tip=192.0.2.1   in=-4'), [
    { key: 'set_tag', value: '1', column: 1 },
    { key: 'ip', value: '192.0.2.1', column: 11 },
    { key: 'in', value: '-4', column: 26 },
  ])
})

test('quotes keep blanks and equal signs', () => {
  assert.deepEqual(readTokens(`id=1 filter='src net 192.0.2.0/24 and ip[0] & 0xf = 5' set_label="a b"`), [
    { key: 'id', value: '1', column: 1 },
    { key: 'filter', value: 'src net 192.0.2.0/24 and ip[0] & 0xf = 5', column: 6 },
    { key: 'set_label', value: 'a b', column: 56 },
  ])
})

test('a row that is not key=value says where it stops being so', () => {
  assert.match(wrong('set_tag=1 oops in=3')[0], /"oops"/)
  assert.match(wrong('set_tag = 1')[0], /"set_tag"/)
  assert.match(wrong('set_tag= in=3')[0], /no value/)
  assert.match(wrong("filter='src net")[0], /filter/)
  assert.equal(wrong('  set_tag=1 oops in=3')[1], 13)
})

test('a row may be long, but not without end', () => {
  const long = 'a'.repeat(MAX_ROW_LENGTH - 10)
  assert.deepEqual(readTokens(`set_label=${long}`), [{ key: 'set_label', value: long, column: 1 }])
  assert.match(wrong(`set_label=${long}a`)[0], /more than/)
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
  assert.match(problem.message, /^tags\.map line 2 column 1: /)
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
