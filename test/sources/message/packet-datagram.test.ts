// Datagrams with IP and UDP headers before them, as pmacct's tee writes them into Kafka.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { packetDatagram, packetOf } from '../../../src/sources/message/packet-datagram.ts'
import { random } from '../../support/random.ts'

const PAYLOAD = Buffer.from('0009000100000000000000000000000500000007', 'hex')
const EXPORTERS = [
  { address: '192.0.2.1', port: 2055, family: 4 },
  { address: '2001:db8::1', port: 65_535, family: 6 },
] as const

test('there and back, also with options and with more octets after it', () => {
  for (const exporter of EXPORTERS) {
    const packet = packetOf(PAYLOAD, exporter)
    assert.ok(packet)
    const found = packetDatagram(Buffer.concat([packet, Buffer.from('padding')]))
    assert.deepEqual(found?.exporter, exporter)
    assert.deepEqual(Buffer.from(packet).subarray(found?.start, found?.end), PAYLOAD)
  }
  const plain = packetOf(PAYLOAD, EXPORTERS[0]) as Uint8Array
  const withOptions = Buffer.concat([plain.subarray(0, 20), Buffer.alloc(4, 1), plain.subarray(20)])
  withOptions[0] = 0x46
  const found = packetDatagram(withOptions)
  assert.deepEqual(withOptions.subarray(found?.start, found?.end), PAYLOAD)
})

test('flow exports, other protocols and what is cut off are no packets; too long ones are not made', () => {
  const [v4, v6] = EXPORTERS.map(exporter => Buffer.from(packetOf(PAYLOAD, exporter) as Uint8Array)) as [Buffer, Buffer]
  const tcp = Buffer.from(v4)
  tcp[9] = 6
  for (const octets of [PAYLOAD, Buffer.alloc(0), tcp, v4.subarray(0, 27), v4.subarray(0, 40), v6.subarray(0, 47)])
    assert.equal(packetDatagram(octets), undefined)
  assert.equal(packetOf(new Uint8Array(65_600), EXPORTERS[0]), undefined)
})

test('any octets: a payload is never outside of them', () => {
  const from = random(5)
  let found = 0
  for (let run = 0; run < 20_000; run++) {
    const octets = Buffer.from(packetOf(PAYLOAD, from.pick(EXPORTERS)) as Uint8Array)
    for (let times = from.whole(4); times > 0; times--) octets[from.whole(octets.length)] = from.whole(256)
    const cut = octets.subarray(0, from.chance(0.3) ? from.whole(octets.length) : octets.length)
    const packet = packetDatagram(cut)
    if (!packet) continue
    found++
    assert.ok(packet.start <= packet.end && packet.end <= cut.length)
  }
  assert.ok(found > 1000)
})
