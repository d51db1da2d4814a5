// Templates and options: when they are sent, how large messages are, and which fields can be said.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import type { NetRecord } from '../../../src/contract/record.ts'
import { allFields } from '../../../src/fields/dictionary.ts'
import { REPOSITORY } from '../../support/cli.ts'
import { Exporter, NOW_MS } from '../../support/flow-exporter.ts'
import { Collector } from './collector.ts'

const row = (port: number): NetRecord => ({ ip_src: '192.0.2.1', port_src: port, packets: 1 })
const rows = (count: number): NetRecord[] => Array.from({ length: count }, (_, index) => row(index))

/** Ids of the sets of a message. */
function sets(message: Uint8Array, header = 16): number[] {
  const view = new DataView(message.buffer, message.byteOffset, message.length)
  const ids: number[] = []
  for (let at = header; at + 4 <= message.length; at += view.getUint16(at + 2)) ids.push(view.getUint16(at))
  return ids
}
const hasTemplate = (message: Uint8Array | undefined): boolean => message !== undefined && sets(message).includes(2)

test('a template is sent again after a time, by the clock of the records', () => {
  const exporter = new Exporter('ipfix', { refreshMs: 60_000, refreshMessages: 1e9 })
  const sent = [0, 59_999, 60_000, 119_999, 120_000].map(after => {
    exporter.send([row(1)], NOW_MS + after)
    return hasTemplate(exporter.take()[0])
  })
  assert.deepEqual(sent, [true, false, true, false, true])
})

test('and after so many messages', () => {
  const exporter = new Exporter('ipfix', { refreshMs: Number.POSITIVE_INFINITY, refreshMessages: 3 })
  const sent = Array.from({ length: 7 }, () => hasTemplate(exporter.send([row(1)]).take()[0]))
  assert.deepEqual(sent, [true, false, false, true, false, false, true])
})

test('options come again with the templates, new ones at once', () => {
  const exporter = new Exporter('ipfix', { refreshMessages: 3, samplers: true })
  const options = [100, 100, 200, 200, 100].map(sampling_rate => {
    const [message] = exporter.send([{ ...row(1), sampling_rate }]).take()
    const collector = new Collector({ optionsRecords: true } as object)
    collector.read(message as Uint8Array)
    return sets(message as Uint8Array).includes(3)
  })
  // A record of options may come without its template, which the collector has.
  assert.deepEqual(options, [true, false, false, true, false])
  const collector = new Collector()
  const whole = new Exporter('ipfix', { samplers: true }).send(
    [100, 200, 100].map(rate => ({ ...row(1), sampling_rate: rate })),
  )
  const read = whole.messages.flatMap(message => collector.read(message))
  assert.deepEqual(
    read.map(({ sampling_rate, sampling_source }) => [sampling_rate, sampling_source]),
    [100, 200, 100].map(rate => [rate, 'sampler']),
  )
})

for (const version of ['netflow5', 'netflow9', 'ipfix'] as const) {
  test(`${version}: messages are no longer than asked for, and full; nothing is lost in their gaps`, () => {
    for (const messageOctets of [512, 576, 1452, 4000]) {
      const exporter = new Exporter(version, { messageOctets }).send(rows(500))
      const largest = Math.max(...exporter.messages.map(({ length }) => length))
      assert.ok(largest <= messageOctets && (version === 'netflow5' || largest > messageOctets - 40), `${largest}`)
      const collector = new Collector()
      const back = exporter.messages.flatMap(message => collector.read(message))
      assert.deepEqual(
        back.map(({ port_src }) => port_src),
        rows(500).map(({ port_src }) => port_src),
      )
      for (const { name, value } of collector.decoder.readings()) {
        if (name.startsWith('exporter_sequence') || name === 'exporter_malformed') assert.equal(value, 0, name)
      }
    }
  })
}

test('a record that no message holds is dropped, the others go', () => {
  const exporter = new Exporter('ipfix', { messageOctets: 512 }).send([
    row(1),
    { ...row(2), username: 'x'.repeat(600) },
    row(3),
  ])
  assert.deepEqual([exporter.dropped, exporter.records], [{ 'larger-than-message': 1 }, 2])
})

test('statistics say what was exported before', () => {
  const exporter = new Exporter('ipfix', { statistics: true, refreshMessages: 2 })
  const messages = Array.from({ length: 3 }, () => exporter.send(rows(5)).take()[0] as Uint8Array)
  const collector = new Collector({ options: true } as object)
  const read = messages.flatMap(message => collector.read(message))
  assert.equal(read.filter(({ packets }) => packets === 1).length, 15)
  const octets = messages[2] as Uint8Array
  const view = new DataView(octets.buffer, octets.byteOffset)
  // The options record: domain, octets, messages, records so far.
  const said = Array.from({ length: octets.length - 28 }, (_, at) => at).some(
    at =>
      view.getBigUint64(at + 4) === BigInt((messages[0]?.length ?? 0) + (messages[1]?.length ?? 0)) &&
      view.getBigUint64(at + 12) === 2n &&
      view.getBigUint64(at + 20) === 10n,
  )
  assert.ok(said)
})

test('records that are no flows are dropped', () => {
  const exporter = new Exporter('ipfix').send([
    { event_type: 'counters', peer_ip_src: '192.0.2.1' },
    { ...row(1), event_type: 'purge' },
  ])
  assert.deepEqual([exporter.dropped, exporter.records], [{ 'not-a-flow': 1 }, 1])
})

test('what cannot be said of a field leaves no zero behind', () => {
  const exporter = new Exporter('netflow9').send([
    { ...row(1), vlan_in: 70_000, mpls_label_stack: ['a'], as_src: 2 ** 33 },
  ])
  assert.deepEqual(exporter.left, { vlan_in: 1, mpls_label_stack: 1, as_src: 1 })
  const [back] = new Collector().read(exporter.messages[0] as Uint8Array)
  assert.deepEqual(
    [back?.vlan_in, back?.mpls_label_stack, back?.as_src, back?.port_src],
    [undefined, undefined, undefined, 1],
  )
})

test('each field with an element is exported, or the documentation says why not', () => {
  const page = readFileSync(join(REPOSITORY, 'docs', 'sink-flow.md'), 'utf8')
  const { fields, implied } = new Exporter('ipfix').writer
  const said = new Set(fields.map(({ name }) => name))
  const missing = allFields().filter(
    ({ name, elements = [], context }) => elements.length > 0 && !said.has(name) && !implied.has(name) && !context,
  )
  for (const { name } of missing) assert.ok(page.includes(`\`${name}\``), `docs/sink-flow.md says nothing of ${name}`)
})
