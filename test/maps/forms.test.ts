// The same map as text, CSV and YAML.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isProblem, type Problem } from '../../src/contract/problem.ts'
import type { MapRow } from '../../src/maps/grammar.ts'
import { readForm } from '../../src/maps/read-map.ts'
import type { RowProblem } from '../../src/maps/row-problem.ts'

async function rowsOf(text: string, file: string): Promise<[line: number, tokens: string][]> {
  const rows = (await readForm(text, file)) as readonly MapRow[]
  if (isProblem(rows)) assert.fail(rows.message)
  return rows.map(({ line, tokens }) => [line, tokens.map(({ key, value }) => `${key}=${value}`).join(' ')])
}

test('CSV: a header with the keys; empty cells are keys that the row does not have', async () => {
  const text = [
    '# edge',
    'set_tag,ip,filter',
    '10,192.0.2.1,',
    '',
    '20,,"src net 10.0.0.0/8, or ""x"""',
    ' 30 , , ',
  ].join('\r\n')
  assert.deepEqual(await rowsOf(text, 'tags.CSV'), [
    [3, 'set_tag=10 ip=192.0.2.1'],
    [5, 'set_tag=20 filter=src net 10.0.0.0/8, or "x"'],
    [6, 'set_tag=30'],
  ])
})

test('CSV: what is no row names line and column', async () => {
  const found: RowProblem[] = []
  const rows = await readForm('a,b\n1,2,3\n"1,2\n4,5\n', 'x.csv', found)
  assert.deepEqual(
    found.map(({ line, column, text }) => [line, column, text]),
    [
      [2, 5, '1,2,3'],
      [3, 1, '"1,2'],
    ],
  )
  assert.equal((rows as MapRow[]).length, 1)
  assert.match(((await readForm('a,b\n1,2,3', 'x.csv')) as Problem).message, /^x\.csv line 2 column 5: .*3 cells/)
})

test('YAML: a list of objects; values are read as they are written', async () => {
  const text = `# edge
- {set_tag: 10, ip: 192.0.2.1, in: [4, 5-7]}
- set_tag: 020
  filter: "src net 10.0.0.0/8 and tcp"
  comms: 65000:1
  src_mac: null
- set_label: 'a,b'
  is_multicast: true
`
  assert.deepEqual(await rowsOf(text, 'tags.yaml'), [
    [2, 'set_tag=10 ip=192.0.2.1 in=4,5-7'],
    [3, 'set_tag=020 filter=src net 10.0.0.0/8 and tcp comms=65000:1'],
    [7, 'set_label=a,b is_multicast=true'],
  ])
  assert.deepEqual(await rowsOf('- 192.0.2.0/24\n- 2001:db8::/32\n', 'allow.yml'), [
    [1, 'value=192.0.2.0/24'],
    [2, 'value=2001:db8::/32'],
  ])
  assert.deepEqual(await rowsOf('', 'allow.yml'), [])
})

test('YAML: what is no row names line and column, of a token its own', async () => {
  for (const [text, message] of [
    ['a: 1', /^x\.yaml line 1 column 1: no list/],
    ['- a: 1\n- [1, 2]', /^x\.yaml line 2 column 3: an item is no object/],
    ['- a: 1\n  b: {c: 1}', /^x\.yaml line 2 column 3: "b" has no plain value/],
    ['- a: "x', /^x\.yaml line \d+ column \d+: not YAML/],
  ] as const) {
    assert.match(((await readForm(text, 'x.yaml')) as Problem).message, message)
  }
  const rows = (await readForm('- set_tag: 1\n  in: x\n', 'x.yaml')) as MapRow[]
  assert.deepEqual(rows[0]?.tokens[1], { key: 'in', value: 'x', line: 2, column: 3 })
})
