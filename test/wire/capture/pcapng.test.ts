import assert from 'node:assert/strict'
import { test } from 'node:test'
import { timeReader } from '../../../src/wire/capture/pcapng-time.ts'
import { BIG, blocks, ethernet, join, LITTLE, packet, random, readCapture, texts } from './captures.ts'

const frame = (text: string) => ethernet('0800', packet(text))
const NOW_US = 1_700_000_000_123_456n

for (const order of [LITTLE, BIG]) {
  test(`all packet blocks, ${order.little ? 'little' : 'big'}-endian, in chunks of any size`, () => {
    const { section, describe, enhanced, obsolete, simple, block, option } = blocks(order)
    const comment = option(1, Buffer.from('a comment'))
    const capture = join(
      section(),
      describe(1),
      enhanced(0, NOW_US, frame('enhanced'), join(comment, option(0, new Uint8Array(0)))),
      block(0x0bad, Buffer.from('what nobody knows')),
      simple(frame('simple')),
      obsolete(0, NOW_US + 1n, frame('obsolete')),
    )
    for (const chunkOctets of [1, 3, 64, capture.length]) {
      const read = readCapture(capture, chunkOctets)
      assert.deepEqual(texts(read), ['enhanced', 'simple', 'obsolete'])
      const times = read.datagrams.map(({ timeUs }) => BigInt(timeUs) - NOW_US)
      assert.deepEqual(times, [0n, 0n, 1n], 'a simple packet has the time of the one before')
      assert.equal(read.end, undefined)
    }
  })
}

test('sections of both byte orders, each with its own interfaces', () => {
  const little = blocks(LITTLE)
  const big = blocks(BIG)
  const capture = join(
    ...[little.section(), little.describe(101), little.describe(1), little.enhanced(1, 1n, frame('a'))],
    ...[little.enhanced(0, 2n, packet('b')), big.section(), big.describe(1), big.enhanced(0, 3n, frame('c'))],
    ...[big.enhanced(1, 4n, packet('lost')), big.enhanced(1, 5n, packet('lost'))],
  )
  const read = readCapture(capture, 5)
  assert.deepEqual(texts(read), ['a', 'b', 'c'])
  assert.equal(read.counts['capture/no-interface'], 2)
  assert.deepEqual(
    read.problems.map(({ code }) => code),
    ['capture/no-interface'],
  )
})

test('if_tsresol and if_tsoffset', () => {
  const { section, describe, enhanced, option } = blocks(BIG)
  const offset = Buffer.alloc(8)
  offset.writeBigInt64BE(-3600n)
  const capture = join(
    section(),
    describe(1, { options: option(9, Uint8Array.of(9)) }),
    describe(1, { options: join(option(2, Buffer.from('eth0')), option(9, Uint8Array.of(0x94)), option(14, offset)) }),
    enhanced(0, NOW_US * 1000n + 999n, frame('nanoseconds')),
    enhanced(1, 7200n * 1_048_576n + 524_288n, frame('binary')),
  )
  assert.deepEqual(
    readCapture(capture).datagrams.map(({ timeUs }) => timeUs),
    [Number(NOW_US), 3600.5e6],
  )
})

test('time units are exact', () => {
  const below = random(11)
  for (let round = 0; round < 20_000; round++) {
    const resolution = below(30) + (below(2) ? 0x80 : 0)
    const perSecond = resolution & 0x80 ? 1n << BigInt(resolution & 0x7f) : 10n ** BigInt(resolution)
    const us = BigInt(below(2 ** 31)) * 1_000_000n + BigInt(below(1e6))
    const ticks = (us * perSecond) / 1_000_000n
    if (ticks >= 2n ** 64n) continue
    const expected = (ticks * 1_000_000n) / perSecond + 7_000_000n
    const actual = timeReader(resolution, 7)(Number(ticks >> 32n), Number(ticks & 0xffffffffn))
    assert.equal(BigInt(actual), expected, `resolution ${resolution}, ${ticks} ticks`)
  }
})

test('a simple packet block is cut at the snap length of its interface', () => {
  const { section, describe, simple } = blocks(LITTLE)
  const whole = frame('0123456789')
  const cut = whole.subarray(0, 47)
  const read = readCapture(join(section(), describe(1, { snapLength: 47 }), simple(cut, whole.length)))
  assert.deepEqual(texts(read), ['01234'])
  assert.equal(read.counts['capture/cut'], 1)
})

test('an unknown block larger than the window is skipped', () => {
  const { section, describe, enhanced, block } = blocks(LITTLE)
  const large = block(0x0bad, Buffer.alloc(3_000_000, 0x41))
  const capture = join(section(), describe(1), enhanced(0, 1n, frame('a')), large, enhanced(0, 2n, frame('b')))
  for (const chunkOctets of [1_048_576, 4096, 1001])
    assert.deepEqual(texts(readCapture(capture, chunkOctets)), ['a', 'b'])
  const cut = readCapture(capture.subarray(0, 2_000_000), 4096)
  assert.deepEqual(texts(cut), ['a'])
  assert.match(cut.end?.message ?? '', /at octet 2000000 .*at least \d{7} octets/)
})

test('a file cut anywhere gives the blocks before', () => {
  const { section, describe, enhanced } = blocks(LITTLE)
  const head = join(section(), describe(1), enhanced(0, 1n, frame('a')))
  const capture = join(head, enhanced(0, 2n, frame('b')))
  for (let length = head.length + 1; length < capture.length; length++) {
    const read = readCapture(capture.subarray(0, length), 100)
    assert.deepEqual(texts(read), ['a'])
    assert.equal(read.end?.code, 'capture/truncated')
  }
  assert.match(readCapture(capture.subarray(0, -10)).end?.message ?? '', /at least 10 octets/)
})

const DAMAGES: readonly [string, (block: Buffer) => void, RegExp][] = [
  [
    'length that is no multiple of 4',
    block => void block.writeUInt32LE(block.length + 1, 4),
    /says that it has \d+ octets/,
  ],
  ['length too small for its type', block => void block.writeUInt32LE(16, 4), /says that it has 16 octets/],
  ['absurd length', block => void block.writeUInt32LE(0x7fff_fff0, 4), /says that it has 2147483632 octets/],
  ['lengths that differ', block => void block.writeUInt32LE(8, block.length - 4), /and at its end 8/],
  ['frame longer than its block', block => void block.writeUInt32LE(200, 20), /its frame has 200 octets/],
]

for (const [name, damage, message] of DAMAGES) {
  test(`corrupt: ${name}`, () => {
    const { section, describe, enhanced } = blocks(LITTLE)
    const damaged = enhanced(0, 2n, frame('b'))
    damage(damaged)
    const head = join(section(), describe(1), enhanced(0, 1n, frame('a')))
    const read = readCapture(join(head, damaged, enhanced(0, 3n, frame('c'))), 50)
    assert.deepEqual(texts(read), ['a'])
    assert.equal(read.end?.code, 'capture/corrupt')
    assert.match(read.end.message, new RegExp(`at octet ${head.length} `))
    assert.match(read.end.message, message)
  })
}

test('a section without byte-order magic is corrupt', () => {
  const section = blocks(LITTLE).section()
  section.fill(0, 8, 12)
  assert.match(readCapture(section).end?.message ?? '', /byte-order magic/)
})
