import assert from 'node:assert/strict'
import { test } from 'node:test'
import { data, type Field, ipfix, netflow9, optionsTemplate, type Row, template } from '../../support/flow-writer.ts'
import { Collector, EXPORT_TIME_S, EXPORTER, pick } from './collector.ts'

const HEADER = { exportTime: EXPORT_TIME_S, sysUptimeMs: 1000 }
const SYSTEM: Field = [1, 4]
const teach = (collector: Collector, scopes: readonly Field[], fields: readonly Field[], ...rows: Row[]) => {
  const of = optionsTemplate(400, scopes, fields)
  return collector.read(netflow9(HEADER, [of, data(of, rows)]))
}
const flow = (collector: Collector, fields: readonly Field[], ...rows: Row[]) => {
  const of = template(500, fields)
  return collector.read(netflow9(HEADER, [of, data(of, rows)]))
}
const rate = (collector: Collector, fields: readonly Field[], row: Row) => {
  const [record] = flow(collector, fields, row)
  return [record?.sampling_rate, record?.sampling_source]
}
const SAMPLER: readonly Field[] = [
  [48, 1],
  [49, 1],
  [50, 4],
]

test('a sampler in options gives the rate of the records that name it', () => {
  const collector = new Collector()
  teach(collector, [SYSTEM], SAMPLER, [0, 1, 2, 100], [0, 2, 2, 200])
  assert.deepEqual(rate(collector, [[48, 2]], [2]), [200, 'sampler'])
  assert.deepEqual(rate(collector, [[48, 2]], [1]), [100, 'sampler'])
})

test('selectors (PSAMP): 302 with 305 and 306, or 309 and 310', () => {
  const collector = new Collector()
  const of = optionsTemplate(
    400,
    [[302, 8]],
    [
      [304, 2],
      [305, 4],
      [306, 4],
    ],
  )
  const random = optionsTemplate(
    401,
    [[302, 8]],
    [
      [309, 4],
      [310, 4],
    ],
  )
  const flows = template(500, [[302, 8]])
  const sets = [of, data(of, [[7, 1, 1, 999]]), random, data(random, [[8, 2, 10]]), flows, data(flows, [[7], [8]])]
  assert.deepEqual(
    new Collector().read(ipfix(HEADER, sets)).map(record => record.sampling_rate),
    [1000, 5],
  )
  assert.deepEqual(collector.codes(), [])
})

test('where a rate comes from: map, sampler, record, options, header, static', () => {
  const map = (exporter: string, into: number) => (exporter === '192.0.2.1' && into === 9 ? 7 : undefined)
  const collector = new Collector({ samplingMap: map, staticSamplingRate: 3 })
  const fields: readonly Field[] = [
    [48, 1],
    [34, 4],
    [10, 2],
  ]
  assert.deepEqual(rate(collector, [[2, 4]], [1]), [3, 'static'])
  teach(collector, [SYSTEM], [[34, 4]], [0, 50])
  assert.deepEqual(rate(collector, [[2, 4]], [1]), [50, 'options'])
  assert.deepEqual(rate(collector, fields, [5, 60, 1]), [60, 'record'])
  assert.deepEqual(rate(collector, fields, [5, 0, 1]), [50, 'options'])
  teach(collector, [SYSTEM], SAMPLER, [0, 5, 2, 100])
  assert.deepEqual(rate(collector, fields, [5, 60, 1]), [100, 'sampler'])
  assert.deepEqual(rate(collector, fields, [5, 60, 9]), [7, 'map'])
})

test('without a word about sampling there is no rate', () => {
  assert.deepEqual(rate(new Collector(), [[2, 4]], [1]), [undefined, undefined])
  assert.deepEqual(rate(new Collector(), [[48, 1]], [1]), [undefined, undefined])
})

test('records that name no sampler take the rate without an id, then that of sampler 0, then the last one', () => {
  const collector = new Collector()
  const ask = () => rate(collector, [[2, 4]], [1])[0]
  teach(collector, [SYSTEM], SAMPLER, [0, 1, 2, 100], [0, 2, 2, 200])
  assert.equal(ask(), 200)
  teach(collector, [SYSTEM], SAMPLER, [0, 0, 2, 300], [0, 3, 2, 400])
  assert.equal(ask(), 300)
  teach(collector, [SYSTEM], [[34, 4]], [0, 500])
  assert.equal(ask(), 500)
})

test('the rate of a template by its scope', () => {
  const collector = new Collector()
  teach(collector, [[5, 2]], [[34, 4]], [500, 64])
  assert.deepEqual(rate(collector, [[2, 4]], [1]), [64, 'options'])
})

test('a domain asks its own options first, then those of the exporter, never those of another exporter', () => {
  const collector = new Collector()
  const of = optionsTemplate(400, [SYSTEM], [[34, 4]])
  const flows = template(500, [[2, 4]])
  const options = (sourceId: number, interval: number) =>
    collector.read(netflow9({ ...HEADER, sourceId }, [of, data(of, [[0, interval]])]))
  const ask = (sourceId: number, exporter = EXPORTER) =>
    collector.read(netflow9({ ...HEADER, sourceId }, [flows, data(flows, [[1]])]), exporter)[0]?.sampling_rate
  options(1, 10)
  options(2, 20)
  assert.deepEqual([ask(1), ask(2), ask(3)], [10, 20, 20])
  assert.equal(ask(1, { ...EXPORTER, address: '192.0.2.9' }), undefined)
})

test('renormalised counters: times the rate, then the rate is 1; what is not known is left alone and counted', () => {
  const collector = new Collector({ renormalize: true })
  const fields: readonly Field[] = [
    [34, 4],
    [2, 8],
    [1, 8],
    [299, 4],
  ]
  const records = flow(
    collector,
    fields,
    [100, 3, 4000, 2],
    [0, 3, 4000, 2],
    [1, 3, 4000, 0],
    [1000, 2n ** 63n, 2n ** 52n, 1],
  )
  assert.deepEqual(
    records.map(record => [record.packets, record.bytes, record.packets_reverse, record.sampling_rate]),
    [
      [300, 400_000, 200, 1],
      [3, 4000, 2, undefined],
      [3, 4000, 0, 1],
      [2n ** 63n * 1000n, 2n ** 52n * 1000n, 1000, 1],
    ],
  )
  assert.equal(collector.counts.get('renormalize/unknown-rate'), 1)
})

test('interface names by ifIndex, from the scope or an element', () => {
  const collector = new Collector()
  teach(collector, [[2, 4]], [[82, 16]], [3, 'Gi0/3'])
  teach(
    collector,
    [SYSTEM],
    [
      [10, 4],
      [83, 16],
    ],
    [0, 4, 'uplink'],
  )
  const names = flow(
    collector,
    [
      [10, 2],
      [14, 2],
    ],
    [3, 4],
    [4, 5],
  ).map(record => pick(record, 'iface_name_in', 'iface_name_out'))
  assert.deepEqual(names, [{ iface_name_in: 'Gi0/3', iface_name_out: 'uplink' }, { iface_name_in: 'uplink' }])
})

test('application names by id; the id is engine:selector', () => {
  const collector = new Collector()
  const id = Buffer.from('03000050', 'hex')
  assert.deepEqual(pick(flow(collector, [[95, 4]], [id])[0], 'application_id', 'class'), { application_id: '3:80' })
  teach(
    collector,
    [SYSTEM],
    [
      [95, 4],
      [96, 24],
    ],
    [0, id, 'http'],
  )
  assert.deepEqual(pick(flow(collector, [[95, 4]], [id])[0], 'application_id', 'class'), {
    application_id: '3:80',
    class: 'http',
  })
  assert.equal(flow(collector, [[96, 8]], ['dns'])[0]?.class, 'dns')
})

const VRF: readonly Field[] = [
  [234, 4],
  [236, 8],
  [90, 8],
]
const rd = (hex: string) => Buffer.from(hex, 'hex')
const RD_FIELDS: readonly Field[] = [
  [234, 4],
  [235, 4],
  [61, 1],
]
const VRF_NAMES = ['mpls_vpn_rd', 'mpls_vpn_rd_origin', 'vrf_name', 'ingress_vrf_name', 'egress_vrf_name']

test('VRFs: names and RDs by id; the ingress first, the other where the RD stands for the global table', () => {
  const collector = new Collector()
  teach(
    collector,
    [SYSTEM],
    VRF,
    [0, 1, 'default', rd('0000000000000000')],
    [0, 2, 'blue', rd('0000fe0000000069')],
    [0, 3, 'red', rd('0001c00002010001')],
    [0, 4, 'green', rd('0002fa56ea000007')],
  )
  const ask = (...row: number[]) => Object.values(pick(flow(collector, RD_FIELDS, row)[0], ...VRF_NAMES))
  assert.deepEqual(ask(2, 3, 0), ['0:65024:105', 'flow', 'blue', 'blue', 'red'])
  assert.deepEqual(ask(2, 3, 1), ['1:192.0.2.1:1', 'flow', 'red', 'blue', 'red'])
  assert.deepEqual(ask(1, 4, 0), ['2:4200000000:7', 'flow', 'green', 'default', 'green'])
  assert.deepEqual(ask(1, 0, 0), ['0:0:0', 'flow', 'default', 'default'])
  assert.deepEqual(ask(9, 8, 0), ['vrfid:9', 'flow'])
  assert.deepEqual(ask(0, 8, 0), ['vrfid:8', 'flow'])
  assert.deepEqual(ask(0, 0, 0), [])
})

test('an RD in the record goes before that of its VRF', () => {
  const fields: readonly Field[] = [
    [90, 8],
    [234, 4],
  ]
  const records = flow(new Collector(), fields, [rd('0000fe0000000069'), 5], [rd('0000000000000000'), 5])
  assert.deepEqual(
    records.map(record => record.mpls_vpn_rd),
    ['0:65024:105', 'vrfid:5'],
  )
})

test('the address that the exporter gives itself in options', () => {
  const address: readonly Field[] = [[130, 4]]
  for (const [ignoreExporterAddress, peer] of [
    [false, '198.51.100.7'],
    [true, '192.0.2.1'],
  ] as const) {
    const collector = new Collector({ ignoreExporterAddress })
    teach(collector, [SYSTEM], address, [0, '198.51.100.7'])
    assert.equal(flow(collector, [[2, 4]], [1])[0]?.peer_ip_src, peer)
  }
})

test('the start of the exporter in options makes sysUptime of IPFIX a time', () => {
  const of = optionsTemplate(400, [[149, 4]], [[160, 8]])
  const flows = template(500, [[22, 4]])
  const sets = [of, data(of, [[0, (EXPORT_TIME_S - 10) * 1000]]), flows, data(flows, [[4000]])]
  assert.equal(new Collector().read(ipfix(HEADER, sets))[0]?.timestamp_start, EXPORT_TIME_S - 6)
})

test('options records are records only when that is wanted', () => {
  assert.deepEqual(teach(new Collector(), [SYSTEM], SAMPLER, [0, 1, 2, 100]), [])
  const [record] = teach(new Collector({ accountOptions: true, unknown: true }), [SYSTEM], SAMPLER, [0, 1, 2, 100])
  assert.deepEqual(pick(record, 'event_type', 'flows', 'packets', 'sampling_rate', 'unknown'), {
    event_type: 'option',
    unknown: { 'scope/1': '00000000', '0/48': '01', '0/49': '02', '0/50': '00000064' },
  })
})
