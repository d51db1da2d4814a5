import assert from 'node:assert/strict'
import { test } from 'node:test'
import { HELD_AGE_MS, HELD_OCTETS_PER_EXPORTER, HELD_OVERHEAD_OCTETS } from '../../../src/wire/flow/limits.ts'
import { data, netflow9, template } from '../../support/flow-writer.ts'
import { ARRIVAL_US, Collector, EXPORT_TIME_S, EXPORTER } from './collector.ts'

const FLOW = template(256, [[2, 4]])
const OTHER = template(257, [[2, 4]])
const rows = (value: number, of = FLOW, sequence = 0) =>
  netflow9({ exportTime: EXPORT_TIME_S + value, sysUptimeMs: 1, sequence }, [data(of, [[value]])])
const announce = (of = FLOW) => netflow9({ exportTime: EXPORT_TIME_S + 100, sysUptimeMs: 1 }, [of])

test('data sets wait for their template and come in order, with the times that they came with', () => {
  const collector = new Collector()
  collector.read(rows(1), EXPORTER, ARRIVAL_US + 1e6)
  collector.read(rows(9, OTHER), EXPORTER, ARRIVAL_US + 2e6)
  collector.read(rows(2), EXPORTER, ARRIVAL_US + 3e6)
  assert.equal(collector.reading('flow_sets_waiting'), 3)
  const records = collector.read(announce(), EXPORTER, ARRIVAL_US + 100e6)
  assert.deepEqual(
    records.map(record => [record.packets, record.timestamp_arrival, record.timestamp_export]),
    [
      [1, EXPORT_TIME_S + 1.25, EXPORT_TIME_S + 1],
      [2, EXPORT_TIME_S + 3.25, EXPORT_TIME_S + 2],
    ],
  )
  assert.equal(collector.batches.at(-1)?.now, EXPORT_TIME_S * 1000 + 3250)
  assert.equal(collector.reading('flow_sets_waiting'), 1)
  assert.deepEqual(
    [...collector.counts].filter(([name]) => name.startsWith('sets')),
    [
      ['sets-held', 3],
      ['sets-released', 2],
    ],
  )
})

test('rows behind the template in the same message come after those that waited', () => {
  const collector = new Collector()
  collector.read(rows(1))
  const message = netflow9({ exportTime: EXPORT_TIME_S, sysUptimeMs: 1 }, [FLOW, data(FLOW, [[2]])])
  assert.deepEqual(
    collector.read(message).map(record => record.packets),
    [1, 2],
  )
})

test('what waits is bounded by the exporter; what does not fit is counted as dropped', () => {
  const collector = new Collector()
  const large = template(258, [
    [2, 4],
    [210, 396],
  ])
  const rowOctets = 400
  const message = netflow9({ exportTime: EXPORT_TIME_S }, [data(large, Array(100).fill([1, 0]))])
  const fit = Math.floor(HELD_OCTETS_PER_EXPORTER / (100 * rowOctets + HELD_OVERHEAD_OCTETS))
  for (let times = 0; times < fit + 5; times++) collector.read(message)
  assert.equal(collector.counts.get('sets-held'), fit)
  assert.equal(collector.counts.get('lost/no-template'), 5)
  assert.equal(collector.read(announce(large)).length, fit * 100)
  assert.equal(collector.reading('exporter_sets_released'), fit)
  assert.equal(collector.reading('flow_sets_waiting'), 0)
})

test('what waits too long by the record clock is dropped', () => {
  const collector = new Collector()
  const late = ARRIVAL_US + HELD_AGE_MS * 1000 + 1
  collector.read(rows(1))
  collector.read(rows(2), EXPORTER, late)
  assert.deepEqual(
    collector.read(announce(), EXPORTER, late).map(record => record.packets),
    [2],
  )
  assert.equal(collector.counts.get('lost/no-template'), 1)
})

test('what is too old makes room for what comes', () => {
  const collector = new Collector()
  const body = Array(10_000).fill([1])
  const message = netflow9({ exportTime: EXPORT_TIME_S }, [data(FLOW, body)])
  for (let times = 0; times < 30; times++) collector.read(message)
  const before = collector.counts.get('lost/no-template') ?? 0
  collector.read(message, EXPORTER, ARRIVAL_US + HELD_AGE_MS * 1000 + 1)
  assert.equal(collector.reading('flow_sets_waiting'), 1)
  assert.equal(collector.counts.get('lost/no-template'), 30)
  assert.ok(before > 0)
})

test('what waits at the end is counted as lost', () => {
  const collector = new Collector()
  collector.read(rows(1))
  collector.decoder.close()
  assert.equal(collector.counts.get('lost/no-template'), 1)
  assert.equal(collector.reading('flow_sets_waiting'), 0)
})
