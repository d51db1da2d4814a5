import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect } from 'node:net'
import { type TestContext, test } from 'node:test'
import { isProblem } from '../../src/contract/problem.ts'
import { parseAllowList } from '../../src/maps/allow-list.ts'
import { LOOPBACK, TCP, TelemetryCollector, UDP } from '../support/telemetry-collector.ts'
import { CISCO_COUNTERS, cisco, udpNotif, udpNotifSegments } from '../support/telemetry-writer.ts'

function sender(context: TestContext, port: number) {
  const socket = createSocket('udp4')
  context.after(() => socket.close())
  return (datagram: string | Uint8Array) => socket.send(datagram, port, '127.0.0.1')
}

test('UDP-notif over a socket; the node is closed at the end', async context => {
  const collector = new TelemetryCollector(context, { udp: UDP })
  const send = sender(context, await collector.port('udp'))
  for (const part of udpNotifSegments('{"a":[1,2,3]}', 4)) send(part)
  send(udpNotif('{"b":1}', { message: 1 }))
  await collector.until(() => collector.data.length === 2)
  await collector.stop()
  assert.deepEqual(collector.data, [{ a: [1, 2, 3] }, { b: 1 }])
  assert.deepEqual(collector.events, ['log_init', 'log', 'log', 'log_close'])
  assert.equal(collector.records[1]?.telemetry_node, '127.0.0.1')
})

test('who is not on the allow list is not read', async context => {
  const allow = parseAllowList('192.0.2.1\n', 'allow.txt')
  assert.ok(!isProblem(allow))
  const collector = new TelemetryCollector(context, { udp: UDP }, { allow })
  const send = sender(context, await collector.port('udp'))
  send(udpNotif('{"a":1}'))
  await collector.until(() => collector.host.counters.denied === 1)
  await collector.stop()
  assert.deepEqual(collector.records, [])
})

async function connected(context: TestContext, collector: TelemetryCollector) {
  const socket = connect({ port: await collector.port('tcp'), host: '127.0.0.1' })
  context.after(() => socket.destroy())
  socket.on('error', () => {})
  await once(socket, 'connect')
  return socket
}

test('JSON and Cisco dial-out over TCP, with datagrams beside them', async context => {
  const collector = new TelemetryCollector(context, { udp: UDP, sessions: { ...TCP, tcp: LOOPBACK } })
  sender(context, await collector.port('udp'))('{"c":3}')
  const json = await connected(context, collector)
  json.write('{"a":1}{"b":')
  await collector.until(() => collector.data.length === 2)
  json.end('2}')
  await collector.until(() => collector.data.length === 3)
  const cut = await connected(context, collector)
  const message = cisco('gpb', CISCO_COUNTERS)
  cut.write(message)
  cut.write(message.subarray(0, 20))
  await collector.until(() => collector.data.length === 4)
  await collector.stop()
  assert.deepEqual(
    [
      collector.data
        .slice(0, 2)
        .map(data => JSON.stringify(data))
        .sort(),
      collector.data[2],
    ],
    [['{"a":1}', '{"c":3}'], { b: 2 }],
  )
  assert.equal((collector.data[3] as { node_id_str: string }).node_id_str, 'xr1')
  assert.equal(collector.events.filter(event => event === 'log_close').length, 3)
  assert.deepEqual(collector.host.codes, ['telemetry/truncated'])
  assert.equal(collector.host.counters['sessions-closed'], 1)
})

test('connections are bounded, a wrong one is closed, a silent one too', async context => {
  const sessions = { ...TCP, tcp: LOOPBACK, maxSessions: 1, idleMs: 200 }
  const collector = new TelemetryCollector(context, { sessions })
  const silent = await connected(context, collector)
  await collector.until(() => collector.host.counters['sessions-opened'] === 1)
  const refused = await connected(context, collector)
  await once(refused, 'close')
  assert.equal(collector.host.counters['sessions-refused'], 1)
  await once(silent, 'close')
  assert.equal(collector.host.counters['sessions-idle'], 1)
  const wrong = await connected(context, collector)
  wrong.write(Buffer.alloc(12))
  await once(wrong, 'close')
  await collector.until(() => collector.host.codes.includes('cisco-mdt/header'))
})
