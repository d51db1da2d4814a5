import assert from 'node:assert/strict'
import { test } from 'node:test'
import { random } from '../../support/random.ts'
import { pick } from '../flow/collector.ts'
import { Packets, START_S, tcpFrame, udpFrame } from './packets.ts'

const SYN = 2
const ACK = 16
const FIN = 1
const RST = 4
const KEYS = ['ip_src', 'packets', 'bytes', 'tcp_flags', 'flow_end_reason', 'timestamp_start', 'timestamp_end']
const ofFlow = (row: object) => pick(row as never, ...KEYS)

test('a flow ends when it was idle, on the clock of the packets', () => {
  const flows = new Packets({}, { idleUs: 10e6 })
  assert.deepEqual(flows.take({ at: 0, frame: udpFrame(1, 2, 10) }, { at: 9, frame: udpFrame(1, 2, 20) }), [])
  const [flow] = flows.take({ at: 19, frame: udpFrame(3, 4) })
  assert.deepEqual(ofFlow(flow as object), {
    ip_src: '10.0.0.1',
    packets: 2,
    bytes: 38 + 48,
    flow_end_reason: 1,
    timestamp_start: START_S,
    timestamp_end: START_S + 9,
  })
  assert.equal(flow?.timestamp_arrival, START_S + 19)
  assert.deepEqual(
    flows.finish().map(row => [row.ip_src, row.flow_end_reason]),
    [['10.0.0.3', 4]],
  )
})

test('a flow that lasts is told of, and begins anew', () => {
  const flows = new Packets({}, { idleUs: 60e6, activeUs: 30e6 })
  const rows = flows.take(...[0, 10, 20, 30, 40].map(at => ({ at, frame: udpFrame(1, 2) })))
  assert.deepEqual(
    rows.map(row => [row.packets, row.flow_end_reason]),
    [[3, 2]],
  )
  assert.deepEqual(
    flows.finish().map(row => [row.packets, row.timestamp_start]),
    [[2, START_S + 30]],
  )
})

test('TCP ends with FIN or RST, a moment later', () => {
  const flows = new Packets({}, { closedUs: 1e6 })
  flows.take(
    { at: 0, frame: tcpFrame(1, 2, SYN) },
    { at: 1, frame: tcpFrame(2, 1, SYN | ACK) },
    { at: 2, frame: tcpFrame(1, 2, FIN | ACK) },
    { at: 2.5, frame: tcpFrame(1, 2, ACK) },
  )
  const rows = flows.take({ at: 4, frame: tcpFrame(2, 1, RST) })
  assert.deepEqual(
    rows.map(row => [row.ip_src, row.packets, row.tcp_flags, row.flow_end_reason]),
    [['10.0.0.1', 3, 19, 3]],
  )
  assert.deepEqual(
    flows.finish().map(row => [row.ip_src, row.flow_end_reason]),
    [['10.0.0.2', 3]],
  )
})

test('both directions as one flow, from who began', () => {
  const flows = new Packets({}, { bidirectional: true })
  flows.take(
    { at: 0, frame: tcpFrame(9, 2, SYN) },
    { at: 1, frame: tcpFrame(2, 9, SYN | ACK, 5) },
    { at: 2, frame: tcpFrame(9, 2, FIN | ACK) },
    { at: 3, frame: tcpFrame(2, 9, ACK) },
  )
  const [flow, ...none] = flows.finish()
  assert.deepEqual(none, [])
  const names = [
    ...KEYS,
    'packets_reverse',
    'bytes_reverse',
    'tcp_flags_reverse',
    'timestamp_start_reverse',
    'timestamp_end_reverse',
  ]
  assert.deepEqual(pick(flow, ...names), {
    ip_src: '10.0.0.9',
    packets: 2,
    bytes: 80,
    tcp_flags: 19,
    flow_end_reason: 4,
    timestamp_start: START_S,
    timestamp_end: START_S + 3,
    packets_reverse: 2,
    bytes_reverse: 85,
    tcp_flags_reverse: 18,
    timestamp_start_reverse: START_S + 1,
    timestamp_end_reverse: START_S + 3,
  })
})

test('silence on a live interface ends flows too', () => {
  const flows = new Packets({}, { idleUs: 10e6 })
  flows.take({ at: 0, frame: udpFrame(1, 2) })
  assert.deepEqual(flows.tick(9), [])
  assert.equal(flows.tick(10).length, 1)
})

test('when there are too many, the one idle for longest makes room', () => {
  const flows = new Packets({}, { limit: 2 })
  const rows = flows.take(
    { at: 0, frame: udpFrame(1, 9) },
    { at: 1, frame: udpFrame(2, 9) },
    { at: 2, frame: udpFrame(1, 9) },
    { at: 3, frame: udpFrame(3, 9) },
  )
  assert.deepEqual(
    rows.map(row => [row.ip_src, row.flow_end_reason]),
    [['10.0.0.2', 5]],
  )
  assert.equal(flows.counts.get('flows-ended-early'), 1)
})

test('no packet is lost or counted twice, whatever the order of packets', () => {
  const from = random(5)
  for (const bidirectional of [false, true]) {
    const flows = new Packets({}, { bidirectional, idleUs: 3e6, activeUs: 5e6, limit: 40 })
    let [packets, bytes] = [0, 0]
    const add = (rows: readonly { [name: string]: unknown }[]) => {
      for (const row of rows) {
        packets += Number(row.packets) + Number(row.packets_reverse ?? 0)
        bytes += Number(row.bytes) + Number(row.bytes_reverse ?? 0)
      }
    }
    let sent = 0
    for (let block = 0; block < 40; block++) {
      const frames = Array.from({ length: 250 }, (_, index) => {
        const [source, destination, payload] = [1 + from.whole(9), 1 + from.whole(9), from.whole(50)]
        const frame =
          from.whole(2) === 0
            ? udpFrame(source, destination, payload)
            : tcpFrame(source, destination, from.whole(64), payload)
        sent += frame.length - 14
        return { at: block + index / 250, frame }
      })
      add(flows.take(...frames))
    }
    add(flows.finish())
    assert.deepEqual([packets, bytes], [10_000, sent])
  }
})
