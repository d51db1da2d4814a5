import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isProblem, type Problem } from '../../src/contract/problem.ts'
import { type NetworksTable, parseNetworksFile } from '../../src/maps/networks-file.ts'
import { readForm } from '../../src/maps/read-map.ts'
import { parseDotted } from '../../src/octets/address.ts'

const said = (table: NetworksTable, address: string) => {
  const found = table.find(address)
  return found && [found.prefix.length, found.originAs, found.peerAs, found.nextHop]
}

test('the longest prefix answers: AS, peer AS, next hop', () => {
  const table = parseNetworksFile(
    [
      '! ours',
      '10.0.0.0/8',
      '64500,10.1.0.0/16',
      '64496_64511,10.1.2.0/24',
      '192.0.2.1, 64496_1.10, 2001:DB8::/32',
      '192.0.2.9',
      '0,0.0.0.0/0',
    ].join('\n'),
    'networks.lst',
  ) as NetworksTable
  assert.equal(table.size, 6)
  assert.deepEqual(said(table, '10.1.2.3'), [24, 64511, 64496, undefined])
  assert.deepEqual(said(table, '10.1.3.3'), [16, 64500, 0, undefined])
  assert.deepEqual(said(table, '10.2.3.3'), [8, 0, 0, undefined])
  assert.deepEqual(said(table, '192.0.2.9'), [32, 0, 0, undefined])
  assert.deepEqual(said(table, '2001:db8:1::1'), [32, 65546, 64496, '192.0.2.1'])
  assert.deepEqual(said(table, '11.2.3.3'), [0, 0, 0, undefined])
  assert.equal(said(table, '2001:db9::1'), undefined)
  assert.equal(said(table, 'x'), undefined)
  assert.equal(table.networks[table.lookup4(parseDotted('10.1.2.3'))]?.line, 4)
})

test('the same as CSV', async () => {
  const rows = await readForm('prefix,origin_as,peer_as,nexthop\n10.1.2.0/24,64511,64496,192.0.2.1\n', 'n.csv')
  if (isProblem(rows)) assert.fail(rows.message)
  assert.deepEqual(said(parseNetworksFile(rows, 'n.csv') as NetworksTable, '10.1.2.3'), [24, 64511, 64496, '192.0.2.1'])
  const unknown = await readForm('net,as\n10.1.2.0/24,1\n', 'n.csv')
  assert.match(
    (parseNetworksFile(unknown as never, 'n.csv') as Problem).message,
    /n\.csv line 2 column 1: no such key: "net"/,
  )
})

test('lines that are none name file and line', () => {
  for (const [line, message] of [
    ['10.0.0.0/33', /"10\.0\.0\.0\/33" is not an IP address or prefix/],
    ['x,10.0.0.0/8', /"x" is not an AS/],
    ['1_y,10.0.0.0/8', /"y" is not an AS/],
    ['z_1,10.0.0.0/8', /"z" is not an AS/],
    ['q,1,10.0.0.0/8', /"q" is not an IP address/],
    ['1,2,3,10.0.0.0/8', /4 values/],
  ] as const) {
    const problem = parseNetworksFile(`10.0.0.0/8\n${line}`, 'n.lst') as Problem
    assert.match(problem.message, message)
    assert.match(problem.message, /^n\.lst line 2 column 1: /)
  }
})

test('a hundred thousand networks and more', () => {
  const lines = Array.from(
    { length: 150_000 },
    (_, n) => `${n + 1},${10 + (n >> 16)}.${(n >> 8) & 255}.${n & 255}.0/24`,
  )
  const table = parseNetworksFile(lines.join('\n'), 'n.lst') as NetworksTable
  assert.equal(table.size, 150_000)
  assert.deepEqual(said(table, '11.5.6.7'), [24, 65536 + 5 * 256 + 6 + 1, 0, undefined])
})
