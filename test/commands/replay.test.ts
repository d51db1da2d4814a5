// replay to a socket of the test: every datagram of the demo's exporters, in order, each exporter from one address.
import assert from 'node:assert/strict'
import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { payloadsOf } from '../services/programs.ts'
import { netally, REPOSITORY } from '../support/cli.ts'
import { statsLines, until } from '../support/stats.ts'

const DEMO = join(REPOSITORY, 'examples', 'demo', 'exporters.pcap')

async function collector(context: TestContext) {
  const socket = createSocket('udp4')
  context.after(() => socket.close())
  socket.bind(0, '127.0.0.1')
  await once(socket, 'listening')
  const got: { octets: Buffer; address: string }[] = []
  socket.on('message', (octets, { address }) => got.push({ octets, address }))
  return { got, to: `127.0.0.1:${socket.address().port}` }
}

test('each exporter in its order, from an address of its own', async context => {
  const { got, to } = await collector(context)
  const { status, stderr } = await netally(['replay', DEMO, '--to', to, '--rate', '500', '--loop', '2', '--stats'])
  assert.equal(status, 0, stderr)
  const sent = payloadsOf(DEMO)
  await until(() => got.length === 2 * sent.length)
  const exporters = [...new Set(sent.map(({ exporter }) => exporter))]
  for (const [index, exporter] of exporters.entries()) {
    const own = sent.filter(payload => payload.exporter === exporter).map(({ octets }) => octets.toString('hex'))
    const mine = got
      .filter(({ address }) => address === `127.0.1.${1 + index}`)
      .map(({ octets }) => octets.toString('hex'))
    assert.deepEqual(mine, [...own, ...own])
  }
  assert.equal(statsLines(stderr)[0]?.counters.datagrams, 2 * sent.length)
})

test('other machines only when told so; wrong words', async () => {
  for (const [words, said] of [
    [['replay', DEMO, '--to', '192.0.2.1:2055'], /192\.0\.2\.1:2055 is another machine/],
    [['replay', DEMO, '--speed', '0'], /is no factor/],
    [['replay'], /no capture to replay/],
    [['replay', DEMO, '--to', '127.0.0.1'], /is not HOST:PORT/],
  ] as const) {
    const { status, stderr } = await netally(words)
    assert.equal(status, 2)
    assert.match(stderr, said)
  }
})
