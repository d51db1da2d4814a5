import assert from 'node:assert/strict'
import { test } from 'node:test'
import { DOMAINS_PER_EXPORTER, FIELDS_PER_TEMPLATE, TEMPLATES_PER_EXPORTER } from '../../../src/wire/flow/limits.ts'
import { data, ipfix, netflow9, rawSet, template, VARIABLE_LENGTH, withdrawal } from '../../support/flow-writer.ts'
import { Collector, EXPORT_TIME_S, EXPORTER, pick } from './collector.ts'

const HEADER = { exportTime: EXPORT_TIME_S, sysUptimeMs: 1000 }
const FLOW = template(256, [
  [8, 4],
  [2, 4],
])
const ROW = ['10.0.0.1', 5]

test('templates are of one exporter and one domain', () => {
  const collector = new Collector()
  collector.read(ipfix({ ...HEADER, observationDomain: 1 }, [FLOW]))
  const rows = ipfix({ ...HEADER, observationDomain: 1 }, [data(FLOW, [ROW])])
  assert.equal(collector.read(rows).length, 1)
  assert.equal(collector.read(rows, { ...EXPORTER, address: '192.0.2.2' }).length, 0)
  assert.equal(collector.read(ipfix({ ...HEADER, observationDomain: 2 }, [data(FLOW, [ROW])])).length, 0)
  assert.equal(collector.reading('exporter_sets_without_template'), 1)
})

test('the source port of an exporter may change, v9 and IPFIX of one exporter do not mix', () => {
  const collector = new Collector()
  collector.read(ipfix({ ...HEADER, observationDomain: 1 }, [FLOW]))
  const rows = ipfix({ ...HEADER, observationDomain: 1 }, [data(FLOW, [ROW])])
  assert.equal(collector.read(rows, { ...EXPORTER, port: 1 }).length, 1)
  assert.equal(collector.read(netflow9({ ...HEADER, sourceId: 1 }, [data(FLOW, [ROW])])).length, 0)
})

test('a template of a TCP session is known in that session only, and gone with it', () => {
  const collector = new Collector()
  const [one, two] = [{}, {}]
  const message = ipfix(HEADER, [FLOW, data(FLOW, [ROW])])
  const rows = ipfix(HEADER, [data(FLOW, [ROW])])
  assert.equal(collector.read(message, EXPORTER, 1, one).length, 1)
  assert.equal(collector.read(rows, EXPORTER, 1, one).length, 1)
  assert.equal(collector.read(rows, EXPORTER, 1, two).length, 0)
  assert.equal(collector.read(rows).length, 0)
  collector.decoder.end(one)
  assert.equal(collector.read(rows, EXPORTER, 1, one).length, 0)
  assert.equal(collector.counts.get('lost/no-template') ?? 0, 0)
  collector.decoder.end(two)
  assert.equal(collector.counts.get('lost/no-template'), 1)
})

test('a refresh changes nothing, a change is taken at once', () => {
  const collector = new Collector()
  collector.read(netflow9(HEADER, [FLOW, data(FLOW, [ROW])]))
  collector.read(netflow9(HEADER, [FLOW, data(FLOW, [ROW])]))
  assert.deepEqual(collector.counts.get('templates-changed'), undefined)
  const changed = template(256, [
    [2, 4],
    [8, 4],
  ])
  const [record] = collector.read(netflow9(HEADER, [changed, data(changed, [[5, '10.0.0.1']])]))
  assert.deepEqual(pick(record, 'ip_src', 'packets'), { ip_src: '10.0.0.1', packets: 5 })
  assert.deepEqual(collector.counts.get('templates-changed'), 1)
})

test('IPFIX withdraws one template, or all of a kind', () => {
  const other = template(257, [[12, 4]])
  const collector = new Collector()
  const rows = (of: typeof FLOW, row: (string | number)[]) => collector.read(ipfix(HEADER, [data(of, [row])])).length
  collector.read(ipfix(HEADER, [FLOW, other]))
  collector.read(ipfix(HEADER, [withdrawal(256)]))
  assert.equal(rows(FLOW, ROW), 0)
  assert.equal(rows(other, ['10.0.0.2']), 1)
  collector.read(ipfix(HEADER, [withdrawal(2)]))
  assert.equal(rows(other, ['10.0.0.2']), 0)
  assert.equal(collector.counts.get('templates-withdrawn'), 2)
})

test('the template refreshed longest ago makes room when there are too many', () => {
  const collector = new Collector()
  for (let id = 256; id < 256 + TEMPLATES_PER_EXPORTER; id++) {
    collector.read(netflow9(HEADER, [template(id, [[8, 4]])]))
  }
  collector.read(netflow9(HEADER, [template(256, [[8, 4]])]))
  collector.read(netflow9(HEADER, [template(60_000, [[8, 4]])]))
  assert.equal(collector.counts.get('templates-evicted'), 1)
  const known = (id: number) => collector.read(netflow9(HEADER, [data(template(id, [[8, 4]]), [['10.0.0.1']])])).length
  assert.deepEqual([known(256), known(257), known(258), known(60_000)], [1, 0, 1, 1])
})

const REFUSED: readonly (readonly [name: string, body: string, code: string])[] = [
  ['no fields', '0100 0000', 'flow/template-empty'],
  ['only fields without octets', '0100 0002 0008 0000 000c 0000', 'flow/template-empty'],
  ['more fields than octets', '0100 ffff 0008 0004', 'flow/template-truncated'],
  ['an id below 256', '00ff 0001 0008 0004', 'flow/template-id'],
]
for (const [name, hex, code] of REFUSED) {
  test(`a v9 template with ${name} is refused, the rest of the message is read`, () => {
    const collector = new Collector()
    const bad = rawSet(0, Buffer.from(hex.replaceAll(' ', ''), 'hex'))
    assert.equal(collector.read(netflow9(HEADER, [bad, FLOW, data(FLOW, [ROW])])).length, 1)
    assert.deepEqual(collector.codes(), [code])
  })
}

test('a template with too many fields is refused', () => {
  const collector = new Collector()
  const fields = Array.from({ length: FIELDS_PER_TEMPLATE + 1 }, () => [210, 1] as const)
  collector.read(ipfix(HEADER, [template(256, fields)]))
  assert.deepEqual(collector.codes(), ['flow/template-too-large'])
})

test('a field without octets is a field without a value', () => {
  const of = template(256, [
    [8, 4],
    [82, 0],
    [16, 0],
    [2, 4],
  ])
  const [record] = new Collector().read(netflow9(HEADER, [of, rawSet(256, Buffer.from('0a00000100000005', 'hex'))]))
  assert.deepEqual(pick(record, 'ip_src', 'as_src', 'packets'), { ip_src: '10.0.0.1', packets: 5 })
})

test('sets that lie about their length', () => {
  const collector = new Collector()
  const rows = Buffer.from('0a00000100000005'.repeat(2), 'hex')
  collector.read(netflow9(HEADER, [FLOW]))
  assert.equal(collector.read(netflow9(HEADER, [rawSet(256, rows, { length: 3 })])).length, 0)
  assert.equal(collector.read(netflow9(HEADER, [rawSet(256, rows, { length: 60 })])).length, 2)
  assert.equal(collector.read(netflow9(HEADER, [rawSet(5, rows)])).length, 0)
  assert.equal(collector.read(netflow9(HEADER, [rawSet(0, Buffer.alloc(0), { length: 0 })])).length, 0)
  assert.deepEqual(collector.codes(), ['flow/set-length', 'flow/set-truncated', 'flow/set-id'])
})

test('padding of any length below a record is no record', () => {
  const collector = new Collector()
  collector.read(ipfix(HEADER, [FLOW]))
  for (const padding of [0, 1, 3, 7]) {
    assert.equal(collector.read(ipfix(HEADER, [data(FLOW, [ROW, ROW], padding), data(FLOW, [ROW])])).length, 3)
  }
  assert.deepEqual(collector.codes(), [])
})

const NAMED = template(300, [
  [8, 4],
  [371, VARIABLE_LENGTH],
  [2, 4],
  [1, VARIABLE_LENGTH],
  [7, 2],
])

const raw = (text: string) => Buffer.from(text, 'hex')

test('--strict-padding: a set with something else than zeros behind its last record is dropped', () => {
  const collector = new Collector({ strictPadding: true })
  collector.read(ipfix({ ...HEADER, sequence: 0 }, [FLOW, NAMED]))
  const one = '0a00000100000005'
  const sets: readonly [id: number, body: string, records: number][] = [
    [256, one, 1],
    [256, `${one}${one}`, 2],
    [256, `${one}0000000000`, 1],
    [256, `${one}00000001`, 0],
    [256, `${one}01000000`, 0],
    [300, '0a000001016100000005000035', 1],
    [300, '0a0000010161000000050000350000', 1],
    [300, '0a0000010161000000050000350100', 0],
  ]
  for (const [id, body, records] of sets) {
    assert.equal(collector.read(ipfix({ ...HEADER, sequence: 0 }, [rawSet(id, raw(body))])).length, records, body)
  }
  assert.deepEqual(collector.codes(), ['flow/padding', 'flow/padding', 'flow/padding'])
  assert.equal(collector.counts.get('lost/padding'), 3)
  assert.equal(collector.reading('exporter_malformed'), 3)
  assert.equal(new Collector().read(ipfix(HEADER, [FLOW, rawSet(256, raw(`${one}00000001`))])).length, 1, 'without it')
})

test('--strict-padding: many records, and sets that waited for their template', () => {
  const collector = new Collector({ strictPadding: true })
  const many = '0a00000100000005'.repeat(1000)
  for (const padding of ['00', '01']) collector.read(netflow9(HEADER, [rawSet(256, raw(`${many}${padding}`))]))
  assert.equal(collector.read(netflow9(HEADER, [FLOW])).length, 1000)
  assert.deepEqual(collector.codes(), ['flow/padding'])
})

test('--strict-padding: the records of a set that was dropped are not missed by the sequence number', () => {
  const collector = new Collector({ strictPadding: true })
  collector.read(ipfix({ ...HEADER, sequence: 0 }, [FLOW, data(FLOW, [ROW])]))
  collector.read(ipfix({ ...HEADER, sequence: 1 }, [rawSet(256, raw('0a0000010000000501'))]))
  collector.read(ipfix({ ...HEADER, sequence: 2 }, [data(FLOW, [ROW])]))
  assert.equal(collector.reading('exporter_sequence_lost'), 0)
})

test('octets behind the length of an IPFIX message are not part of it', () => {
  const collector = new Collector()
  collector.read(ipfix(HEADER, [FLOW]))
  const message = ipfix(HEADER, [data(FLOW, [ROW])])
  assert.equal(collector.read(Buffer.concat([message, message.subarray(16)])).length, 1)
})

const octets = (...values: number[]) => Uint8Array.from(values)

test('variable-length fields, short and long form, and fields behind them', () => {
  const long = 'x'.repeat(300)
  const records = new Collector().read(
    ipfix(HEADER, [
      NAMED,
      data(NAMED, [
        ['10.0.0.1', 'alice', 1, octets(1, 0), 80],
        ['10.0.0.2', long, 2, octets(7), 81],
        ['10.0.0.3', '', 3, octets(), 82],
      ]),
    ]),
  )
  assert.deepEqual(
    records.map(record => pick(record, 'ip_src', 'username', 'packets', 'bytes', 'port_src')),
    [
      { ip_src: '10.0.0.1', username: 'alice', packets: 1, bytes: 256, port_src: 80 },
      { ip_src: '10.0.0.2', username: long, packets: 2, bytes: 7, port_src: 81 },
      { ip_src: '10.0.0.3', packets: 3, port_src: 82 },
    ],
  )
})

test('a variable-length record that reaches beyond its set ends the set', () => {
  const collector = new Collector()
  const good = Buffer.from('0a000001 00 00000001 0107 0050'.replaceAll(' ', ''), 'hex')
  const bad = Buffer.from('0a000002 fe 00000001 0107 0050'.replaceAll(' ', ''), 'hex')
  const sets = [NAMED, rawSet(300, Buffer.concat([good, bad, good])), data(NAMED, [['10.0.0.4', '', 1, octets(), 0]])]
  const sources = collector.read(ipfix(HEADER, sets)).map(record => record.ip_src)
  assert.deepEqual(sources, ['10.0.0.1', '10.0.0.4'])
  assert.deepEqual(collector.codes(), ['flow/record-truncated'])
})

test('domains are bounded: the one silent for longest goes, with its templates', () => {
  const collector = new Collector()
  const message = (sourceId: number) => netflow9({ ...HEADER, sourceId }, [FLOW, data(FLOW, [ROW])])
  for (let id = 0; id <= DOMAINS_PER_EXPORTER; id++) collector.read(message(id), EXPORTER, 1e15 + id)
  assert.equal(collector.counts.get('domains-evicted'), 1)
  const rows = (sourceId: number) =>
    collector.read(netflow9({ ...HEADER, sourceId }, [data(FLOW, [ROW])]), EXPORTER, 2e15)
  assert.equal(rows(1).length, 1)
  assert.equal(rows(0).length, 0)
})
