import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { makeRing, RingReader } from '../../src/sources/datagram-ring.ts'
import { Steering } from '../../src/sources/steering.ts'

const SECOND_US = 1_000_000

function steering(count: number, known?: Map<string, number>) {
  const rings = Array.from({ length: count }, () => makeRing())
  const woken: number[] = []
  const readers = rings.map(ring => new RingReader(ring))
  for (const reader of readers) reader.sleep()
  const made = new Steering(rings, known)
  const end = () => made.end(ring => woken.push(ring))
  /** All entries: `address:port text number`, or the time of a mark. */
  const read = (ring: number): (string | number)[] => {
    const reader = readers[ring] as RingReader
    reader.wake()
    const found: (string | number)[] = []
    while (reader.next()) {
      const { isMark, octets, start, end: to, peer, number, timeUs } = reader
      const text = Buffer.from(octets.slice(start, to)).toString()
      found.push(isMark ? timeUs / SECOND_US : `${peer.address}:${peer.port} ${text} ${number}`)
    }
    reader.release()
    return found
  }
  const add = (text: string, address: string, port: number, second: number) =>
    made.add(Buffer.from(text), address, port, second * SECOND_US)
  return { steering: made, add, end, read, woken }
}

describe('steering', () => {
  it('an address is one exporter, whatever its port and however it is written', () => {
    const { add, end, read, woken } = steering(2)
    add('template', '10.0.0.1', 1, 7.5)
    add('other', '10.0.0.2', 1, 7.6)
    add('data', '::ffff:10.0.0.1', 2, 7.7)
    end()
    assert.deepEqual(woken.sort(), [0, 1])
    assert.deepEqual(read(0), [7, '10.0.0.1:1 template 1', '10.0.0.1:2 data 3'])
    assert.deepEqual(read(1), [7, '10.0.0.2:1 other 2'])
  })

  it('new exporters go where the least came so far, and stay there', () => {
    const { add, read } = steering(2)
    for (let index = 0; index < 100; index++) add('x', '10.0.0.1', 1, 1)
    for (const last of [2, 3, 4]) add('y', `10.0.0.${last}`, 1, 1)
    add('z', '10.0.0.1', 9, 1)
    assert.equal(read(0).length, 1 + 101)
    assert.equal(read(1).length, 1 + 3)
  })

  it('who has a worker already keeps it', () => {
    const { add, read } = steering(3, new Map([['10.0.0.1', 2]]))
    add('x', '10.0.0.1', 1, 1)
    assert.deepEqual(
      [0, 1, 2].map(ring => read(ring).length),
      [1, 1, 2],
    )
  })

  it('each second is marked once in every ring, before what comes in it; a clock that goes back marks nothing', () => {
    const { steering: made, add, read } = steering(2)
    add('a', '10.0.0.1', 1, 3.1)
    add('b', '10.0.0.1', 1, 2.5)
    add('c', '10.0.0.1', 1, 3.9)
    made.mark(5.5 * SECOND_US)
    made.mark(5.6 * SECOND_US)
    add('d', '10.0.0.2', 1, 5.7)
    assert.deepEqual(read(0), [3, '10.0.0.1:1 a 1', '10.0.0.1:1 b 2', '10.0.0.1:1 c 3', 5])
    assert.deepEqual(read(1), [3, 5, '10.0.0.2:1 d 4'])
  })

  it('a mark that does not fit comes before the next datagram that does', () => {
    const { steering: made, add, read } = steering(2)
    const large = 'x'.repeat(60_000)
    let sent = 0
    while (add(large, '10.0.0.1', 1, 1)) sent++
    while (add('', '10.0.0.1', 1, 1)) sent++
    made.mark(2 * SECOND_US)
    made.mark(3 * SECOND_US)
    assert.equal(add('', '10.0.0.1', 1, 3), false)
    assert.equal(read(0).length, 1 + sent)
    assert.ok(add('after', '10.0.0.1', 1, 3.5))
    const [mark, datagram, ...others] = read(0)
    assert.equal(mark, 3)
    assert.match(String(datagram), / after /)
    assert.deepEqual(others, [])
    assert.deepEqual(read(1), [1, 2, 3])
  })

  it('one ring has no marks', () => {
    const { add, read } = steering(1)
    add('a', '10.0.0.1', 1, 3)
    add('b', '10.0.0.1', 1, 9)
    assert.deepEqual(read(0), ['10.0.0.1:1 a 1', '10.0.0.1:1 b 2'])
  })
})
