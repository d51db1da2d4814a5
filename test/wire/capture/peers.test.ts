import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MAX_PEERS, PeerTable } from '../../../src/wire/capture/peers.ts'

/** Addresses 10.0.0.0 and 2001:db8:: plus `number`. */
function address(number: number): DataView {
  const view = new DataView(new ArrayBuffer(20))
  view.setUint32(0, 0x0a000000 + number)
  view.setUint32(4, 0x20010db8)
  view.setUint32(16, number)
  return view
}

test('the same address and port get the same index', () => {
  const peers = new PeerTable()
  const indexes = [
    ...[peers.ipv4(address(1), 0, 5), peers.ipv4(address(1), 0, 6), peers.ipv4(address(2), 0, 5)],
    ...[peers.ipv6(address(1), 4, 5), peers.ipv6(address(1), 4, 6), peers.ipv6(address(2), 4, 5)],
    ...[
      peers.ipv4(address(1), 0, 5),
      peers.ipv6(address(1), 4, 5),
      peers.ipv6(address(1), 4, 5),
      peers.ipv4(address(2), 0, 5),
    ],
  ]
  assert.deepEqual(indexes, [0, 1, 2, 3, 4, 5, 0, 3, 3, 2])
  assert.deepEqual(peers.get(1), { address: '10.0.0.1', port: 6, family: 4 })
  assert.deepEqual(peers.get(5), { address: '2001:db8::2', port: 5, family: 6 })
})

test('the zero address with port 0 is a peer like any other', () => {
  const peers = new PeerTable()
  const zero = new DataView(new ArrayBuffer(20))
  assert.equal(peers.ipv6(zero, 0, 0), 0)
  assert.equal(peers.ipv4(zero, 0, 0), 1)
  assert.deepEqual([peers.get(0).address, peers.get(1).address], ['::', '0.0.0.0'])
})

test('the table is bounded, the oldest is forgotten', () => {
  const peers = new PeerTable()
  for (let number = 0; number <= MAX_PEERS; number++) peers.ipv4(address(number), 0, 9)
  assert.throws(() => peers.get(0), RangeError)
  assert.equal(peers.get(1).address, '10.0.0.1')
  assert.equal(peers.get(MAX_PEERS).address, '10.1.0.0')
  assert.equal(peers.ipv4(address(0), 0, 9), MAX_PEERS + 1, 'comes again under a new index')
  assert.throws(() => peers.get(1), RangeError)
})

test('what is forgotten is not found by the short cut of the last peer', () => {
  const peers = new PeerTable()
  assert.equal(peers.ipv6(address(7), 4, 9), 0)
  for (let number = 0; number < MAX_PEERS; number++) peers.ipv4(address(number), 0, 9)
  assert.equal(peers.ipv6(address(7), 4, 9), MAX_PEERS + 1)
  assert.equal(peers.ipv4(address(MAX_PEERS - 1), 0, 9), MAX_PEERS)
  for (let number = 0; number < MAX_PEERS; number++) peers.ipv6(address(1000 + number), 4, 9)
  assert.equal(peers.ipv4(address(MAX_PEERS - 1), 0, 9), 2 * MAX_PEERS + 2)
})
