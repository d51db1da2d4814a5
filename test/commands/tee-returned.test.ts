// tee and a receiver that is away: what came back is counted, others lose nothing, and it gets the templates when it is there again.
import assert from 'node:assert/strict'
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { type TestContext, test } from 'node:test'
import { freeUdpPort } from '../support/free-port.ts'
import { startCounting, statsOf, until } from '../support/stats.ts'

const HOSTS = { 4: '127.0.0.1', 6: '::1' } as const
/** NetFlow v9, source id 7: template 256 of two fields. */
const TEMPLATE = Buffer.from('0009000100000000000000000000000500000007000000100100000200080004000c0004', 'hex')

async function opened(context: TestContext, address: string, port = 0): Promise<{ socket: Socket; got: Buffer[] }> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4')
  context.after(() => {
    try {
      socket.close()
    } catch {
      // Closed by the test.
    }
  })
  const got: Buffer[] = []
  socket.on('message', octets => got.push(octets))
  socket.bind(port, address)
  await once(socket, 'listening')
  return { socket, got }
}

const linux = process.platform !== 'linux' && 'Linux only'

for (const family of [4, 6] as const) {
  test(`IPv${family}: what comes back is counted; templates when it is there again`, { skip: linux }, async context => {
    const host = HOSTS[family]
    const here = family === 4 ? host : `[${host}]`
    const [away, there, exporter] = [
      await opened(context, host),
      await opened(context, host),
      await opened(context, host),
    ]
    const [port, awayPort] = [await freeUdpPort(), away.socket.address().port]
    const to = ['--to', `${here}:${awayPort}`, '--to', `${here}:${there.socket.address().port}`]
    const counting = await startCounting(context, ['tee', '--listen', `${here}:${port}`, ...to])
    context.after(() => counting.child.kill('SIGKILL'))
    const send = (octets: Uint8Array | string) => exporter.socket.send(octets, port, host)
    const timer = setInterval(() => send(TEMPLATE), 50)
    await until(() => away.got.length > 0 && there.got.length > 0)
    clearInterval(timer)
    away.socket.close()
    await once(away.socket, 'close')
    const before = there.got.length
    for (let index = 0; index < 30; index++) send(`datagram ${index}`)
    await until(() => there.got.filter(octets => octets.toString().startsWith('datagram')).length === 30)
    assert.ok(there.got.length >= before + 30)
    const readings = await statsOf(counting, ({ counters }) => counters['returned/ECONNREFUSED'] === 30)
    const returned = readings.readings.filter(({ name }) => name === 'receiver_returned').map(({ value }) => value)
    assert.deepEqual(returned, [30, 0])
    assert.equal(readings.counters['send-errors/ECONNREFUSED'], undefined)
    const again = await opened(context, host, awayPort)
    await until(() => again.got.some(octets => octets.equals(TEMPLATE)))
    counting.child.kill('SIGTERM')
    await once(counting.child, 'exit')
  })
}
