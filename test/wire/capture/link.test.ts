import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ethernet, hex, join, readCapture, simplePcap, texts } from './captures.ts'
import { FRAMES, IPV4 } from './link-frames.ts'

for (const [name, linkType, frame, expected] of FRAMES) {
  test(`link layer: ${name}`, () => {
    assert.deepEqual(texts(readCapture(simplePcap([frame], linkType))), [expected])
  })
  test(`link layer: ${name}, cut at every octet, stays in the frame`, () => {
    const cuts = Array.from({ length: frame.length }, (_, length) => frame.subarray(0, length))
    const { datagrams, counts, end } = readCapture(simplePcap(cuts, linkType))
    assert.equal(end, undefined)
    assert.deepEqual(
      datagrams.map(({ text }) => text),
      Array.from(expected, (_, length) => expected.slice(0, length)),
    )
    assert.equal(counts['capture/cut'], expected.length)
    assert.equal((counts['capture/malformed'] ?? 0) + (counts['capture/not-ip'] ?? 0), cuts.length - expected.length)
  })
}

const NOT_IP: readonly [string, number, Uint8Array][] = [
  ['ARP', 1, ethernet('0806', new Uint8Array(28))],
  ['an Ethernet pseudowire', 1, ethernet('8847 00064140', ethernet('0800', IPV4).fill(0, 0, 4))],
  ['labels without a bottom', 1, ethernet('8847', Buffer.alloc(1000, 0x40))],
  ['tags without an end', 1, ethernet('8100', Buffer.alloc(200_000, hex('0001 8100')))],
  ['LCP', 9, join(hex('ff03 c021'), IPV4)],
  ['spanning tree', 1, ethernet('0026 424203', Buffer.alloc(35))],
  ['AppleTalk', 0, join(hex('10000000'), IPV4)],
  ['an Ethernet header alone', 1, ethernet('0800', new Uint8Array(0))],
  ['an empty frame', 276, new Uint8Array(0)],
]

for (const [name, linkType, frame] of NOT_IP) {
  test(`no IP: ${name}`, () => {
    const read = readCapture(simplePcap([frame, frame], linkType))
    assert.deepEqual(texts(read), [])
    assert.equal(read.counts['capture/not-ip'], 2)
    assert.deepEqual(read.problems, [])
  })
}

test('an unknown link type is counted and reported once', () => {
  const read = readCapture(simplePcap([IPV4, IPV4, IPV4], 147))
  assert.equal(read.counts['capture/unknown-link-type'], 3)
  assert.deepEqual(
    read.problems.map(({ code, message }) => [code, message]),
    [['capture/unknown-link-type', 'frames of link type 147 are not read']],
  )
})
