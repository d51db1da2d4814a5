import assert from 'node:assert/strict'
import { test } from 'node:test'
import { MAX_DATAGRAMS_IN_REASSEMBLY, REASSEMBLY_TIMEOUT_US } from '../../../src/wire/capture/reassembly.ts'
import {
  ENDPOINTS,
  ENDPOINTS6,
  hex,
  join,
  LITTLE,
  packet,
  pcap,
  random,
  readCapture,
  simplePcap,
  texts,
} from './captures.ts'
import { fragment4, fragment6 } from './fragments.ts'

const RAW_IP = 101
const TEXT = Array.from({ length: 400 }, (_, index) => String.fromCharCode(97 + (index % 26))).join('')

const WHOLE4 = packet(TEXT)
const WHOLE6 = packet(TEXT, ENDPOINTS6)
const FAMILIES = [
  ['IPv4', fragment4, WHOLE4, '192.0.2.1'],
  ['IPv6', fragment6, WHOLE6, '2001:db8::1'],
] as const
const CUTS: readonly (readonly [string, readonly (readonly [number, number])[]])[] = [
  [
    'in order',
    [
      [0, 160],
      [160, 320],
      [320, 408],
    ],
  ],
  [
    'last first',
    [
      [320, 408],
      [160, 320],
      [0, 160],
    ],
  ],
  [
    'first in the middle',
    [
      [320, 408],
      [0, 160],
      [160, 320],
    ],
  ],
  [
    'with doubles',
    [
      [0, 160],
      [0, 160],
      [160, 320],
      [160, 320],
      [320, 408],
    ],
  ],
  [
    'overlapping',
    [
      [0, 160],
      [80, 240],
      [200, 328],
      [320, 408],
    ],
  ],
  [
    'one inside another',
    [
      [160, 168],
      [80, 320],
      [0, 88],
      [320, 408],
    ],
  ],
  ['in eights', Array.from({ length: 51 }, (_, index) => [index * 8, index * 8 + 8] as const)],
]

for (const [family, fragment, whole, address] of FAMILIES) {
  for (const [name, pieces] of CUTS) {
    test(`${family} fragments ${name}`, () => {
      const read = readCapture(
        simplePcap(
          pieces.map(([from, to]) => fragment(whole, from, to)),
          RAW_IP,
        ),
        100,
      )
      assert.deepEqual(read.datagrams, [
        {
          text: TEXT,
          timeUs: 1000e6 + (pieces.length - 1) * 1000,
          peer: { address, port: 40_000, family: family === 'IPv4' ? 4 : 6 },
        },
      ])
      assert.equal(read.counts['capture/fragments'], pieces.length)
      assert.equal(read.counts['capture/reassembly-incomplete'], undefined)
    })
  }
}

test('datagrams are told apart by identification and address', () => {
  const other = packet(TEXT.toUpperCase(), { ...ENDPOINTS, source: '192.0.2.9' })
  const third = packet('x'.repeat(400))
  const frames = [
    ...[fragment4(WHOLE4, 0, 200), fragment4(other, 200, 408), fragment4(third, 0, 200, 8)],
    ...[fragment4(other, 0, 200), fragment4(third, 200, 408, 8), fragment4(WHOLE4, 200, 408)],
  ]
  assert.deepEqual(texts(readCapture(simplePcap(frames, RAW_IP))), [TEXT.toUpperCase(), 'x'.repeat(400), TEXT])
})

test('the ports asked for hold for the whole', () => {
  const frames = [fragment4(WHOLE4, 0, 200), fragment4(WHOLE4, 200, 408)]
  const read = readCapture(simplePcap(frames, RAW_IP), undefined, [4739])
  assert.deepEqual(read.datagrams, [])
  assert.equal(read.counts['capture/other-port'], 1)
})

test('a datagram of 65,507 octets, many in one block', () => {
  const below = random(5)
  const names = Array.from({ length: 20 }, () => String.fromCharCode(97 + below(26)).repeat(65_507))
  const frames = names.flatMap((name, index) => {
    const whole = packet(name)
    const pieces = Array.from({ length: 45 }, (_, piece) => fragment4(whole, piece * 1480, (piece + 1) * 1480, index))
    return pieces.filter(({ length }) => length > 20)
  })
  assert.deepEqual(texts(readCapture(simplePcap(frames, RAW_IP))), names)
})

test('IPv6 fragments with destination options inside', () => {
  const inside = Buffer.from(join(WHOLE6.subarray(0, 40), hex('11 00 0104 00000000'), WHOLE6.subarray(40)))
  const frames = [fragment6(inside, 0, 200, 7, 60), fragment6(inside, 200, 416, 7, 60)]
  assert.deepEqual(texts(readCapture(simplePcap(frames, RAW_IP))), [TEXT])
})

test('an IPv6 fragment header on a packet that is whole', () => {
  assert.deepEqual(texts(readCapture(simplePcap([fragment6(WHOLE6, 0, 408)], RAW_IP))), [TEXT])
})

test('IPv6 extension headers before UDP', () => {
  const whole = packet('inside', ENDPOINTS6)
  const headers = hex(
    '3c 00 0104 00000000  2b 01 0104 00000000 0000000000000000  33 00 0104 00000000  11 04 0000 00000000',
  ) // 3rd: routing, 4th: authentication
  const fixed = join(headers, Buffer.alloc(16))
  const all = Buffer.from(join(whole.subarray(0, 40), fixed, whole.subarray(40)))
  all[6] = 0
  all.writeUInt16BE(all.length - 40, 4)
  assert.deepEqual(texts(readCapture(simplePcap([all], RAW_IP))), ['inside'])
  const endless = Buffer.from(all)
  endless[41] = 255
  assert.equal(readCapture(simplePcap([endless], RAW_IP)).counts['capture/malformed'], 1)
})

test('a datagram that misses a piece is dropped after 30 s of capture time', () => {
  const at = (us: number, frame: Uint8Array) => ({ seconds: Math.floor(us / 1e6), fraction: us % 1e6, frame })
  const read = (gapUs: number) =>
    readCapture(
      pcap(LITTLE, 0xa1b2c3d4, RAW_IP, [
        at(5e6, fragment4(WHOLE4, 0, 200)),
        at(5e6 + gapUs, fragment4(WHOLE4, 200, 408)),
      ]),
    )
  assert.deepEqual(texts(read(REASSEMBLY_TIMEOUT_US)), [TEXT])
  const late = read(REASSEMBLY_TIMEOUT_US + 1)
  assert.deepEqual(texts(late), [])
  assert.equal(late.counts['capture/reassembly-expired'], 1)
  assert.equal(late.counts['capture/reassembly-incomplete'], 1)
})

test('the oldest goes when too many are in reassembly', () => {
  const first = Array.from({ length: MAX_DATAGRAMS_IN_REASSEMBLY + 1 }, (_, index) => fragment4(WHOLE4, 0, 200, index))
  const last = [0, MAX_DATAGRAMS_IN_REASSEMBLY].map(index => fragment4(WHOLE4, 200, 408, index))
  const frames = [...first, ...last].map(frame => ({ seconds: 1, fraction: 0, frame }))
  const read = readCapture(pcap(LITTLE, 0xa1b2c3d4, RAW_IP, frames))
  assert.equal(
    read.counts['capture/reassembly-evicted'],
    2,
    'one for the last first piece, one for the late piece of 0',
  )
  assert.deepEqual(texts(read), [TEXT])
})

test('fragments that no datagram can have', () => {
  const beyond = fragment4(WHOLE4, 0, 200)
  beyond.writeUInt16BE(0x1fff, 6)
  const empty = fragment4(WHOLE4, 0, 200).subarray(0, 20)
  empty.writeUInt16BE(20, 2)
  const read = readCapture(simplePcap([beyond, empty], RAW_IP))
  assert.equal(read.counts['capture/malformed'], 2)
})

test('fragments of TCP are not kept', () => {
  const tcp = fragment4(WHOLE4, 0, 200)
  tcp[9] = 6
  const read = readCapture(simplePcap([tcp], RAW_IP))
  assert.equal(read.counts['capture/not-udp'], 1)
  assert.equal(read.counts['capture/fragments'], undefined)
})
