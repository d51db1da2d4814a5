import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { isProblem } from '../../../src/contract/problem.ts'
import type { NetRecord } from '../../../src/contract/record.ts'
import { parseAllowList } from '../../../src/maps/allow-list.ts'
import { openBmp } from '../../../src/sources/bmp/bmp.ts'
import type { BmpOptions, BmpStationOptions } from '../../../src/sources/bmp/options.ts'
import { readProxyHeader } from '../../../src/wire/haproxy/header.ts'
import { mandatory, prefix, update } from '../../support/bgp-writer.ts'
import { TestHost } from '../../support/test-host.ts'
import { bmp, peerUp, routeMonitoring, text } from '../../wire/bmp/bmp-writer.ts'

/** Longer than any of it should take: a failure, told instead of waited for. */
const HANG_MS = 20_000
const ROUTE = routeMonitoring(update({ attributes: mandatory(), nlri: prefix('10.1.0.0/16') }))
const INITIATION = bmp(4, text(2, 'r1'))
const SIGNATURE = '0d0a0d0a000d0a515549540a'

class Station {
  readonly host = new TestHost()
  readonly records: NetRecord[] = []
  readonly done: Promise<void>

  constructor(context: TestContext, station: Partial<BmpStationOptions> = {}, more: Partial<BmpOptions> = {}) {
    const options: BmpOptions = {
      captures: [],
      tcpPorts: [],
      decoder: { distinguisher: 'rd' },
      allow: undefined,
      station: {
        listen: [{ address: '127.0.0.1', port: 0 }],
        connect: [],
        ipv6Only: false,
        maxRouters: 16,
        proxyProtocol: false,
        ...station,
      },
      ...more,
    }
    this.done = this.#run(options)
    this.done.catch(() => {}) // who waits for it is told
    context.after(() => this.stop().catch(() => {}))
  }

  async #run(options: BmpOptions): Promise<void> {
    for await (const batch of openBmp(options, this.host)) this.records.push(...batch.records)
  }

  get readings() {
    return this.host.readers.flatMap(read => [...read()])
  }

  async port(): Promise<number> {
    const sockets = () => this.readings.filter(({ name }) => name === 'listening')
    await Promise.race([this.done, this.until(() => sockets().length > 0)])
    const place = sockets()[0]?.labels?.socket ?? ''
    return Number(place.slice(place.lastIndexOf(':') + 1))
  }

  async until(condition: () => boolean): Promise<void> {
    const end = performance.now() + HANG_MS
    while (!condition()) {
      assert.ok(performance.now() < end, `this did not come true: ${condition}`)
      await sleep(5)
    }
  }

  async stop(): Promise<void> {
    this.host.stop.abort()
    await this.done
  }
}

async function router(context: TestContext, port: number, address = '127.0.0.1'): Promise<Socket> {
  const socket = connect(port, address)
  context.after(() => socket.destroy())
  socket.on('error', () => {})
  await once(socket, 'connect')
  return socket
}

const kinds = (station: Station) => station.records.map(({ event_type, bmp_msg_type }) => bmp_msg_type ?? event_type)

test('a session from its first message to its end', async context => {
  const station = new Station(context)
  const socket = await router(context, await station.port())
  const { localPort } = socket
  const stream = Buffer.concat([INITIATION, peerUp(), ROUTE])
  for (const octet of stream) socket.write(Uint8Array.of(octet))
  await station.until(() => station.records.length === 4)
  assert.deepEqual(
    station.readings.filter(({ name }) => name.startsWith('session')).map(({ name, value }) => [name, value]),
    [
      ['sessions', 1],
      ['session_messages', 3],
      ['session_peers', 1],
    ],
  )
  socket.end()
  await station.until(() => station.records.length === 5)
  assert.deepEqual(kinds(station), ['log_init', 'init', 'peer_up', 'route_monitor', 'log_close'])
  assert.equal(station.records[0]?.bmp_router, '127.0.0.1')
  assert.equal(station.records[0]?.bmp_router_port, localPort)
  assert.deepEqual(
    station.records.map(record => record.seq),
    [0, 1, 2, 3, 4],
  )
})

test('sessions that are open at the end are closed', async context => {
  const station = new Station(context)
  const socket = await router(context, await station.port())
  socket.write(ROUTE)
  await station.until(() => station.records.length === 2)
  await station.stop()
  assert.deepEqual(kinds(station), ['log_init', 'route_monitor', 'log_close'])
})

test('what is no BMP ends the session with a problem', async context => {
  const station = new Station(context)
  const socket = await router(context, await station.port())
  socket.write('GET / HTTP/1.1\r\n\r\n')
  await once(socket, 'close')
  await station.until(() => station.host.codes.length > 0)
  assert.deepEqual(station.host.codes, ['bmp/version'])
})

test('a session that ends within a message', async context => {
  const station = new Station(context)
  const socket = await router(context, await station.port())
  socket.end(ROUTE.subarray(0, 30))
  await station.until(() => station.host.codes.includes('bmp-session/truncated'))
})

test('no more routers than are allowed', async context => {
  const station = new Station(context, { maxRouters: 1 })
  const port = await station.port()
  const first = await router(context, port)
  first.write(INITIATION)
  await station.until(() => station.records.length === 2)
  await once(await router(context, port), 'close')
  assert.equal(station.host.counters['sessions-refused'], 1)
  first.destroy()
  await station.until(() => station.readings.some(({ name, value }) => name === 'sessions' && value === 0))
  const next = await router(context, port)
  next.write(INITIATION)
  await station.until(() => station.records.length === 5)
})

test('only who is allowed', async context => {
  const allow = parseAllowList('192.0.2.0/24\n', 'allow')
  assert.ok(!isProblem(allow))
  const station = new Station(context, {}, { allow })
  await once(await router(context, await station.port()), 'close')
  assert.equal(station.host.counters.denied, 1)
  assert.equal(station.records.length, 0)
})

const proxied = (source: string, command = '21', family = '11'): Buffer =>
  Buffer.from(`${SIGNATURE}${command}${family}${(source.length / 2).toString(16).padStart(4, '0')}${source}`, 'hex')

test('the router of a PROXY header', async context => {
  const allow = parseAllowList('192.0.2.0/24\n', 'allow')
  assert.ok(!isProblem(allow))
  const station = new Station(context, { proxyProtocol: true }, { allow })
  const port = await station.port()
  const socket = await router(context, port)
  const header = proxied('c0000207c633640130390702')
  for (const octet of Buffer.concat([header, INITIATION])) socket.write(Uint8Array.of(octet))
  await station.until(() => station.records.length === 2)
  assert.deepEqual([station.records[1]?.bmp_router, station.records[1]?.bmp_router_port], ['192.0.2.7', 12_345])
  const other = await router(context, port)
  other.write(Buffer.concat([proxied('cb007107c633640130390702'), INITIATION]))
  await once(other, 'close')
  assert.equal(station.host.counters.denied, 1)
  const none = await router(context, port)
  none.write(INITIATION)
  await once(none, 'close')
  await station.until(() => station.host.codes.includes('proxy-protocol/malformed'))
})

test('PROXY headers', () => {
  const read = (octets: Buffer) => readProxyHeader(octets, octets.length)
  const six = '20010db800000000000000000000000920010db80000000000000000000000013039070204000100'
  assert.deepEqual(read(proxied(six, '21', '21')), { length: 56, source: { address: '2001:db8::9', port: 12_345 } })
  assert.deepEqual(read(proxied('', '20', '00')), { length: 16, source: undefined })
  assert.deepEqual(read(proxied('0102', '21', '31')), { length: 18, source: undefined })
  assert.equal(read(proxied('c0000207')) !== undefined && isProblem(read(proxied('c0000207'))), true)
  assert.ok(isProblem(read(proxied('', '11'))))
  assert.ok(isProblem(read(proxied('', '22'))))
  assert.ok(isProblem(read(Buffer.from('PROXY TCP4 192.0.2.7 '))))
  const whole = proxied('c0000207c633640130390702')
  for (let cut = 0; cut < whole.length; cut++) assert.equal(read(whole.subarray(0, cut)), undefined)
})

test('a router that waits for the station', async context => {
  const server = createServer(socket => socket.write(Buffer.concat([INITIATION, ROUTE])))
  context.after(() => server.close())
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const station = new Station(context, { listen: [], connect: [{ address: '127.0.0.1', port }] })
  await station.until(() => station.records.length === 3)
  assert.deepEqual(kinds(station), ['log_init', 'init', 'route_monitor'])
  assert.equal(station.records[2]?.bmp_router_port, port)
})
