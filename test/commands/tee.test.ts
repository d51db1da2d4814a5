// tee between sockets of the test: what each receiver gets, and from whom.
import assert from 'node:assert/strict'
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { scratch } from '../support/cli.ts'
import { freeUdpPort } from '../support/free-port.ts'
import { startCounting, statsLines, until } from '../support/stats.ts'

interface Got {
  readonly octets: Buffer
  readonly from: RemoteInfo
}

class Collector {
  readonly got: Got[] = []
  readonly port: number

  static async open(context: TestContext, address = '127.0.0.1'): Promise<Collector> {
    return new Collector(await bound(context, address))
  }

  private constructor(socket: Socket) {
    this.port = socket.address().port
    socket.on('message', (octets, from) => this.got.push({ octets, from }))
  }

  has(count: number): Promise<unknown> {
    return until(() => this.got.length >= count)
  }

  get texts(): string[] {
    return this.got.map(({ octets }) => octets.toString())
  }
}

async function bound(context: TestContext, address: string): Promise<Socket> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4')
  context.after(() => socket.close())
  socket.bind(0, address)
  await once(socket, 'listening')
  return socket
}

async function startTee(context: TestContext, port: number, ...words: string[]) {
  const { child, said } = await startCounting(context, ['tee', '--listen', `127.0.0.1:${port}`, '--stats', ...words])
  context.after(() => child.kill('SIGKILL'))
  const end = async () => {
    child.kill('SIGTERM')
    await once(child, 'exit')
    const [stats] = statsLines(said())
    assert.ok(stats, said())
    return stats
  }
  return { child, said, end }
}

/** Sends until the collector has got something: then tee listens. */
async function warm(socket: Socket, port: number, collector: Collector): Promise<void> {
  const timer = setInterval(() => socket.send('warm', port, '127.0.0.1'), 50)
  await collector.has(1).finally(() => clearInterval(timer))
}

const without = (texts: readonly string[]) => texts.filter(text => text !== 'warm')

for (const oneByOne of [false, true]) {
  test(`every pool gets each datagram as it came${oneByOne ? ', one by one' : ''}`, async context => {
    const [one, two] = [await Collector.open(context), await Collector.open(context, '::1')]
    const exporter = await bound(context, '127.0.0.12')
    const port = await freeUdpPort()
    const to = ['--to', `127.0.0.1:${one.port}`, '--to', `[::1]:${two.port}`]
    const tee = await startTee(context, port, ...to, ...(oneByOne ? ['--one-by-one'] : []))
    await warm(exporter, port, one)
    // Fewer than the receive buffer of a test's socket holds.
    const sent = Array.from({ length: 60 }, (_, index) => `datagram ${index}`.padEnd(20 + 20 * index, '.'))
    for (const text of sent) exporter.send(text, port, '127.0.0.1')
    await until(() => [one, two].every(({ texts }) => without(texts).length === sent.length))
    for (const { texts } of [one, two]) assert.deepEqual(without(texts), sent)
    const { readings } = await tee.end()
    const datagrams = readings.filter(({ name }) => name === 'receiver_datagrams').map(({ value }) => value)
    assert.deepEqual(datagrams, [one.got.length, two.got.length])
  })
}

test('receivers of a file: tags by exporter; a changed file, and a new receiver gets the templates', async context => {
  const [one, two] = [await Collector.open(context), await Collector.open(context)]
  const [core, edge] = [await bound(context, '127.0.0.12'), await bound(context, '127.0.0.13')]
  const [port, folder] = [await freeUdpPort(), scratch(context)]
  const [list, map] = [join(folder, 'tee.lst'), join(folder, 'tags.map')]
  writeFileSync(map, 'set_tag=1 ip=127.0.0.12\nset_tag=2 ip=127.0.0.13\n')
  writeFileSync(list, `id=1 ip=127.0.0.1:${one.port} tag=1\n`)
  const tee = await startTee(context, port, '--receivers', list, '--pre-tag-map', map)
  await warm(core, port, one)
  edge.send('edge', port, '127.0.0.1')
  // NetFlow v9: source id 7, template 256 of two fields.
  const header = '0009 0001 00000000 00000000 00000005 00000007'
  const template = Buffer.from(`${header} 0000 0010 0100 0002 0008 0004 000c 0004`.replace(/ /g, ''), 'hex')
  core.send(template, port, '127.0.0.1')
  await until(() => one.got.some(({ octets }) => octets.equals(template)))
  writeFileSync(`${list}.new`, `id=1 ip=127.0.0.1:${one.port} tag=1\nid=2 ip=127.0.0.1:${two.port}\n`)
  renameSync(`${list}.new`, list)
  await two.has(1)
  assert.deepEqual(two.got[0]?.octets, template)
  edge.send('edge again', port, '127.0.0.1')
  await until(() => two.texts.includes('edge again'))
  assert.ok(!one.texts.some(text => text.startsWith('edge')))
  const { counters, dropped } = await tee.end()
  assert.equal(counters['templates-replayed'], 1)
  assert.equal(dropped['no-receiver'], 1)
})

test('by the exporter: each exporter meets one receiver', async context => {
  const collectors = await Promise.all([1, 2, 3].map(() => Collector.open(context)))
  const exporters = await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map(octet => bound(context, `127.0.0.${20 + octet}`)))
  const port = await freeUdpPort()
  const to = collectors.map(collector => `127.0.0.1:${collector.port}`).join(',')
  const tee = await startTee(context, port, '--to', to, '--balance', 'hash-agent')
  const all = () => collectors.flatMap(({ got }) => got)
  const timer = setInterval(() => exporters[0]?.send('warm', port, '127.0.0.1'), 50)
  await until(() => all().length > 0)
  clearInterval(timer)
  for (const exporter of exporters)
    for (let n = 0; n < 5; n++) exporter.send(exporter.address().address, port, '127.0.0.1')
  await until(() => without(collectors.flatMap(({ texts }) => texts)).length === 40)
  for (const exporter of exporters) {
    const { address } = exporter.address()
    assert.equal(collectors.filter(({ texts }) => texts.includes(address)).length, 1)
  }
  await tee.end()
})

test('no circles: a receiver that is the tee itself, and what it sent itself', async context => {
  const one = await Collector.open(context)
  const [port, sourcePort] = [await freeUdpPort(), await freeUdpPort()]
  const exporter = await bound(context, '127.0.0.12')
  const to = ['--to', `127.0.0.1:${port}`, '--to', `127.0.0.1:${one.port}`]
  const tee = await startTee(context, port, ...to, '--source-address', '127.0.0.1', '--source-port', String(sourcePort))
  await warm(exporter, port, one)
  assert.equal(one.got[0]?.from.port, sourcePort)
  assert.match(tee.said(), /is a socket of this tee/)
  const { counters, readings } = await tee.end()
  assert.equal(counters['loops/receiver'], 1)
  assert.equal(readings.find(({ name }) => name === 'receiver_datagrams')?.value, 0)
})

const notRoot = process.getuid?.() !== 0 && 'raw sockets need root'
test("transparent: the exporter's address and port stay", { skip: notRoot }, async context => {
  const one = await Collector.open(context)
  const exporter = await bound(context, '127.0.0.12')
  const port = await freeUdpPort()
  const tee = await startTee(context, port, '--to', `127.0.0.1:${one.port}`, '--transparent')
  await warm(exporter, port, one)
  for (const octets of [1, 100, 1401]) exporter.send('x'.repeat(octets), port, '127.0.0.1')
  await until(() => without(one.texts).length === 3)
  for (const { from } of one.got) assert.deepEqual([from.address, from.port], ['127.0.0.12', exporter.address().port])
  assert.deepEqual(
    without(one.texts).map(({ length }) => length),
    [1, 100, 1401],
  )
  await tee.end()
})
