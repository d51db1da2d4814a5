import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ProblemError } from '../../../src/contract/problem.ts'
import {
  BIG,
  ENDPOINTS,
  ethernet,
  hex,
  join,
  LITTLE,
  packet,
  pcap,
  readCapture,
  simplePcap,
  texts,
} from './captures.ts'

const frame = (text: string) => ethernet('0800', packet(text))

const MAGICS = [
  ['microseconds, little-endian', LITTLE, 0xa1b2c3d4, 123_456, 123_456],
  ['microseconds, big-endian', BIG, 0xa1b2c3d4, 123_456, 123_456],
  ['nanoseconds, little-endian', LITTLE, 0xa1b23c4d, 123_456_789, 123_456],
  ['nanoseconds, big-endian', BIG, 0xa1b23c4d, 123_456_789, 123_456],
] as const

for (const [name, order, magic, fraction, fractionUs] of MAGICS) {
  test(`pcap in ${name}`, () => {
    const capture = pcap(order, magic, 1, [{ seconds: 4_000_000_000, fraction, frame: frame('one') }])
    const { datagrams, end } = readCapture(capture)
    assert.equal(end, undefined)
    assert.deepEqual(datagrams, [
      { text: 'one', timeUs: 4e9 * 1e6 + fractionUs, peer: { address: '192.0.2.1', port: 40_000, family: 4 } },
    ])
  })
}

test('chunks of any size give the same datagrams', () => {
  const names = Array.from({ length: 40 }, (_, index) => `datagram ${index}`)
  const capture = simplePcap(names.map(frame))
  for (const chunkOctets of [1, 2, 15, 16, 17, 61, 1000]) {
    assert.deepEqual(texts(readCapture(capture, chunkOctets)), names, `chunks of ${chunkOctets}`)
  }
})

test('more frames than a block holds', () => {
  const capture = simplePcap(Array.from({ length: 10_000 }, (_, index) => frame(`${index}`)))
  const { datagrams, counts } = readCapture(capture)
  assert.equal(counts['capture/frames'], 10_000)
  assert.deepEqual(
    datagrams.map(({ text }) => Number(text)),
    Array.from({ length: 10_000 }, (_, index) => index),
  )
})

test('only the ports asked for', () => {
  const capture = simplePcap([frame('a'), ethernet('0800', packet('b', { ...ENDPOINTS, destinationPort: 4739 }))])
  const read = readCapture(capture, undefined, [4739, 9995])
  assert.deepEqual(texts(read), ['b'])
  assert.equal(read.counts['capture/other-port'], 1)
})

test('a file cut in a record gives what is before it and one problem', () => {
  const capture = simplePcap([frame('a'), frame('b')])
  const whole = capture.length - 1
  const second = 24 + 16 + frame('a').length
  for (const cutAt of [second + 1, second + 15, second + 16, whole]) {
    const { end, problems, ...read } = readCapture(capture.subarray(0, cutAt))
    assert.deepEqual(texts({ ...read, end, problems }), ['a'])
    assert.deepEqual(problems, [])
    assert.equal(end?.code, 'capture/truncated')
    const needed = cutAt < second + 16 ? 16 : 16 + frame('b').length
    assert.match(end.message, new RegExp(`at octet ${cutAt} .*at least ${second + needed - cutAt} octets are missing`))
  }
  assert.equal(readCapture(capture.subarray(0, second)).end, undefined)
})

test('a file cut in its header', () => {
  assert.match(readCapture(simplePcap([]).subarray(0, 20)).end?.message ?? '', /at octet 20 .*at least 4 octets/)
})

test('an absurd length ends the reading', () => {
  const damaged = join(simplePcap([frame('a')]), LITTLE.u32(1), LITTLE.u32(2), LITTLE.u32(262_145), LITTLE.u32(262_145))
  const read = readCapture(join(damaged, Buffer.alloc(300_000)), 4096)
  assert.deepEqual(texts(read), ['a'])
  assert.equal(read.end?.code, 'capture/corrupt')
  assert.match(read.end.message, /at octet 83 .* 262145 octets/)
})

test('the largest frame that is allowed, in small chunks', () => {
  const large = join(frame('large'), Buffer.alloc(262_144 - frame('large').length))
  assert.deepEqual(texts(readCapture(simplePcap([frame('a'), large, frame('b')]), 1000)), ['a', 'large', 'b'])
})

const REFUSED: readonly [string, Uint8Array, string, RegExp][] = [
  ['modified pcap', hex('34cdb2a1 02000400'), 'capture/unsupported', /modified/],
  ['modified pcap, big-endian', hex('a1b2cd34 00020004'), 'capture/unsupported', /modified/],
  ['a text', Buffer.from('hello'), 'capture/not-a-capture', /starts with 68656c6c/],
  ['JSON', Buffer.from('{"a":1}'), 'capture/not-a-capture', /JSON/],
  ['xz', hex('fd377a585a00'), 'capture/not-a-capture', /xz/],
  ['nothing', new Uint8Array(0), 'capture/not-a-capture', /empty/],
  ['three octets', hex('a1b2c3'), 'capture/not-a-capture', /too short/],
]

for (const [name, octets, code, message] of REFUSED) {
  test(`refused: ${name}`, () => {
    assert.throws(
      () => readCapture(octets),
      (error: unknown) => {
        assert.ok(error instanceof ProblemError)
        assert.equal(error.problem.code, code)
        assert.match(error.problem.message, message)
        assert.ok(error.problem.hint)
        return true
      },
    )
  })
}

test('an old version is refused', () => {
  const capture = simplePcap([frame('a')])
  capture.writeUInt16LE(3, 6)
  const read = readCapture(capture)
  assert.deepEqual(texts(read), [])
  assert.match(read.end?.message ?? '', /version 2\.3/)
})
