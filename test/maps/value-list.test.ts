import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Problem } from '../../src/contract/problem.ts'
import { listParser, PORTS, PROTOCOLS, TOS, type ValueList } from '../../src/maps/value-list.ts'

test('ports that are not listed are 0', () => {
  const list = listParser(PORTS)('! web\n80\n443\n6000-6002, 8080\n', 'ports.lst') as ValueList
  assert.equal(list.size, 6)
  assert.deepEqual(
    [80, 443, 81, 6001, 6003, 8080, 0, 65_535].map(port => list.bucket(port)),
    [80, 443, 0, 6001, 0, 8080, 0, 0],
  )
})

test('protocols and TOS that are not listed are 255', () => {
  const protocols = listParser(PROTOCOLS)('tcp\n17\nipv6-icmp', 'protos.lst') as ValueList
  assert.deepEqual(
    [6, 17, 58, 47].map(number => protocols.bucket(number)),
    [6, 17, 58, 255],
  )
  assert.deepEqual(
    ['tcp', 'udp', 'gre'].map(name => protocols.valueOf(name)),
    ['tcp', 'udp', '255'],
  )
  const tos = listParser(TOS)('184\n0', 'tos.lst') as ValueList
  assert.deepEqual(
    [184, 0, 1].map(number => tos.bucket(number)),
    [184, 0, 255],
  )
})

test('lines that are none', () => {
  for (const [kind, line, message] of [
    [PORTS, '65536', /"65536" is not a port/],
    [PORTS, '5-4', /"5-4" is not a port/],
    [PORTS, '-', /is not a port/],
    [PROTOCOLS, 'tpc', /"tpc" is not an IP protocol/],
    [TOS, '256', /not a TOS/],
  ] as const) {
    assert.match((listParser(kind)(`1\n${line}`, 'x.lst') as Problem).message, message)
  }
})
