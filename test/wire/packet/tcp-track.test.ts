// Round trips, losses and reordering, with tshark as judge of the same packets.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { pcapHeader, pcapRecord } from '../../../src/wire/capture/write.ts'
import { without } from '../../services/programs.ts'
import { scratch } from '../../support/cli.ts'
import { hex } from './frames.ts'
import { Packets } from './packets.ts'

const four = (number: number): string => number.toString(16).padStart(4, '0')
const word = (number: number): string => (number >>> 0).toString(16).padStart(8, '0')

/** Host 1 is the client. */
function segment(from: 1 | 2, flags: number, sequence: number, ack: number, payload = 0): Uint8Array {
  const to = 3 - from
  const ip = `4500${four(40 + payload)} 0001 4000 4006 0000 0a00000${from} 0a00000${to}`
  const ports = from === 1 ? 'c001 0050' : '0050 c001'
  const tcp = `${ports} ${word(sequence)} ${word(ack)} 50${flags.toString(16).padStart(2, '0')} 2000 0000 0000`
  return hex(`02000000000${to} 02000000000${from} 0800`, ip, tcp, '61'.repeat(payload))
}

/** Numbers go round in the middle. */
const C = 0xffff_ff00
const S = 5000
const TALK: readonly { readonly at: number; readonly frame: Uint8Array }[] = [
  { at: 0, frame: segment(1, 2, C, 0) },
  { at: 0.03, frame: segment(2, 18, S, C + 1) },
  { at: 0.05, frame: segment(1, 16, C + 1, S + 1) },
  { at: 0.06, frame: segment(1, 24, C + 1, S + 1, 200) },
  { at: 0.07, frame: segment(1, 24, C + 401, S + 1, 200) },
  { at: 0.071, frame: segment(1, 24, C + 201, S + 1, 200) }, // out of order
  { at: 0.1, frame: segment(2, 16, S + 1, C + 601) },
  { at: 0.2, frame: segment(2, 24, S + 1, C + 601, 100) },
  { at: 0.5, frame: segment(2, 24, S + 1, C + 601, 100) }, // again
  { at: 0.6, frame: segment(1, 16, C + 601, S + 101) },
]
const WANTED = {
  fields: ['packets', 'packets_reverse', 'tcp_rtt_usec', 'tcp_retransmits', 'tcp_out_of_order'],
  rest: false,
}

test('a round trip, one segment again, one out of order', () => {
  const packets = new Packets({}, { bidirectional: true }, WANTED)
  packets.take(...TALK)
  assert.deepEqual(packets.finish(), [
    { tcp_rtt_usec: 50_000, tcp_retransmits: 1, tcp_out_of_order: 1, packets: 6, packets_reverse: 4 },
  ])
})

test('a hole that is filled late was a loss', () => {
  const packets = new Packets({}, { bidirectional: true }, WANTED)
  packets.take(...TALK.slice(0, 5), { at: 0.9, frame: segment(1, 24, C + 201, S + 1, 200) })
  const [flow] = packets.finish()
  assert.deepEqual([flow?.tcp_retransmits, flow?.tcp_out_of_order], [1, 0])
})

test('tshark sees the same', { skip: without('tshark') }, context => {
  const path = join(scratch(context), 'talk.pcap')
  const frames = TALK.map(({ at, frame }) => pcapRecord(Math.round((1.7e9 + at) * 1e6), frame))
  writeFileSync(path, Buffer.concat([pcapHeader(), ...frames]))
  const names = ['tcp.analysis.initial_rtt', 'tcp.analysis.retransmission', 'tcp.analysis.out_of_order']
  const words = ['-r', path, '-T', 'fields', ...names.flatMap(name => ['-e', name])]
  const lines = execFileSync('tshark', words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
    .trimEnd()
    .split('\n')
  const columns = lines.map(line => line.split('\t'))
  assert.ok(columns.some(([rtt]) => Math.round(Number(rtt) * 1e6) === 50_000))
  assert.deepEqual(
    [1, 2].map(at => columns.filter(line => (line[at] ?? '') !== '').length),
    [1, 1],
  )
})
