import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isProblem } from '../../src/contract/problem.ts'
import { parseLine, type Statement } from '../../src/runtime/line.ts'

const parsed = (text: string): [string | undefined, ...(readonly string[])[]][] => {
  const statements = parseLine(text)
  if (isProblem(statements)) assert.fail(statements.message)
  return statements.map(({ name, stages }: Statement) => [name, ...stages])
}

test('stages and words', () => {
  assert.deepEqual(parsed('flow-recv --pcap a.pcap|aggregate --by x'), [
    [undefined, ['flow-recv', '--pcap', 'a.pcap'], ['aggregate', '--by', 'x']],
  ])
})

test('words are quoted as in the shell', () => {
  assert.deepEqual(parsed(`filter 'a | b; c' "d \\"e\\" $f" g\\ h ''`), [
    [undefined, ['filter', 'a | b; c', 'd "e" $f', 'g h', '']],
  ])
})

test('statements end at ; and at line ends, but not after | or \\', () => {
  const text =
    '# flows of today\nf = flow-recv --listen 2055 |\n  filter tcp  # only TCP\nf | aggregate \\\n --by x; f | dump\n'
  assert.deepEqual(parsed(text), [
    ['f', ['flow-recv', '--listen', '2055'], ['filter', 'tcp']],
    [undefined, ['f'], ['aggregate', '--by', 'x']],
    [undefined, ['f'], ['dump']],
  ])
})

test('a = inside a word is part of it', () => {
  assert.deepEqual(parsed('filter a==b --x=y'), [[undefined, ['filter', 'a==b', '--x=y']]])
})

for (const [text, message] of [
  ['', 'line 1: nothing to run'],
  ['# nothing', 'line 1: nothing to run'],
  ['a | | b', 'line 1: a stage is missing'],
  ['a\n\nb |', 'line 3: a stage is missing'],
  ["a 'b", "line 1: a ' is not closed"],
  ['x =', 'line 1: a stage is missing'],
] as const) {
  test(`wrong: ${JSON.stringify(text)}`, () => {
    const result = parseLine(text)
    assert.ok(isProblem(result))
    assert.equal(result.message, message)
    assert.equal(result.code, 'run/syntax')
  })
}
