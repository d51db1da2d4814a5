import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { isProblem } from '../../src/contract/problem.ts'
import { parseAllowList } from '../../src/maps/allow-list.ts'
import { parseMulticastGroup } from '../../src/sources/multicast.ts'
import { scratch } from '../support/cli.ts'
import { freeUdpPort } from '../support/free-port.ts'
import { Collector, LOOPBACK, octetsOf, send, v9, wide } from './flow-collector.ts'

const hasIpv6 = Object.values(networkInterfaces())
  .flat()
  .some(address => address?.address === '::1')
const noIpv6 = hasIpv6 ? false : 'no IPv6 loopback here'
const noProc = process.platform === 'linux' ? false : '/proc/net/udp is Linux'

const allowList = (text: string, file = 'allow') => {
  const list = parseAllowList(text, file)
  assert.ok(!isProblem(list))
  return list
}

test('flows come in on IPv4 and IPv6 sockets at once', { skip: noIpv6 }, async context => {
  const listen = [...LOOPBACK, { address: '::1', port: 0 }]
  const collector = new Collector(context, { udp: { listen } })
  await send(await collector.port('udp', 0), '127.0.0.1', v9(3))
  await send(await collector.port('udp', 1), '::1', v9(2))
  await collector.until(() => collector.records.length === 5)
  const peers = collector.records.map(record => record.peer_ip_src)
  assert.deepEqual(peers.sort(), ['127.0.0.1', '127.0.0.1', '127.0.0.1', '::1', '::1'])
})

test('a socket on all addresses takes IPv4 too, and the exporter is IPv4 then', { skip: noIpv6 }, async context => {
  const collector = new Collector(context, { udp: { listen: [{ address: undefined, port: 0 }] } })
  const port = await collector.port('udp')
  await send(port, '127.0.0.1', v9(1))
  await send(port, '::1', v9(1))
  await collector.until(() => collector.records.length === 2)
  assert.deepEqual(collector.records.map(record => record.peer_ip_src).sort(), ['127.0.0.1', '::1'])
})

test('records have the time at which their datagram came', async context => {
  const collector = new Collector(context, { udp: { listen: LOOPBACK } })
  const port = await collector.port('udp')
  const before = Date.now() / 1000
  await send(port, '127.0.0.1', v9(1))
  await collector.until(() => collector.records.length === 1)
  const arrival = Number(collector.records[0]?.timestamp_arrival)
  assert.ok(arrival > before - 1 && arrival < Date.now() / 1000 + 1, `${arrival} is not about ${before}`)
})

test('a silent network still says what time it is', async context => {
  const collector = new Collector(context, { udp: { listen: LOOPBACK } })
  const before = Date.now()
  await collector.until(() => collector.beats.length >= 2)
  const [first = 0, second = 0] = collector.beats
  assert.ok(first > before && second > first, `${before}, ${first}, ${second}`)
  assert.deepEqual(collector.records, [])
})

test('what the socket still has when the signal comes is read', async context => {
  const collector = new Collector(context, { udp: { listen: LOOPBACK } })
  const port = await collector.port('udp')
  const messages = Array.from({ length: 200 }, (_, index) => v9(2, 2 * index))
  collector.hold()
  await send(port, '127.0.0.1', ...messages)
  collector.host.stop.abort()
  collector.release()
  await collector.done
  assert.deepEqual(
    octetsOf(collector.records),
    Array.from({ length: 400 }, (_, index) => 1000 + index),
  )
  assert.equal(collector.count('datagrams'), 200)
})

test('who is not on the allow list is denied, until the list is read again', async context => {
  const file = join(scratch(context), 'allow')
  writeFileSync(file, '203.0.113.0/24\n')
  const collector = new Collector(context, {
    udp: { listen: LOOPBACK },
    flow: { allow: allowList('203.0.113.0/24', file) },
  })
  const port = await collector.port('udp')
  await send(port, '127.0.0.1', v9(1), v9(1))
  await collector.until(() => collector.count('denied') === 2)
  assert.deepEqual(
    collector.readings.filter(({ name }) => name === 'denied').map(({ labels, value }) => [labels.exporter, value]),
    [['127.0.0.1', 2]],
  )
  writeFileSync(file, '203.0.113.0/24\n127.0.0.1\n')
  collector.host.reloads++
  await collector.until(() => collector.beats.length >= 2)
  await send(port, '127.0.0.1', v9(1))
  await collector.until(() => collector.records.length === 1)
  writeFileSync(file, 'not an address\n')
  collector.host.reloads++
  await collector.until(() => collector.host.problems.length === 1)
  await send(port, '127.0.0.1', v9(1))
  await collector.until(() => collector.records.length === 2)
})

test('the port that somebody has is told', async context => {
  const other = createSocket('udp4')
  other.bind(0, '127.0.0.1')
  await once(other, 'listening')
  context.after(() => other.close())
  const { port } = other.address()
  const collector = new Collector(context, { udp: { listen: [...LOOPBACK, { address: '127.0.0.1', port }] } })
  await assert.rejects(collector.done, {
    problem: {
      code: 'listen/port-in-use',
      message: `cannot listen on udp 127.0.0.1:${port}: another program listens there`,
      hint: '`ss -lnptu` shows which; stop it or choose another port',
    },
  })
})

test('an address of another machine is told', async context => {
  const collector = new Collector(context, { udp: { listen: [{ address: '192.0.2.77', port: 0 }] } })
  await assert.rejects(collector.done, /this machine does not have the address/)
})

test('a privileged port is told', {
  skip: process.getuid?.() === 0 ? 'root may use every port' : false,
}, async context => {
  const collector = new Collector(context, { udp: { listen: [{ address: '127.0.0.1', port: 7 }] } })
  await assert.rejects(collector.done, /may not listen/)
})

test('a smaller receive buffer than asked for is told', { skip: noProc }, async context => {
  const collector = new Collector(context, { udp: { listen: LOOPBACK, receiveBufferOctets: 2 ** 30 } })
  await collector.port('udp')
  assert.deepEqual(collector.host.codes, ['udp/receive-buffer'])
})

test('what does not fit into the receive buffer is counted', { skip: noProc }, async context => {
  const collector = new Collector(context, { udp: { listen: LOOPBACK, receiveBufferOctets: 4096 } })
  const port = await collector.port('udp')
  const sender = createSocket('udp4')
  sender.connect(port, '127.0.0.1')
  await once(sender, 'connect')
  context.after(() => sender.close())
  const sent = 300
  // All in one turn of the event loop, in which nothing is read.
  for (let index = 0; index < sent; index++) sender.send(v9(20))
  await collector.until(() => collector.count('lost/kernel-drops') > 0)
  await collector.until(() => collector.count('datagrams') + collector.count('lost/kernel-drops') === sent)
  assert.equal(collector.records.length, 20 * collector.count('datagrams'))
  await collector.until(() => collector.host.codes.includes('udp/kernel-drops'))
  const drops = collector.readings.find(({ name }) => name === 'socket_kernel_drops')
  assert.deepEqual(
    [drops?.labels.socket, drops?.value],
    [`udp 127.0.0.1:${port}`, collector.count('lost/kernel-drops')],
  )
})

test('while the reader is held up datagrams wait, then they are dropped and counted', {
  skip: noProc,
}, async context => {
  const collector = new Collector(context, { udp: { listen: LOOPBACK } })
  const port = await collector.port('udp')
  collector.hold()
  await send(port, '127.0.0.1', v9(1))
  await collector.until(() => collector.records.length === 1)
  let sent = 1
  const burst = Array.from({ length: 50 }, wide)
  while (collector.count('lost/queue-full') === 0 && sent < 20_000) {
    await send(port, '127.0.0.1', ...burst)
    sent += burst.length
    await sleep(1)
  }
  await collector.stop()
  const lost = collector.count('lost/queue-full') + collector.count('lost/kernel-drops')
  assert.ok(collector.count('lost/queue-full') > 0)
  assert.equal(collector.records.length + lost, sent)
})

test('multicast: groups are joined on IPv4 sockets', async context => {
  const group = parseMulticastGroup('239.255.77.1%127.0.0.1')
  assert.ok(!isProblem(group))
  const port = await freeUdpPort()
  const listen = [{ address: '0.0.0.0', port }]
  const collector = new Collector(context, { udp: { listen, multicast: [group] } })
  await collector.port('udp')
  const sender = createSocket('udp4')
  sender.bind(0, '127.0.0.1')
  await once(sender, 'listening')
  context.after(() => sender.close())
  sender.setMulticastInterface('127.0.0.1')
  sender.send(v9(2), port, '239.255.77.1')
  await collector.until(() => collector.records.length === 2)
})

test('multicast: a group of IPv6 needs a socket of IPv6', async context => {
  const group = parseMulticastGroup('ff05::77')
  assert.ok(!isProblem(group))
  const collector = new Collector(context, { udp: { listen: LOOPBACK, multicast: [group] } })
  await assert.rejects(collector.done, /needs a socket of IPv6/)
})

test('a datagram that is no flow message is counted and changes nothing', async context => {
  const collector = new Collector(context, { udp: { listen: LOOPBACK } })
  const port = await collector.port('udp')
  await send(port, '127.0.0.1', Buffer.alloc(0), Buffer.from('hello'), Buffer.alloc(1400, 9), v9(1))
  await collector.until(() => collector.records.length === 1)
  assert.ok(collector.host.problems.length > 0)
})
