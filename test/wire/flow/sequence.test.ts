import assert from 'node:assert/strict'
import { test } from 'node:test'
import { data, ipfix, netflow5, netflow9, template } from '../../support/flow-writer.ts'
import { Collector, EXPORT_TIME_S } from './collector.ts'

const FLOW = template(256, [[2, 4]])
const v5 = (sequence: number, records: number, header = {}) =>
  netflow5({ sequence, exportTime: EXPORT_TIME_S, sysUptimeMs: 60_000, ...header }, Array(records).fill({}))
const v9 = (sequence: number, header = {}) =>
  netflow9({ sequence, exportTime: EXPORT_TIME_S, sysUptimeMs: 60_000, ...header }, [FLOW, data(FLOW, [[1], [2]])])
const v10 = (sequence: number, records: number, sets = [FLOW]) =>
  ipfix({ sequence, exportTime: EXPORT_TIME_S }, [...sets, data(FLOW, Array(records).fill([1]))])

const CASES: readonly (readonly [
  name: string,
  messages: Buffer[],
  lost: number,
  reordered: number,
  restarts: number,
])[] = [
  ['v5 counts flows', [v5(0, 2), v5(2, 3), v5(5, 1)], 0, 0, 0],
  ['v5: three flows missing', [v5(0, 2), v5(5, 1)], 3, 0, 0],
  ['v9 counts messages', [v9(7), v9(8), v9(9)], 0, 0, 0],
  ['v9: two messages missing', [v9(7), v9(10)], 2, 0, 0],
  ['v9: out of order, nothing lost', [v9(7), v9(9), v9(8), v9(10)], 0, 1, 0],
  ['IPFIX counts records', [v10(0, 2), v10(2, 5), v10(7, 1)], 0, 0, 0],
  ['IPFIX: four records missing', [v10(0, 2), v10(6, 1)], 4, 0, 0],
  ['the number wraps', [v9(2 ** 32 - 1), v9(0), v9(2)], 1, 0, 0],
  ['sequence far back: a restart', [v9(100_000), v9(0), v9(1)], 0, 0, 1],
  ['sequence far ahead: a restart', [v9(1), v9(2 ** 30)], 0, 0, 1],
  ['sysUptime back: a restart', [v9(7), v9(0, { sysUptimeMs: 10, exportTime: EXPORT_TIME_S + 100 })], 0, 0, 1],
  [
    'sysUptime wrapped: no restart',
    [v9(7, { sysUptimeMs: 2 ** 32 - 1000 }), v9(8, { sysUptimeMs: 500, exportTime: EXPORT_TIME_S + 2 })],
    0,
    0,
    0,
  ],
  ['records of an unknown template cannot be counted', [v10(0, 3, []), v10(3, 1, []), v10(9, 1)], 0, 0, 0],
]
for (const [name, messages, lost, reordered, restarts] of CASES) {
  test(`sequence: ${name}`, () => {
    const collector = new Collector()
    for (const message of messages) collector.read(message)
    const counted = ['lost', 'reordered', 'restarts'].map(counter => collector.reading(`exporter_sequence_${counter}`))
    assert.deepEqual(counted, [lost, reordered, restarts])
    assert.equal(collector.reading('exporter_messages'), messages.length)
  })
}

test('each domain has a sequence of its own', () => {
  const collector = new Collector()
  for (const sourceId of [1, 2]) for (const sequence of [5, 6]) collector.read(v9(sequence * sourceId, { sourceId }))
  assert.equal(collector.reading('exporter_sequence_lost'), 1)
})
