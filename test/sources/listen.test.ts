import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isProblem } from '../../src/contract/problem.ts'
import { parseUdpTable } from '../../src/sources/kernel-drops.ts'
import { addressText, parseListenAddress } from '../../src/sources/listen-address.ts'
import { parseMulticastGroup } from '../../src/sources/multicast.ts'
import { exporterAddress, PEERS, SocketPeers } from '../../src/sources/socket-peers.ts'

test('addresses to listen on', () => {
  const cases = {
    '2055': [undefined, 2055],
    '*:2055': [undefined, 2055],
    '127.0.0.1:0': ['127.0.0.1', 0],
    '[::]:4739': ['::', 4739],
    '[2001:db8::1]:65535': ['2001:db8::1', 65535],
    '[fe80::1%eth0]:2055': ['fe80::1%eth0', 2055],
  }
  for (const [text, [address, port]] of Object.entries(cases)) {
    assert.deepEqual(parseListenAddress(text), { address, port }, text)
  }
  const wrong = [
    '',
    'x',
    '65536',
    '127.0.0.1',
    '127.0.0:2055',
    '::1:2055',
    '[127.0.0.1]:2055',
    'host:2055',
    '[*]:1',
    '-1',
    ':1',
  ]
  for (const text of wrong) assert.ok(isProblem(parseListenAddress(text)), text)
  assert.equal(addressText('::1', 1), '[::1]:1')
  assert.equal(addressText('127.0.0.1', 1), '127.0.0.1:1')
})

test('multicast groups', () => {
  assert.deepEqual(parseMulticastGroup('239.1.2.3'), { address: '239.1.2.3', family: 4, interface: undefined })
  assert.deepEqual(parseMulticastGroup('224.0.0.9%eth0'), { address: '224.0.0.9', family: 4, interface: 'eth0' })
  assert.deepEqual(parseMulticastGroup('ff05::1%eth0'), { address: 'ff05::1', family: 6, interface: 'eth0' })
  for (const text of ['192.0.2.1', '240.0.0.1', '2001:db8::1', '::', 'eth0', '']) {
    assert.ok(isProblem(parseMulticastGroup(text)), text)
  }
})

test('drops as the kernel tells them', () => {
  const table = `   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
  123: 0100007F:0807 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 4711 2 0000000000000000 42
  124: 00000000000000000000000000000000:0834 00000000000000000000000000000000:0000 07 00000000:00000000 00:00000000 00000000  0 0 4712 2 0000000000000000 0
`
  assert.deepEqual(parseUdpTable(table), [
    { inode: '4711', port: 2055, drops: 42 },
    { inode: '4712', port: 2100, drops: 0 },
  ])
  assert.deepEqual(parseUdpTable(''), [])
})

test('exporters by address: IPv4 as such, no zones', () => {
  assert.deepEqual(exporterAddress('::ffff:192.0.2.1'), { address: '192.0.2.1', family: 4 })
  assert.deepEqual(exporterAddress('fe80::1%eth0'), { address: 'fe80::1', family: 6 })
  assert.deepEqual(exporterAddress('2001:db8::ffff:1'), { address: '2001:db8::ffff:1', family: 6 })
})

test('a sender has one number, until there are too many', () => {
  const told: string[] = []
  const peers = new SocketPeers((peer, { address, port }) => {
    told[peer] = `${address} ${port}`
    return true
  })
  const one = peers.get('192.0.2.1', 1)
  assert.equal(told[one], '192.0.2.1 1')
  assert.notEqual(peers.get('::ffff:192.0.2.1', 2), one)
  assert.equal(told[1], '192.0.2.1 2')
  assert.equal(peers.get('192.0.2.1', 1), one)
  for (let number = 0; number < 3 * PEERS; number++) {
    const [address, port] = [`10.0.0.${number >> 16}`, number & 0xffff]
    const peer = peers.get(address, port)
    assert.ok(peer < PEERS)
    assert.equal(told[peer], `${address} ${port}`)
  }
})

test('a sender that could not be told is told the next time', () => {
  let room = false
  const peers = new SocketPeers(() => room)
  assert.equal(peers.get('192.0.2.1', 1), -1)
  room = true
  assert.equal(peers.get('192.0.2.1', 1), 0)
})
