import assert from 'node:assert/strict'
import { test } from 'node:test'
import { CaptureReader } from '../../../src/wire/capture/parser.ts'
import { TcpReader } from '../../../src/wire/capture/tcp.ts'
import type { TcpEvent } from '../../../src/wire/capture/tcp-flow.ts'
import { random } from '../../support/random.ts'
import { TestHost } from '../../support/test-host.ts'
import { simplePcap } from './captures.ts'
import { conversation, FIN, RST, SYN, type TcpEnd, tcpFrame } from './tcp-captures.ts'

const A: TcpEnd = { address: '192.0.2.1', port: 40_000 }
const B: TcpEnd = { address: '192.0.2.2', port: 179 }
const A6: TcpEnd = { address: '2001:db8::1', port: 40_000 }
const B6: TcpEnd = { address: '2001:db8::2', port: 179 }
const text = (said: string): Uint8Array => Buffer.from(said)

/** What the reader gives, a line an event; octets that follow each other in one. */
function read(capture: Uint8Array, tcpPorts?: readonly number[]): { lines: string[]; host: TestHost } {
  const host = new TestHost()
  const reader = new CaptureReader(host)
  const tcp = new TcpReader(tcpPorts ? { tcpPorts } : {}, host)
  const lines: string[] = []
  const take = (events: Iterable<TcpEvent>) => {
    for (const { flow, kind, octets, start, end, lost } of events) {
      const said = Buffer.from(octets.subarray(start, end)).toString()
      const what = kind === 'octets' ? `"${said}"` : kind === 'lost' ? `lost ${lost}` : 'end'
      lines.push(`${flow.source.port}: ${what}`)
    }
  }
  for (let at = 0; at < capture.length; at += 65_536) {
    const part = capture.subarray(at, at + 65_536)
    reader.window.room().set(part)
    reader.window.filled(part.length)
    for (let frames = reader.next(); frames; frames = reader.next()) take(tcp.read(frames))
  }
  take(tcp.finish())
  return { lines, host }
}

const connection = (from: TcpEnd, to: TcpEnd) =>
  conversation(from, to, [
    ['from', text('hello')],
    ['to', text('good day')],
    ['from', text('bye')],
  ])

for (const [name, from, to] of [
  ['IPv4', A, B],
  ['IPv6', A6, B6],
] as const) {
  test(`a connection over ${name}`, () => {
    const { lines } = read(simplePcap(connection(from, to)))
    assert.deepEqual(lines, ['40000: "hello"', '179: "good day"', '40000: "bye"', '40000: end', '179: end'])
  })
}

test('segments out of order, twice, and overlapping', () => {
  const segment = (sequence: number, said: string) => tcpFrame(A, B, { sequence, payload: text(said) })
  const frames = [
    tcpFrame(A, B, { sequence: 0xffff_fffc, flags: SYN }),
    segment(3, 'ghij'),
    segment(0xffff_fffd, 'abc'),
    segment(0xffff_fffd, 'abc'),
    segment(0xffff_fffe, 'bcdef'),
    segment(1, 'efghijk'),
    tcpFrame(A, B, { sequence: 8, flags: FIN }),
  ]
  const { lines } = read(simplePcap(frames))
  assert.deepEqual(lines, ['40000: "abc"', '40000: "def"', '40000: "ghij"', '40000: "k"', '40000: end'])
})

test('octets in any order of small segments', () => {
  const dice = random(7)
  for (let round = 0; round < 200; round++) {
    const said = Array.from({ length: 300 }, (_, index) => String.fromCharCode(97 + (index % 26))).join('')
    const frames: { at: number; frame: Buffer }[] = []
    for (let at = 0; at < said.length; ) {
      const length = 1 + dice.whole(20)
      const payload = text(said.slice(at, at + length))
      const place = at + dice.whole(100)
      frames.push({ at: place, frame: tcpFrame(A, B, { sequence: 5000 + at, payload }) })
      at += length
    }
    frames.sort((one, other) => one.at - other.at)
    const opened = tcpFrame(A, B, { sequence: 4999, flags: SYN })
    const { lines } = read(simplePcap([opened, ...frames.map(({ frame }) => frame)]))
    const given = lines.map(line => /"(.*)"/.exec(line)?.[1] ?? '').join('')
    assert.equal(given, said)
  }
})

test('what the capture missed is said when the far end acknowledged it, or at the end', () => {
  const frames = [
    tcpFrame(A, B, { sequence: 1, payload: text('ab') }),
    tcpFrame(B, A, { sequence: 1, acknowledged: 3, payload: text('x') }),
    tcpFrame(A, B, { sequence: 13, payload: text('cd') }),
    tcpFrame(B, A, { sequence: 2, acknowledged: 15, payload: text('y') }),
    tcpFrame(A, B, { sequence: 25, payload: text('ef') }),
  ]
  const { lines } = read(simplePcap(frames))
  assert.deepEqual(lines, [
    ...['40000: "ab"', '179: "x"', '179: "y"', '40000: lost 10', '40000: "cd"'],
    ...['40000: lost 10', '40000: "ef"', '40000: end', '179: end'],
  ])
})

test('a frame that the snap length cut', () => {
  const whole = tcpFrame(A, B, { sequence: 1, payload: text('abcdefgh') })
  const frames = [whole.subarray(0, whole.length - 5), tcpFrame(A, B, { sequence: 9, payload: text('ij') })]
  const { lines, host } = read(simplePcap(frames))
  assert.deepEqual(lines, ['40000: "abc"', '40000: lost 5', '40000: "ij"', '40000: end'])
  assert.equal(host.counters['capture/cut'], 1)
})

test('a reset, and the next connection of the same ports', () => {
  const first = connection(A, B).slice(0, 4)
  const frames = [
    ...first,
    tcpFrame(B, A, { sequence: 1, flags: RST }),
    tcpFrame(A, B, { sequence: 77, flags: SYN }),
    tcpFrame(B, A, { sequence: 99, flags: SYN, acknowledged: 78 }),
    tcpFrame(A, B, { sequence: 78, payload: text('again'), acknowledged: 100 }),
    tcpFrame(A, B, { sequence: 500, flags: SYN }),
    tcpFrame(A, B, { sequence: 501, payload: text('third') }),
  ]
  assert.deepEqual(read(simplePcap(frames)).lines, [
    ...['40000: "hello"', '179: "good day"', '179: end', '40000: end', '40000: "again"', '40000: end', '179: end'],
    ...['40000: "third"', '40000: end'],
  ])
})

test('ports choose, of either end', () => {
  const other = connection({ ...A, port: 41_000 }, { ...B, port: 22 })
  const { lines, host } = read(simplePcap([...other, ...connection(A, B)]), [179])
  assert.equal(lines.length, 5)
  assert.equal(host.counters['capture/other-port'], other.length)
})
