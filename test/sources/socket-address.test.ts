import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ipv6Octets, socketAddress } from '../../src/sources/socket-address.ts'

const hex = (octets: Uint8Array): string => Buffer.from(octets).toString('hex')

test('IPv6 addresses in every way they are written', () => {
  const zeros = (count: number) => '00'.repeat(count)
  assert.equal(hex(ipv6Octets('::')), zeros(16))
  assert.equal(hex(ipv6Octets('::1')), `${zeros(15)}01`)
  assert.equal(hex(ipv6Octets('2001:db8::')), `20010db8${zeros(12)}`)
  assert.equal(hex(ipv6Octets('2001:db8:1:2:3:4:5:6')), '20010db8000100020003000400050006')
  assert.equal(hex(ipv6Octets('fe80::1%lo')), `fe80${zeros(13)}01`)
  for (const mapped of ['192.0.2.1', '::ffff:192.0.2.1'])
    assert.equal(hex(ipv6Octets(mapped)), `${zeros(10)}ffffc0000201`)
  assert.throws(() => ipv6Octets('192.0.2'), RangeError)
})

test('socket addresses: family as the machine has it, port and address as the network has them', () => {
  const ipv4 = socketAddress(4, { address: '192.0.2.1', port: 179 })
  assert.equal(ipv4.length, 16)
  assert.equal(hex(ipv4.subarray(2, 8)), '00b3c0000201')
  const ipv6 = socketAddress(6, { address: 'fe80::1%3', port: 179 })
  assert.equal(ipv6.length, 28)
  assert.equal(new Uint32Array(ipv6.buffer, 24, 1)[0], 3)
})
