import assert from 'node:assert/strict'
import { test } from 'node:test'
import { SampleParts } from '../../../src/wire/sflow/sample-parts.ts'

const words = (...values: number[]): Buffer => {
  const octets = Buffer.alloc(4 * values.length)
  for (const [index, value] of values.entries()) octets.writeUInt32BE(value, 4 * index)
  return octets
}
/** A sample of a format, its sequence number and source, and one word more. */
const sample = (format: number, sequence: number, source: number): Buffer => words(format, 12, sequence, source, 99)
const datagram = (sequence: number, ...samples: Buffer[]): Buffer =>
  Buffer.concat([words(5, 1, 0xc000_0201, 0, sequence, 1000, samples.length), ...samples])

function rebuilt(
  parts: SampleParts,
  octets: Buffer,
  keeps: (index: number) => boolean,
  sequence: number,
  removed: Map<string, number>,
) {
  assert.ok(parts.read(octets, new DataView(octets.buffer, octets.byteOffset, octets.length), 0, octets.length))
  const made = parts.rebuild(keeps, sequence, removed)
  return made && Buffer.from(made).toString('hex')
}

test('flow samples are left out, counters stay; sequences of each source have no gap by that', () => {
  const [parts, removed] = [new SampleParts(), new Map<string, number>()]
  const first = datagram(7, sample(1, 40, 3), sample(2, 5, 3), sample(1, 41, 3), sample(1, 90, 4))
  assert.equal(
    rebuilt(parts, first, index => index > 0, 7, removed),
    datagram(7, sample(2, 5, 3), sample(1, 40, 3), sample(1, 90, 4)).toString('hex'),
  )
  assert.equal(parts.records, 3)
  const second = datagram(8, sample(1, 42, 3), sample(1, 91, 4))
  assert.equal(
    rebuilt(parts, second, () => true, 6, removed),
    datagram(6, sample(1, 41, 3), sample(1, 91, 4)).toString('hex'),
  )
})

test('nothing is left: no datagram; damaged ones are not read', () => {
  const [parts, removed] = [new SampleParts(), new Map<string, number>()]
  assert.equal(
    rebuilt(parts, datagram(1, sample(1, 1, 1)), () => false, 1, removed),
    undefined,
  )
  for (const octets of [datagram(1, sample(1, 1, 1)).subarray(0, 40), words(5, 1, 2), datagram(1, words(1, 4, 1))]) {
    const copy = Buffer.from(octets)
    assert.equal(parts.read(copy, new DataView(copy.buffer, copy.byteOffset, copy.length), 0, copy.length), false)
  }
})
