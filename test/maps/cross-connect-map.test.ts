import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isProblem } from '../../src/contract/problem.ts'
import { parseCrossConnectMap } from '../../src/maps/cross-connect-map.ts'

const MAP = `! routers of the west
bgp_dst=192.0.2.1:1179    bgp_src=198.51.100.7
bgp_dst=192.0.2.2:1179    bgp_src=198.51.100.0/24
bgp_dst=[2001:db8::9]:179 bgp_src=2001:db8:1::/48
bgp_dst=192.0.2.3         bgp_src=0.0.0.0/0
`

test('the first row that holds the peer says where it goes', () => {
  const map = parseCrossConnectMap(MAP, 'map')
  assert.ok(!isProblem(map))
  assert.deepEqual(map.target('198.51.100.7'), { address: '192.0.2.1', port: 1179 })
  assert.deepEqual(map.target('198.51.100.8'), { address: '192.0.2.2', port: 1179 })
  assert.deepEqual(map.target('2001:db8:1::5'), { address: '2001:db8::9', port: 179 })
  assert.deepEqual(map.target('203.0.113.1'), { address: '192.0.2.3', port: 179 })
  assert.equal(map.target('2001:db8:2::5'), undefined)
  assert.equal(map.target('no address'), undefined)
  assert.equal(map.size, 4)
})

for (const [row, message] of [
  ['bgp_dst=192.0.2.1:179', 'bgp_src must be'],
  ['bgp_src=192.0.2.1', 'bgp_dst must be'],
  ['bgp_src=192.0.2.1 bgp_dst=192.0.2.1:70000', 'bgp_dst must be'],
  ['bgp_src=192.0.2.1 bgp_dst=collector:179', 'bgp_dst must be'],
  ['bgp_src=192.0.2.1 bgp_dst=2001:db8::9:179', 'bgp_dst must be'],
  ['bgp_src=192.0.2.1 bgp_dst=192.0.2.9 ip=1', '"ip" is no key'],
] as const) {
  test(`refused: ${row}`, () => {
    const problem = parseCrossConnectMap(`\n${row}`, 'map')
    assert.ok(isProblem(problem))
    assert.equal(problem.code, 'maps/bad-row')
    assert.match(problem.message, /^map line 2( column \d+)?: /)
    assert.ok(problem.message.includes(message), problem.message)
  })
}
