import assert from 'node:assert/strict'
import { test } from 'node:test'
import { readProxyHeader, writeProxyHeader } from '../../../src/wire/haproxy/header.ts'

const SIGNATURE = '0d0a0d0a000d0a515549540a'
const hex = (octets: Uint8Array): string => Buffer.from(octets).toString('hex')

test('PROXY header, version 2, of both families', () => {
  const ipv4 = writeProxyHeader({ address: '192.0.2.1', port: 40_000 }, { address: '198.51.100.2', port: 179 })
  assert.equal(hex(ipv4), `${SIGNATURE}2111000cc0000201c63364029c4000b3`)
  const ipv6 = writeProxyHeader({ address: '2001:db8::1', port: 1 }, { address: '2001:db8::2', port: 2 })
  const addresses = `20010db8${'0'.repeat(23)}120010db8${'0'.repeat(23)}2`
  assert.equal(hex(ipv6), `${SIGNATURE}21210024${addresses}00010002`)
})

test('an IPv4 end beside an IPv6 one is mapped', () => {
  const header = writeProxyHeader({ address: '192.0.2.1', port: 1 }, { address: '::1', port: 2 })
  assert.equal(hex(header.subarray(12, 32)), `21210024${'0'.repeat(20)}ffffc0000201`)
})

test('what is written is read; a header that is cut is waited for', () => {
  for (const address of ['192.0.2.1', '2001:db8::1']) {
    const header = writeProxyHeader({ address, port: 40_000 }, { address, port: 179 })
    const octets = Uint8Array.from([...header, 3, 0])
    for (let available = 0; available < header.length; available++) {
      assert.equal(readProxyHeader(octets, available), undefined)
    }
    assert.deepEqual(readProxyHeader(octets, octets.length), {
      length: header.length,
      source: { address, port: 40_000 },
    })
  }
})
