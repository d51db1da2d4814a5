import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MessageBuffer } from '../../../src/sources/bmp/message-buffer.ts'
import { writeNotification } from '../../../src/wire/bgp/message.ts'
import { BmpDecoder } from '../../../src/wire/bmp/decoder.ts'
import { mandatory, prefix, tlv, u32, update } from '../../support/bgp-writer.ts'
import { random } from '../../support/random.ts'
import { TestHost } from '../../support/test-host.ts'
import { bmp, indexed, peerHeader, peerUp, routeMonitoring, text } from './bmp-writer.ts'

/** Mutated messages; `NETALLY_FUZZ=1000000` for the long run. */
const MESSAGES = Number(process.env.NETALLY_FUZZ ?? 20_000)

const ROUTES = update({ attributes: mandatory(), nlri: [...prefix('10.1.0.0/16'), ...prefix('10.2.3.0/24')] })
const SEEDS: readonly Uint8Array[] = [
  bmp(4, [...text(1, 'a router'), ...text(2, 'r1')]),
  peerUp({ tlvs: text(3, 'red') }),
  routeMonitoring(ROUTES),
  routeMonitoring(ROUTES, { type: 3, flags: 0x80 }),
  bmp(
    0,
    [...peerHeader(), ...indexed(2, 0x8001, [0, 1, 0, 2]), ...indexed(4, 0, ROUTES), ...indexed(5, 0x8001, u32(2))],
    4,
  ),
  bmp(1, [...peerHeader(), ...u32(2), ...tlv(0, u32(5)), ...tlv(9, [0, 1, 1, ...u32(0), ...u32(7)])]),
  bmp(6, [...peerHeader(), ...tlv(1, [0, 0]), ...tlv(0, ROUTES)]),
  bmp(2, [...peerHeader(), 1, ...writeNotification(6, 2)]),
  bmp(5, tlv(1, [0, 1])),
]

test('no octets make the decoder fail, and what follows them is read', () => {
  const next = random(8)
  const host = new TestHost()
  const decoder = new BmpDecoder({ distinguisher: 'rd' }, host)
  const state = decoder.open({ address: '203.0.113.1', port: 1 })
  let records = 0
  const decode = (octets: Uint8Array): number => {
    const view = new DataView(octets.buffer, octets.byteOffset, octets.length)
    let count = 0
    for (const batch of decoder.decode(octets, view, 0, octets.length, state, 1e15)) count += batch.records.length
    return count + (decoder.flush()?.records.length ?? 0)
  }
  for (let index = 0; index < MESSAGES; index++) {
    const octets = Uint8Array.from(SEEDS[next.whole(SEEDS.length)] as Uint8Array)
    for (let changes = next.whole(4); changes >= 0; changes--) {
      // The version and the length are the framing's.
      octets[5 + next.whole(octets.length - 5)] = next.whole(256)
    }
    const cut = next.whole(3) === 0 ? 6 + next.whole(octets.length - 6) : octets.length
    records += decode(octets.subarray(0, cut))
    assert.equal(decode(SEEDS[0] as Uint8Array), 1)
  }
  assert.ok(records > MESSAGES / 2, `${records} records`)
  assert.ok(host.problems.length > MESSAGES / 10, `${host.problems.length} problems`)
})

test('messages are found in a stream however it is cut', () => {
  const next = random(9)
  for (let round = 0; round < 200; round++) {
    const sent = Array.from({ length: 20 }, () => SEEDS[next.whole(SEEDS.length)] as Uint8Array)
    const stream = Buffer.concat(sent)
    const buffer = new MessageBuffer()
    const found: Buffer[] = []
    for (let at = 0; at < stream.length; ) {
      const to = Math.min(stream.length, at + 1 + next.whole(300))
      buffer.push(stream.subarray(at, to))
      while (buffer.next()) found.push(Buffer.from(buffer.octets.slice(buffer.start, buffer.end)))
      at = to
    }
    assert.deepEqual(
      found,
      sent.map(message => Buffer.from(message)),
    )
    assert.equal(buffer.rest, 0)
  }
})

test('a buffer grows to the largest message and no further', () => {
  const large = bmp(4, text(0, 'x'.repeat(65_000)))
  const buffer = new MessageBuffer()
  for (let index = 0; index < 100; index++) {
    buffer.push(large)
    assert.ok(buffer.next())
  }
  assert.ok(buffer.octets.length <= 128 * 1024)
  buffer.push(Uint8Array.from([3, ...u32(2 ** 21), 0]))
  assert.equal(buffer.next(), false)
  assert.equal(buffer.problem?.code, 'bmp/length')
})

test('after lost octets reading goes on at the next message', () => {
  const buffer = new MessageBuffer()
  const [first = new Uint8Array(), second = new Uint8Array()] = [SEEDS[2], SEEDS[5]]
  buffer.push(Buffer.concat([first.subarray(20), second, first]))
  assert.ok(buffer.resynchronize() > 0)
  assert.ok(buffer.next())
  assert.deepEqual(Buffer.from(buffer.octets.slice(buffer.start, buffer.end)), Buffer.from(second))
})
