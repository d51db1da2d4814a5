// replay of captures with several exporters: their ports, IPv6, pcapng, the pace.
import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { pcapHeader, pcapRecord, udpFrame } from '../../src/wire/capture/write.ts'
import { netally, scratch } from '../support/cli.ts'
import { Exporter } from '../support/flow-exporter.ts'
import { freeUdpPort } from '../support/free-port.ts'
import { statsLines, until } from '../support/stats.ts'

const payload = (port: number): Uint8Array =>
  new Exporter('netflow5').send([{ ip_src: '192.0.2.1', port_src: port, packets: 1 }]).messages[0] as Uint8Array
const TIME_US = 1_700_000_000_000_000

interface Sent {
  readonly source: string
  readonly sourcePort: number
  readonly payload: Uint8Array
  readonly afterUs: number
}

const frameOf = ({ source, sourcePort, payload: octets }: Sent): Uint8Array => {
  const destination = source.includes(':') ? '2001:db8::99' : '192.0.2.99'
  return udpFrame({ source, sourcePort, destination, destinationPort: 2055 }, octets)
}
const pcap = (...sent: readonly Sent[]): Buffer =>
  Buffer.concat([pcapHeader(), ...sent.map(each => pcapRecord(TIME_US + each.afterUs, frameOf(each)))])

function block(type: number, body: Uint8Array): Buffer {
  const padded = Buffer.concat([body, Buffer.alloc(-body.length & 3)])
  const [head, tail] = [Buffer.alloc(8), Buffer.alloc(4)]
  head.writeUInt32LE(type, 0)
  for (const [part, at] of [
    [head, 4],
    [tail, 0],
  ] as const)
    part.writeUInt32LE(padded.length + 12, at)
  return Buffer.concat([head, padded, tail])
}

/** Section, interface (Ethernet), a packet each, in microseconds. */
function pcapng(...sent: readonly Sent[]): Buffer {
  const section = Buffer.from('4d3c2b1a01000000ffffffffffffffff', 'hex')
  const packets = sent.map(each => {
    const frame = frameOf(each)
    const head = Buffer.alloc(20)
    const time = BigInt(TIME_US + each.afterUs)
    head.writeUInt32LE(Number(time >> 32n), 4)
    head.writeUInt32LE(Number(time & 0xffff_ffffn), 8)
    head.writeUInt32LE(frame.length, 12)
    head.writeUInt32LE(frame.length, 16)
    return block(6, Buffer.concat([head, frame]))
  })
  return Buffer.concat([block(0x0a0d0d0a, section), block(1, Buffer.from('0100000000000400', 'hex')), ...packets])
}

async function collector(context: TestContext, type: 'udp4' | 'udp6') {
  const socket = createSocket(type)
  context.after(() => socket.close())
  socket.bind(0, type === 'udp4' ? '127.0.0.1' : '::1')
  await once(socket, 'listening')
  const got: { port: number; address: string; hex: string }[] = []
  socket.on('message', (octets, { address, port }) => got.push({ address, port, hex: octets.toString('hex') }))
  const { port } = socket.address()
  return { got, to: type === 'udp4' ? `127.0.0.1:${port}` : `[::1]:${port}` }
}

async function replayed(context: TestContext, capture: Buffer, name: string, to: string, ...more: string[]) {
  const path = join(scratch(context), name)
  writeFileSync(path, capture)
  const out = await netally(['replay', path, '--to', to, '--stats', ...more])
  assert.equal(out.status, 0, out.stderr)
  return statsLines(out.stderr)[0]
}

const sent = (source: string, sourcePort: number, number: number, afterUs = 0): Sent => ({
  ...{ source, sourcePort, afterUs },
  payload: payload(number),
})
const hexOf = (each: Sent): string => Buffer.from(each.payload).toString('hex')

test('exporters keep their ports; two ports of one exporter are one address', async context => {
  const { got, to } = await collector(context, 'udp4')
  const [one, two] = [await freeUdpPort(), await freeUdpPort()]
  const all = [sent('192.0.2.1', one, 1), sent('192.0.2.2', one, 2), sent('192.0.2.1', two, 3)]
  await replayed(context, pcap(...all), 'three.pcap', to, '--max')
  await until(() => got.length === 3)
  const byPayload = new Map(got.map(({ hex, address, port }) => [hex, `${address} ${port}`]))
  assert.deepEqual(
    all.map(each => byPayload.get(hexOf(each))),
    [`127.0.1.1 ${one}`, `127.0.1.2 ${one}`, `127.0.1.1 ${two}`],
  )
})

test('IPv6, from pcapng; a port that is taken is told', async context => {
  const { got, to } = await collector(context, 'udp6')
  const taken = Number(to.split(':').at(-1))
  const [one, two] = [await freeUdpPort(), await freeUdpPort()]
  const all = [sent('2001:db8::1', one, 1), sent('2001:db8::2', taken, 2), sent('192.0.2.1', two, 3)]
  const stats = await replayed(context, pcapng(...all), 'six.pcapng', to, '--max')
  await until(() => got.length === 3)
  assert.deepEqual(got.map(({ hex }) => hex).sort(), all.map(hexOf).sort())
  assert.ok(got.every(({ address }) => address === '::1'))
  const ports = new Map(got.map(({ hex, port }) => [hex, port]))
  assert.deepEqual([ports.get(hexOf(all[0] as Sent)), ports.get(hexOf(all[2] as Sent))], [one, two])
  assert.equal(stats?.counters['exporters-other-port'], 1)
})

test('the pace of the capture, and a scaled one: never faster', async context => {
  const { got, to } = await collector(context, 'udp4')
  const own = await freeUdpPort()
  const all = [0, 1, 2].map(number => sent('192.0.2.1', own, number, number * 400_000))
  for (const [index, [flags, leastMs]] of (
    [
      [[], 800],
      [['--speed', '0.5'], 1600],
    ] as const
  ).entries()) {
    const startedMs = performance.now()
    await replayed(context, pcap(...all), 'paced.pcap', to, ...flags)
    assert.ok(performance.now() - startedMs >= leastMs)
    await until(() => got.length === 3 * (index + 1))
  }
  assert.deepEqual(
    got.map(({ hex }) => hex),
    [...all, ...all].map(hexOf),
  )
})

test('only datagrams of flows, or those of the ports that are named', async context => {
  const { got, to } = await collector(context, 'udp4')
  const other: Sent = { source: '192.0.2.9', sourcePort: 53, afterUs: 0, payload: Buffer.from('no flows') }
  const all = [sent('192.0.2.1', await freeUdpPort(), 1), other]
  const stats = await replayed(context, pcap(...all), 'mixed.pcap', to, '--max')
  await until(() => got.length === 1)
  assert.equal(stats?.counters['capture/not-flow'], 1)
  await replayed(context, pcap(...all), 'mixed.pcap', to, '--max', '--udp-port', '2055')
  await until(() => got.length === 3)
})
