import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { isProblem, type Problem } from '../../src/contract/problem.ts'
import { barePath, CounterMap, parseCounterMap, pathPattern } from '../../src/maps/counter-map.ts'
import { InterfaceNames, parseInterfaceNames } from '../../src/maps/interface-names.ts'

const message = (read: object): string => {
  assert.ok(isProblem(read))
  return (read as Problem).message
}

describe('counter maps', () => {
  test('paths without modules and predicates, * for any part', () => {
    assert.equal(barePath("/a-b:c/d[name='x:y']/e:f"), '/c/d/f')
    const pattern = pathPattern('*/state/counters/in-octets')
    assert.ok(pattern.test(barePath('/openconfig-interfaces:interfaces/interface/state/counters/in-octets')))
    assert.ok(!pattern.test('/interfaces/interface/state/counters/in-octets-x'))
    assert.ok(!pathPattern('/a.b').test('/axb'))
  })

  test('rows of paths and of members', () => {
    const map = parseCounterMap('! a comment\ncounter=in_octets path=*/rx key=port\ncounter=speed field=bps', 'c.map')
    assert.ok(map instanceof CounterMap)
    assert.deepEqual(
      map.rules.map(({ counter, field, key }) => [counter, field, key]),
      [
        ['in_octets', undefined, 'port'],
        ['speed', 'bps', undefined],
      ],
    )
  })

  for (const [row, wrong] of [
    ['counter=octets path=*/x', /line 1: counter must be one of in_octets, /],
    ['counter=in_octets', /must have a path or a field/],
    ['counter=in_octets path=*/x field=y', /must have a path or a field/],
    ['counter=in_octets path=*/x name=y', /column 28: "name" is no key/],
  ] as const) {
    test(`refused: ${row}`, () => assert.match(message(parseCounterMap(row, 'c.map')), wrong))
  }
})

describe('maps of interfaces', () => {
  test('names of one exporter go before those of all; nodes', () => {
    const map = parseInterfaceNames('ifname=a ifindex=1\nifname=a ifindex=2 ip=192.0.2.1\nnode=r1 ip=192.0.2.1', 'i')
    assert.ok(map instanceof InterfaceNames)
    assert.deepEqual([map.indexOf('192.0.2.1', 'a'), map.indexOf('192.0.2.2', 'a')], [2, 1])
    assert.equal(map.indexOf('192.0.2.1', 'b'), undefined)
    assert.deepEqual([map.exporterOf('r1'), map.exporterOf('r2')], ['192.0.2.1', 'r2'])
  })

  for (const [row, wrong] of [
    ['ifname=a', /ifname and ifindex must be there/],
    ['ifname=a ifindex=0', /ifname and ifindex must be there/],
    ['ifname=a ifindex=1 ip=here', /"here" is no address/],
    ['node=r1', /a node needs the address/],
    ['if=a ifindex=1', /"if" is no key/],
  ] as const) {
    test(`refused: ${row}`, () => assert.match(message(parseInterfaceNames(row, 'i')), wrong))
  }
})
