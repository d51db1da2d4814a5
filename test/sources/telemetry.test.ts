import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect } from 'node:net'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { isProblem } from '../../src/contract/problem.ts'
import type { NetRecord } from '../../src/contract/record.ts'
import { parseAllowList } from '../../src/maps/allow-list.ts'
import type { TelemetryNetworkOptions, TelemetryOptions } from '../../src/sources/telemetry/options.ts'
import { openTelemetry } from '../../src/sources/telemetry/telemetry.ts'
import { CISCO_COUNTERS, cisco, udpNotif, udpNotifSegments } from '../support/telemetry-writer.ts'
import { TestHost } from '../support/test-host.ts'

/** Longer than any of it should take: a failure, told instead of waited for. */
const HANG_MS = 20_000
const LOOPBACK = [{ address: '127.0.0.1', port: 0 }] as const
const UDP = { listen: LOOPBACK, ipv6Only: false, multicast: [], receiveBufferOctets: undefined }

const TCP = { tcp: [], ipv6Only: false, maxSessions: 2, idleMs: 60_000 }

/** telemetry-recv's source in this process, with real sockets on loopback. */
class Collector {
  readonly host = new TestHost()
  readonly records: NetRecord[] = []
  readonly done: Promise<void>

  constructor(context: TestContext, network: Partial<TelemetryNetworkOptions>, more: Partial<TelemetryOptions> = {}) {
    const options: TelemetryOptions = {
      captures: [],
      udpPorts: [],
      tcpPorts: [],
      decoder: { decoder: 'auto', maxPeers: 10, peerTimeoutMs: 300_000, maxMessageOctets: 100_000 },
      network: { udp: { ...UDP, listen: [] }, sessions: TCP, account: undefined, ...network },
      allow: undefined,
      ...more,
    }
    this.done = this.#run(options)
    this.done.catch(() => {}) // who waits for it is told
    context.after(() => this.stop().catch(() => {}))
  }

  async #run(options: TelemetryOptions): Promise<void> {
    for await (const batch of openTelemetry(options, this.host)) this.records.push(...batch.records)
  }

  get data() {
    return this.records.filter(({ event_type }) => event_type === 'log').map(({ telemetry_data }) => telemetry_data)
  }

  get events() {
    return this.records.map(({ event_type }) => event_type)
  }

  /** Of the first socket of a transport. */
  async port(transport: 'udp' | 'tcp'): Promise<number> {
    const sockets = () =>
      this.host.readers
        .flatMap(read => [...read()])
        .map(({ labels }) => labels?.socket ?? '')
        .filter(socket => socket.startsWith(transport))
    await Promise.race([this.done, this.until(() => sockets().length > 0)])
    const place = sockets()[0] ?? ''
    return Number(place.slice(place.lastIndexOf(':') + 1))
  }

  async until(isTrue: () => boolean): Promise<void> {
    for (const end = performance.now() + HANG_MS; !isTrue(); await sleep(5)) {
      assert.ok(performance.now() < end, `still waiting; ${JSON.stringify(this.host.codes)}`)
    }
  }

  async stop(): Promise<void> {
    this.host.stop.abort()
    await this.done
  }
}

function sender(context: TestContext, port: number) {
  const socket = createSocket('udp4')
  context.after(() => socket.close())
  return (datagram: string | Uint8Array) => socket.send(datagram, port, '127.0.0.1')
}

test('UDP-notif over a socket; the node is closed at the end', async context => {
  const collector = new Collector(context, { udp: UDP })
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
  const collector = new Collector(context, { udp: UDP }, { allow })
  const send = sender(context, await collector.port('udp'))
  send(udpNotif('{"a":1}'))
  await collector.until(() => collector.host.counters.denied === 1)
  await collector.stop()
  assert.deepEqual(collector.records, [])
})

async function connected(context: TestContext, collector: Collector) {
  const socket = connect({ port: await collector.port('tcp'), host: '127.0.0.1' })
  context.after(() => socket.destroy())
  socket.on('error', () => {})
  await once(socket, 'connect')
  return socket
}

test('JSON and Cisco dial-out over TCP, with datagrams beside them', async context => {
  const collector = new Collector(context, { udp: UDP, sessions: { ...TCP, tcp: LOOPBACK } })
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
  const collector = new Collector(context, { sessions })
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
