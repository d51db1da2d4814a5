import assert from 'node:assert/strict'
import { test } from 'node:test'
import { makeRing, RING_OCTETS, RingReader, RingWriter } from '../../src/sources/datagram-ring.ts'
import { random } from '../support/random.ts'

const PEER = { address: '192.0.2.1', port: 2055, family: 4 as const }

function ring() {
  const shared = makeRing()
  const [writer, reader] = [new RingWriter(shared), new RingReader(shared)]
  writer.addPeer(0, PEER)
  return { writer, reader }
}

const text = ({ octets, start, end }: RingReader): string => Buffer.from(octets.slice(start, end)).toString()

test('what goes in comes out, in order, with its sender and time', () => {
  const { writer, reader } = ring()
  writer.addPeer(1, { address: '2001:db8::1', port: 1, family: 6 })
  writer.add(Buffer.from('one'), 0, 1.5)
  writer.add(Buffer.alloc(0), 1, 2)
  writer.add(Buffer.from('three, longer'), 1, 1_700_000_000_123_456)
  const found: unknown[] = []
  while (reader.next()) found.push([text(reader), reader.peer, reader.timeUs])
  const six = { address: '2001:db8::1', port: 1, family: 6 }
  assert.deepEqual(found, [
    ['one', PEER, 1.5],
    ['', six, 2],
    ['three, longer', six, 1_700_000_000_123_456],
  ])
  assert.equal(reader.next(), false)
})

test('a full ring takes no more until the reader gives room back', () => {
  const { writer, reader } = ring()
  const datagram = new Uint8Array(65_000)
  let count = 0
  while (writer.add(datagram, 0, count)) count++
  assert.equal(count, Math.floor((RING_OCTETS - 40) / (65_000 + 24)))
  assert.equal(writer.add(new Uint8Array(65_000), 0, 0), false)
  assert.ok(reader.next())
  assert.equal(writer.add(datagram, 0, 0), false)
  reader.release()
  assert.ok(writer.add(datagram, 0, count))
  for (let index = 1; index <= count; index++) {
    assert.ok(reader.next())
    assert.equal(reader.timeUs, index)
  }
  assert.equal(reader.next(), false)
})

test('an empty ring goes back to its start when the reader sleeps', () => {
  const { writer, reader } = ring()
  for (let turn = 0; turn < 100; turn++) {
    assert.equal(reader.next(), false)
    assert.ok(reader.sleep())
    assert.ok(reader.sleep(), 'once more changes nothing')
    writer.begin()
    writer.add(new Uint8Array(100), 0, turn)
    assert.equal(reader.next(), false, 'it sleeps until it is woken')
    assert.equal(writer.end(), true)
    assert.equal(writer.end(), false, 'one message is enough')
    reader.wake()
    assert.ok(reader.next())
    assert.deepEqual([reader.start, reader.timeUs, reader.peer], [24, turn, PEER])
  }
})

test('who wants to sleep is told when there is something', () => {
  const { writer, reader } = ring()
  assert.equal(reader.next(), false)
  writer.begin()
  writer.add(Buffer.from('late'), 0, 1)
  assert.equal(reader.sleep(), false)
  reader.wake()
  assert.ok(reader.next())
  assert.equal(text(reader), 'late')
  assert.equal(writer.end(), false)
})

test('any order of writing, reading and sleeping keeps every datagram that was taken', () => {
  const chance = random(7)
  const { writer, reader } = ring()
  let [taken, found, asleep] = [0, 0, false]
  const payload = new Uint8Array(65_507)
  const drain = (most: number) => {
    for (let count = 0; count < most && reader.next(); count++) {
      assert.equal(reader.timeUs, found)
      assert.equal(reader.end - reader.start, (found * 7919) % 65_507)
      assert.equal(
        reader.octets[reader.start] ?? 0,
        reader.end > reader.start ? found & 0xff : reader.octets[reader.start],
      )
      found++
    }
  }
  for (let step = 0; step < 4000; step++) {
    writer.begin()
    for (let count = chance.whole(20); count > 0; count--) {
      payload[0] = taken & 0xff
      if (writer.add(payload.subarray(0, (taken * 7919) % 65_507), 0, taken)) taken++
    }
    if (writer.end()) {
      assert.ok(asleep)
      reader.wake()
      asleep = false
    }
    drain(chance.whole(30))
    if (chance.whole(4) === 0) {
      drain(Number.POSITIVE_INFINITY)
      asleep = reader.sleep()
      if (!asleep) reader.wake()
    } else reader.release()
  }
  reader.wake()
  drain(Number.POSITIVE_INFINITY)
  assert.ok(taken > 20_000)
  assert.equal(found, taken)
})
