import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isProblem } from '../../../src/contract/problem.ts'
import { EXPORTERS } from '../../../src/wire/flow/limits.ts'
import { data, ipfix, netflow9, optionsTemplate, template } from '../../support/flow-writer.ts'
import { ARRIVAL_US, Collector, EXPORT_TIME_S, EXPORTER, pick } from './collector.ts'

const HEADER = { exportTime: EXPORT_TIME_S, sysUptimeMs: 1000 }
const FLOW = template(256, [
  [8, 4],
  [2, 4],
])
const FLOW6 = template(257, [
  [2, 8],
  [27, 16],
])
const BARE = template(258, [[1, 4]])

test('rows of several messages, exporters and templates share a batch as long as they have the same fields', () => {
  const collector = new Collector()
  assert.equal(collector.feed(netflow9(HEADER, [FLOW, data(FLOW, [['10.0.0.1', 1]])])).length, 0)
  assert.equal(collector.feed(netflow9(HEADER, [FLOW6, data(FLOW6, [[2, '2001:db8::1']])])).length, 0)
  const other = { ...EXPORTER, address: '2001:db8::9', family: 6 } as const
  assert.equal(collector.feed(ipfix(HEADER, [FLOW, data(FLOW, [['10.0.0.3', 3]])]), other, ARRIVAL_US + 9999).length, 0)
  assert.deepEqual(
    collector.flush().map(record => [record.packets, record.ip_src, record.peer_ip_src, record.export_proto_version]),
    [
      [1, '10.0.0.1', '192.0.2.1', 9],
      [2, '2001:db8::1', '192.0.2.1', 9],
      [3, '10.0.0.3', '2001:db8::9', 10],
    ],
  )
  assert.deepEqual(
    collector.batches.map(({ count, now }) => [count, now]),
    [[3, EXPORT_TIME_S * 1000 + 259]],
  )
})

test('rows with other fields share a batch too, what they do not have stays absent; the order of arrival stays', () => {
  const collector = new Collector()
  const named = template(259, [
    [371, 8],
    [27, 16],
    [1, 4],
  ])
  const sets = [
    data(FLOW, [['10.0.0.1', 1]]),
    data(BARE, [[2], [3]]),
    data(named, [['alice', '2001:db8::1', 4]]),
    data(FLOW, [['10.0.0.5', 5]]),
    data(BARE, [[6]]),
  ]
  const records = collector.read(netflow9(HEADER, [FLOW, BARE, named, ...sets]))
  assert.deepEqual(
    records.map(record => pick(record, 'ip_src', 'username', 'packets', 'bytes')),
    [
      { ip_src: '10.0.0.1', packets: 1 },
      { bytes: 2 },
      { bytes: 3 },
      { ip_src: '2001:db8::1', username: 'alice', bytes: 4 },
      { ip_src: '10.0.0.5', packets: 5 },
      { bytes: 6 },
    ],
  )
  assert.deepEqual(
    collector.batches.map(({ count }) => count),
    [6],
  )
  collector.read(netflow9(HEADER, sets))
  assert.equal(collector.batches[0]?.form, collector.batches[1]?.form)
})

test('a batch that is half full is closed when other fields come', () => {
  const collector = new Collector()
  const rows = Array.from({ length: 250 }, (_, index) => ['10.0.0.1', index])
  collector.read(netflow9(HEADER, [FLOW, BARE, data(FLOW, rows), data(BARE, [[7]]), data(FLOW, rows)]))
  assert.deepEqual(
    collector.batches.map(({ count }) => count),
    [250, 251],
  )
})

test('a batch holds 500 records; a large data set is several', () => {
  const collector = new Collector()
  const rows = Array.from({ length: 1203 }, (_, index) => ['10.0.0.1', index])
  const records = collector.feed(ipfix(HEADER, [FLOW, data(FLOW, rows)]))
  assert.equal(records.length, 1000)
  assert.deepEqual(
    [...records, ...collector.flush()].map(record => record.packets),
    rows.map(([, packets]) => packets),
  )
  assert.deepEqual(
    collector.batches.map(({ count }) => count),
    [500, 500, 203],
  )
})

test('templates survive a restart by way of a store', () => {
  const before = new Collector()
  const options = optionsTemplate(300, [[149, 4]], [[34, 4]])
  before.read(netflow9({ ...HEADER, sourceId: 3 }, [FLOW]))
  before.read(ipfix({ ...HEADER, observationDomain: 4_000_000_000 }, [options, template(301, [[1, 4, 32473]])]))
  const stored = JSON.parse(JSON.stringify(before.decoder.exportTemplates()))
  const after = new Collector()
  assert.equal(after.decoder.importTemplates(stored), 3)
  assert.deepEqual(JSON.parse(JSON.stringify(after.decoder.exportTemplates())), stored)
  assert.equal(after.read(netflow9({ ...HEADER, sourceId: 3 }, [data(FLOW, [['10.0.0.1', 1]])])).length, 1)
  after.read(ipfix({ ...HEADER, observationDomain: 4_000_000_000 }, [data(options, [[1, 100]])]))
  assert.equal(after.reading('exporter_sets_without_template'), 0)
})

test('a template store that is none is a problem', () => {
  const entry = { exporter: '192.0.2.1', version: 9, domain: 0, options: false, octets: '01000001' }
  const bad = [null, [], {}, { version: 1 }, { version: 2, templates: [] }, { version: 1, templates: {} }]
  const entries = [1, { ...entry, version: 5 }, { ...entry, octets: 'xx' }, entry, { ...entry, octets: '01000000' }]
  for (const stored of [...bad, ...entries.map(one => ({ version: 1, templates: [one] }))]) {
    assert.ok(isProblem(new Collector().decoder.importTemplates(stored)), JSON.stringify(stored))
  }
})

test('exporters are bounded: no new ones while the known are heard, room is made for them when some were silent', () => {
  const collector = new Collector()
  const message = netflow9(HEADER, [FLOW, data(FLOW, [['10.0.0.1', 1]])])
  const from = (index: number) => ({ ...EXPORTER, address: `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}` })
  for (let index = 0; index < EXPORTERS; index++) collector.feed(message, from(index))
  collector.flush()
  assert.equal(collector.read(message, from(EXPORTERS)).length, 0)
  assert.equal(collector.counts.get('lost/too-many-exporters'), 1)
  const later = ARRIVAL_US + 3_600_000_000
  collector.read(message, from(0), later)
  assert.equal(collector.read(message, from(EXPORTERS), later).length, 1)
  assert.equal(collector.reading('flow_exporters'), 2)
})
