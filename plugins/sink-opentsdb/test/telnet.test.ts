import assert from 'node:assert/strict'
import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { it, type TestContext } from 'node:test'
import type { DataPoint } from '../src/data-point.ts'
import { opentsdbOptions } from '../src/options.ts'
import { TelnetPut } from '../src/telnet.ts'

/** Answers as OpenTSDB does, and VictoriaMetrics, which says nothing. */
async function telnetServer(context: TestContext, speaks: boolean) {
  const lines: string[] = []
  let connections = 0
  const server = createServer({ allowHalfOpen: true }, socket => {
    connections++
    let rest = ''
    socket.on('error', () => {})
    socket.on('data', chunk => {
      const parts = (rest + chunk).split('\n')
      rest = parts.pop() ?? ''
      lines.push(...parts)
      for (const line of speaks ? parts : []) {
        if (line === 'version') socket.write('net.opentsdb built at revision 1 (MINT)\nBuilt on 2026/11/25 by x\n')
        else if (line.includes('bad')) socket.write('put: illegal argument: bad\n')
      }
    })
    socket.on('end', () => socket.end())
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  context.after(() => void server.close())
  return { port: (server.address() as AddressInfo).port, lines, connections: () => connections }
}

const client = (port: number, barrier: string) =>
  new TelnetPut(
    opentsdbOptions({
      server: `telnet://127.0.0.1:${port}`,
      barrier,
      metric: '{value}',
      precision: 's',
      'max-tags': 8,
    }),
  )

const dataPoint = (metric: string): DataPoint => ({
  ...{ metric, time: '60', value: '1', tags: ' a=b' },
  point: { tags: ' a=b', timeUs: 60e6, occurrence: 0, values: [1], records: [0] },
})

/** As the runtime does: the signal is aborted when the call is over. */
async function within<Result>(work: (signal: AbortSignal) => Promise<Result>): Promise<Result> {
  const controller = new AbortController()
  const result = await work(controller.signal)
  controller.abort()
  return result
}

for (const [barrier, speaks, connections] of [
  ['version', true, 1],
  ['close', false, 3],
] as const) {
  it(`--barrier ${barrier}: everything is read when put() resolves`, async context => {
    const server = await telnetServer(context, speaks)
    const telnet = client(server.port, barrier)
    await within(signal => telnet.check(signal))
    for (const metric of ['good', 'bad']) {
      const errors = await within(signal => telnet.put([dataPoint(metric)], signal))
      assert.equal(errors.length, speaks && metric === 'bad' ? 1 : 0)
      assert.ok(server.lines.includes(`put ${metric} 60 1 a=b`))
    }
    assert.equal(server.connections(), connections)
    telnet.close()
  })
}

it('a server that does not answer: the signal ends it', async context => {
  const server = await telnetServer(context, false)
  const telnet = client(server.port, 'version')
  await assert.rejects(telnet.put([dataPoint('good')], AbortSignal.timeout(200)))
  telnet.close()
})
