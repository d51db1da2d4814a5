import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ProblemError } from '../../../src/contract/problem.ts'
import { MAX_FRAME_OCTETS } from '../../../src/wire/capture/block.ts'
import {
  BIG,
  blocks,
  ENDPOINTS6,
  ethernet,
  hex,
  join,
  LITTLE,
  packet,
  random,
  readCapture,
  simplePcap,
} from './captures.ts'

const ROUNDS = 800
const ipv4 = packet('payload of some length')
const ipv6 = packet('payload of some length', ENDPOINTS6)

/** The same packet as if it were the middle of a larger one. */
function fragment(offset: number): Uint8Array {
  const octets = Buffer.from(ipv4)
  octets.writeUInt16BE(0x2000 + offset, 6)
  return octets
}

function pcapng(): Buffer {
  const little = blocks(LITTLE)
  const big = blocks(BIG)
  const options = join(
    little.option(9, Uint8Array.of(9)),
    little.option(14, Buffer.alloc(8, 1)),
    little.option(0, Buffer.alloc(0)),
  )
  return join(
    ...[little.section(), little.describe(1, { options }), little.describe(101, { snapLength: 96 })],
    ...[little.enhanced(0, 10n ** 18n, ethernet('8100 0001 0800', ipv4)), little.enhanced(1, 5n, fragment(1))],
    ...[little.obsolete(1, 6n, ipv6), little.block(5, Buffer.alloc(40)), big.section(), big.describe(276)],
    ...[
      big.enhanced(0, 7n, join(hex('86dd'), Buffer.alloc(18), ipv6)),
      big.simple(join(hex('0800'), Buffer.alloc(18), ipv4)),
    ],
  )
}

const SEEDS: readonly [string, Buffer][] = [
  [
    'pcap of Ethernet',
    simplePcap([ethernet('0800', ipv4), ethernet('8847 00064140', ipv6), ethernet('8864 11000001 0030 0021', ipv4)]),
  ],
  ['pcap of fragments', simplePcap([fragment(0), fragment(4), fragment(2), fragment(6), fragment(0), ipv6], 101)],
  ['pcap of SLL', simplePcap([join(hex('0000 0001 0006 0200000000010000 86dd'), ipv6)], 113)],
  ['pcapng', pcapng()],
]

/** Octets changed, taken out, put in, or set to an extreme. */
function mutate(seed: Buffer, below: (limit: number) => number): Buffer {
  let octets: Buffer = Buffer.from(seed)
  for (let changes = 1 + below(6); changes > 0; changes--) {
    const at = below(octets.length)
    const kind = below(5)
    if (kind === 0) octets[at] = below(256)
    else if (kind === 1) octets[at] = [0, 1, 0x7f, 0x80, 0xff][below(5)]!
    else if (kind === 2) octets.subarray(at, at + 4).fill(below(256))
    else if (kind === 3) octets = join(octets.subarray(0, at), octets.subarray(at + below(20)))
    else octets = join(octets.subarray(0, at), Buffer.alloc(below(20), below(256)), octets.subarray(at))
    if (octets.length === 0) return Buffer.from([0])
  }
  return octets
}

function check(capture: Buffer, chunkOctets: number): string {
  try {
    const { datagrams, counts, end, problems } = readCapture(capture, chunkOctets)
    assert.ok(datagrams.length <= capture.length / 16)
    for (const { text, timeUs } of datagrams) {
      assert.ok(text.length <= MAX_FRAME_OCTETS && Number.isInteger(timeUs))
      assert.ok(Number.isFinite(new Date(timeUs / 1000).getTime()))
    }
    return JSON.stringify([datagrams, Object.entries(counts).sort(), end, problems])
  } catch (error) {
    if (!(error instanceof ProblemError)) throw error
    return error.problem.code
  }
}

for (const [index, [name, seed]] of SEEDS.entries()) {
  test(`mutated ${name}: no throw, and the same in chunks of any size`, () => {
    const below = random(1000 + index)
    for (let round = 0; round < ROUNDS; round++) {
      const capture = mutate(seed, below)
      const chunkOctets = 1 + below(200)
      const whole = check(capture, capture.length)
      assert.equal(check(capture, chunkOctets), whole, `round ${round}: ${capture.toString('hex')}`)
    }
  })
}

test('random octets behind a magic', () => {
  const below = random(77)
  for (const magic of [
    'a1b2c3d4 00020004',
    'd4c3b2a1 02000400',
    '0a0d0d0a 0000001c 1a2b3c4d',
    '0a0d0d0a 1c000000 4d3c2b1a',
  ]) {
    for (let round = 0; round < 300; round++) {
      const tail = Buffer.from(Array.from({ length: below(3000) }, () => (below(3) ? 0 : below(256))))
      check(join(hex(magic), tail), 1 + below(4000))
    }
  }
})
