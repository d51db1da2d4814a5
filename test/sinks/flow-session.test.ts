// IPFIX sessions that break, and collectors that are not there.
import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net'
import { type TestContext, test } from 'node:test'
import { type Batch, type NetRecord, recordBatch } from '../../src/contract/record.ts'
import type { TransportOptions } from '../../src/sinks/flow-export/transport.ts'
import { flowExport } from '../../src/sinks/flow-export.ts'
import { EXPORT_DEFAULTS } from '../../src/wire/flow/export/options.ts'
import { NOW_MS } from '../support/flow-exporter.ts'
import { freeUdpPort } from '../support/free-port.ts'
import { until } from '../support/stats.ts'
import { TestHost } from '../support/test-host.ts'
import { Collector } from '../wire/flow/collector.ts'

const FOREVER = { firstMs: 20, mostMs: 50, giveUpMs: Number.POSITIVE_INFINITY }

function options(transport: 'udp' | 'tcp', port: number, retry = FOREVER) {
  const where: TransportOptions = {
    ...{ transport, host: '127.0.0.1', port, rate: 0, sourceAddress: undefined, tls: {}, retry, capture: undefined },
  }
  const never = { refreshMs: Number.POSITIVE_INFINITY, refreshMessages: Number.POSITIVE_INFINITY }
  return { version: 'ipfix' as const, messages: { ...EXPORT_DEFAULTS, ...never }, transport: where }
}

/** What came by each session. */
class Sessions {
  readonly all: Buffer[] = []
  readonly sockets: Socket[] = []
  server: Server
  port = 0
  readonly #context: TestContext

  constructor(context: TestContext) {
    this.#context = context
    this.server = this.#make()
  }

  #make(): Server {
    const server = createServer(socket => {
      const index = this.all.push(Buffer.alloc(0)) - 1
      this.sockets.push(socket)
      socket.on('error', () => {})
      socket.on('data', octets => {
        this.all[index] = Buffer.concat([this.all[index] as Buffer, octets])
      })
    })
    this.#context.after(() => {
      server.close()
      for (const socket of this.sockets) socket.destroy()
    })
    return server
  }

  async listen(): Promise<void> {
    this.server.listen(this.port, '127.0.0.1')
    await once(this.server, 'listening')
    this.port = (this.server.address() as AddressInfo).port
  }

  /** As a collector that is killed: no socket is left. */
  async kill(): Promise<void> {
    const closed = once(this.server, 'close')
    this.server.close()
    for (const socket of this.sockets) socket.resetAndDestroy()
    await closed
    this.server = this.#make()
  }

  /** What a collector that has only seen this session reads. */
  read(index: number): { records: NetRecord[]; sequences: number[]; codes: string[] } {
    const octets = this.all[index] as Buffer
    const collector = new Collector()
    const [records, sequences]: [NetRecord[], number[]] = [[], []]
    for (let at = 0; at + 16 <= octets.length; ) {
      const length = octets.readUInt16BE(at + 2)
      if (at + length > octets.length) break
      sequences.push(octets.readUInt32BE(at + 8))
      records.push(...collector.read(octets.subarray(at, at + length)))
      at += length
    }
    return { records, sequences, codes: collector.codes() }
  }
}

const rows = (from: number, count: number): NetRecord[] =>
  Array.from({ length: count }, (_, index) => ({
    ...{ ip_src: '192.0.2.1', port_src: from + index, packets: 1, iface_in: 1, iface_name_in: 'Gi0/0/0' },
  }))

/** Batches one by one, as they are pushed. */
class Pushed {
  readonly #waiting: (() => void)[] = []
  readonly #batches: (Batch | undefined)[] = []

  push(batch: Batch | undefined): void {
    this.#batches.push(batch)
    this.#waiting.shift()?.()
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Batch> {
    for (;;) {
      while (this.#batches.length === 0) await new Promise<void>(resolve => this.#waiting.push(resolve))
      const batch = this.#batches.shift()
      if (!batch) return
      yield batch
    }
  }
}

test('a collector that is killed and comes again has templates, names and a sequence of its own', async context => {
  const [sessions, host, input] = [new Sessions(context), new TestHost(), new Pushed()]
  await sessions.listen()
  const done = flowExport.drain(input, options('tcp', sessions.port), host)
  input.push(recordBatch(rows(0, 100), NOW_MS))
  await until(() => sessions.all.length === 1 && sessions.read(0).records.length === 100)
  await sessions.kill()
  // What is written before the end is seen is lost, and counted in doubt.
  await until(() => host.codes.includes('sink-flow/session'))
  input.push(recordBatch(rows(100, 100), NOW_MS))
  await until(() => (host.counters['connects-failed'] ?? 0) > 0)
  await sessions.listen()
  await until(() => sessions.all.length === 2 && sessions.read(1).records.length === 100)
  input.push(recordBatch(rows(200, 50), NOW_MS))
  input.push(undefined)
  await until(() => sessions.read(1).records.length === 150)
  sessions.sockets[1]?.end()
  await done
  const { records, sequences, codes } = sessions.read(1)
  assert.deepEqual(codes, [])
  assert.deepEqual(
    records.map(({ port_src }) => port_src),
    Array.from({ length: 150 }, (_, index) => 100 + index),
  )
  assert.ok(records.every(({ iface_name_in }) => iface_name_in === 'Gi0/0/0'))
  // The first message has templates and the record of options.
  assert.deepEqual(sequences.slice(0, 2), [0, 1])
  assert.equal(host.counters['sessions-again'], 1)
  assert.equal(host.counters.out, 250)
  // What was under way when it broke is told, and only that can be missing.
  assert.ok((host.counters['in-doubt'] ?? 0) <= 100)
})

test('without a collector it is given up after a time, and what was not sent is counted', async context => {
  const sessions = new Sessions(context)
  await sessions.listen()
  const host = new TestHost()
  const input = new Pushed()
  const done = flowExport.drain(input, options('tcp', sessions.port, { ...FOREVER, giveUpMs: 200 }), host)
  await until(() => sessions.sockets.length === 1)
  await sessions.kill()
  // The socket's end may be seen after a batch more.
  await until(() => host.codes.includes('sink-flow/session'))
  input.push(recordBatch(rows(0, 100), NOW_MS))
  await assert.rejects(done, /ECONNREFUSED/)
  assert.equal(host.counters['dropped/not-sent'], 100)
  assert.equal(host.counters.out, undefined)
})

test('a signal ends the wait for a collector', async context => {
  const sessions = new Sessions(context)
  await sessions.listen()
  const [host, input] = [new TestHost(), new Pushed()]
  const done = flowExport.drain(input, options('tcp', sessions.port), host)
  await until(() => sessions.sockets.length === 1)
  await sessions.kill()
  await until(() => host.codes.includes('sink-flow/session'))
  input.push(recordBatch(rows(0, 7), NOW_MS))
  await until(() => (host.counters['connects-failed'] ?? 0) > 0)
  host.stop.abort()
  input.push(undefined)
  await assert.rejects(done, /7 records were not sent/)
  assert.equal(host.counters['dropped/not-sent'], 7)
})

test('--rate: never more messages in a time', async context => {
  const socket = createSocket('udp4')
  context.after(() => socket.close())
  let received = 0
  socket.on('message', () => received++)
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const { transport, ...rest } = options('udp', socket.address().port)
  const [host, input] = [new TestHost(), new Pushed()]
  const startedMs = performance.now()
  const messages = { ...rest.messages, messageOctets: 512 }
  const done = flowExport.drain(input, { ...rest, messages, transport: { ...transport, rate: 50 } }, host)
  input.push(recordBatch(rows(0, 400), NOW_MS))
  input.push(undefined)
  await done
  const sent = host.counters.messages ?? 0
  await until(() => received === sent)
  assert.ok(sent >= 10)
  // The first goes at once, and the last has waited for all before it.
  assert.ok(performance.now() - startedMs >= ((sent - 2) * 1000) / 50)
})

test('UDP to a port where nobody listens is told, and goes on', async context => {
  const [host, input] = [new TestHost(), new Pushed()]
  const port = await freeUdpPort()
  const done = flowExport.drain(input, options('udp', port), host)
  let sent = 0
  const push = () => input.push(recordBatch(rows(10 * sent++, 10), NOW_MS))
  const timer = setInterval(push, 20)
  context.after(() => clearInterval(timer))
  await until(() => (host.counters['messages-refused'] ?? 0) > 0)
  clearInterval(timer)
  const again = createSocket('udp4')
  context.after(() => again.close())
  let received = 0
  again.on('message', () => received++)
  again.bind(port, '127.0.0.1')
  await once(again, 'listening')
  push()
  await until(() => received > 0)
  input.push(undefined)
  await done
  assert.equal(host.counters.out, 10 * sent)
  assert.ok(host.codes.includes('sink-flow/lost'))
})
