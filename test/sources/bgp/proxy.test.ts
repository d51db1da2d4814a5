import assert from 'node:assert/strict'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { isProblem } from '../../../src/contract/problem.ts'
import { readCrossConnectMap } from '../../../src/maps/cross-connect-map.ts'
import { BgpProxy } from '../../../src/sources/bgp/proxy.ts'
import { scratch } from '../../support/cli.ts'
import { TestHost } from '../../support/test-host.ts'

const LOOPBACK = '127.0.0.1'
const HANG_MS = 20_000

async function until(condition: () => boolean): Promise<void> {
  const end = performance.now() + HANG_MS
  while (!condition()) {
    assert.ok(performance.now() < end, `this did not come true: ${condition}`)
    await sleep(5)
  }
}

/** A collector that says its name, keeps what it is told, and ends when told all. */
async function backend(context: TestContext, name: string): Promise<{ port: number; heard: Buffer[][] }> {
  const heard: Buffer[][] = []
  const server: Server = createServer({ allowHalfOpen: true }, socket => {
    const chunks: Buffer[] = []
    heard.push(chunks)
    socket.on('error', () => {})
    socket.write(name)
    socket.on('data', chunk => chunks.push(chunk))
    socket.on('end', () => socket.end(` heard ${Buffer.concat(chunks).length}`))
    context.after(() => socket.destroy())
  })
  server.listen(0, LOOPBACK)
  await once(server, 'listening')
  context.after(() => server.close())
  return { port: (server.address() as AddressInfo).port, heard }
}

interface Changes {
  readonly proxyHeader?: boolean
  readonly maxConnections?: number
}

async function proxy(context: TestContext, rows: string, changes: Changes = {}) {
  const file = join(scratch(context), 'peers.map')
  writeFileSync(file, rows)
  const map = await readCrossConnectMap(file)
  assert.ok(!isProblem(map))
  const host = new TestHost()
  const listen = [{ address: LOOPBACK, port: 0 }]
  const running = new BgpProxy({ listen, map, maxConnections: 10, proxyHeader: false, ...changes }, host)
  const done = running.run()
  context.after(async () => {
    host.stop.abort()
    await done
  })
  const listening = () => [...running.readings()].find(({ name }) => name === 'listening')?.labels?.socket
  await until(() => listening() !== undefined)
  return { host, file, port: Number(listening()?.split(':').at(-1)) }
}

async function client(context: TestContext, port: number): Promise<{ socket: Socket; text: () => string }> {
  const socket = connect({ port, host: LOOPBACK, allowHalfOpen: true })
  const chunks: Buffer[] = []
  socket.on('data', chunk => chunks.push(chunk))
  socket.on('error', () => {})
  await once(socket, 'connect')
  context.after(() => socket.destroy())
  return { socket, text: () => Buffer.concat(chunks).toString() }
}

/** The far end closed the connection, in order or not. */
const closed = (socket: Socket): Promise<void> => until(() => socket.closed || socket.readableEnded)

test('octets go both ways, and the end of one direction leaves the other open', async context => {
  const west = await backend(context, 'west')
  const { port, host } = await proxy(context, `bgp_dst=127.0.0.1:${west.port} bgp_src=127.0.0.0/8\n`)
  const { socket, text } = await client(context, port)
  await until(() => text() === 'west')
  socket.end(Buffer.alloc(3_000_000, 1))
  await until(() => text() === 'west heard 3000000')
  await closed(socket)
  await until(() => host.counters['connections-closed'] === 1)
  assert.equal(host.counters['connections-opened'], 1)
  assert.deepEqual(host.codes, [])
})

test('a peer that no row holds is refused; after SIGHUP the new map holds it', async context => {
  const west = await backend(context, 'west')
  const { port, host, file } = await proxy(context, `bgp_dst=127.0.0.1:${west.port} bgp_src=192.0.2.0/24\n`)
  await closed((await client(context, port)).socket)
  assert.equal(host.counters['connections-unmatched'], 1)
  await until(() => host.codes.includes('bgp-proxy/unmatched'))
  writeFileSync(file, 'no map')
  host.reloads++
  await until(() => host.codes.includes('maps/bad-row'))
  writeFileSync(file, `bgp_dst=127.0.0.1:${west.port} bgp_src=127.0.0.1\n`)
  host.reloads++
  let said = ''
  while (said === '') {
    const { socket, text } = await client(context, port)
    await Promise.race([closed(socket), until(() => text() !== '')])
    said = text()
  }
  assert.equal(said, 'west')
})

test('the collector is told the address of the peer', async context => {
  const west = await backend(context, 'west')
  const rows = `bgp_dst=127.0.0.1:${west.port} bgp_src=127.0.0.1\n`
  const { port } = await proxy(context, rows, { proxyHeader: true })
  const { socket } = await client(context, port)
  socket.write('open')
  await until(() => Buffer.concat(west.heard[0] ?? []).length === 32)
  const header = Buffer.concat(west.heard[0] ?? [])
  assert.equal(header.toString('hex', 12, 24), '2111000c7f0000017f000001')
  assert.equal(header.readUInt16BE(24), socket.localPort)
  assert.equal(header.readUInt16BE(26), port)
  assert.equal(header.toString('latin1', 28), 'open')
})

test('a collector that is not there: the connection is reset, and told', async context => {
  const { port, host } = await proxy(context, 'bgp_dst=127.0.0.1:1 bgp_src=127.0.0.1\n')
  await closed((await client(context, port)).socket)
  await until(() => host.codes.includes('bgp-proxy/connect'))
  assert.match(host.problems[0]?.message ?? '', /127\.0\.0\.1:1: .*ECONNREFUSED/)
})

test('connections beyond the limit are refused', async context => {
  const west = await backend(context, 'west')
  const rows = `bgp_dst=127.0.0.1:${west.port} bgp_src=127.0.0.1\n`
  const { port, host } = await proxy(context, rows, { maxConnections: 1 })
  const first = await client(context, port)
  await until(() => first.text() === 'west')
  await closed((await client(context, port)).socket)
  assert.equal(host.counters['connections-too-many'], 1)
})

test('when the proxy ends, both ends are told', async context => {
  const west = await backend(context, 'west')
  const { port, host } = await proxy(context, `bgp_dst=127.0.0.1:${west.port} bgp_src=127.0.0.1\n`)
  const { socket, text } = await client(context, port)
  await until(() => text() === 'west')
  host.stop.abort()
  await closed(socket)
})
