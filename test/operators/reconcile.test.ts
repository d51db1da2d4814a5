import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type NetRecord, recordBatch, type Stream } from '../../src/contract/record.ts'
import type { CounterMap } from '../../src/maps/counter-map.ts'
import { parseCounterMap } from '../../src/maps/counter-map.ts'
import { InterfaceNames, parseInterfaceNames } from '../../src/maps/interface-names.ts'
import { RECONCILE_DEFAULTS, type ReconcileOptions, reconcile } from '../../src/operators/reconcile.ts'
import { recordsOf, streamOf, TestHost } from '../support/test-host.ts'
import { counters, EXPORTER, flows, START, TRAFFIC, together } from './reconcile/traffic.ts'

async function run(records: readonly NetRecord[], options: Partial<ReconcileOptions> = {}, size = 50) {
  const host = new TestHost()
  const out = await recordsOf(reconcile(streamOf(records, size), { ...RECONCILE_DEFAULTS, ...options }, host))
  return { out, host }
}
const of = (out: readonly NetRecord[], kind: string) => out.filter(record => record.kind === kind)
const sum = (records: readonly NetRecord[], name: string) =>
  records.reduce((total, record) => total + Number(record[name] ?? 0), 0)

test('windows add up to the total, whatever the batches', async () => {
  const records = together(counters(TRAFFIC), flows(TRAFFIC))
  const first = await run(records, { windowMs: 60_000, lateMs: 30_000 }, 1)
  for (const size of [7, 500]) {
    const { out } = await run(records, { windowMs: 60_000, lateMs: 30_000 }, size)
    assert.deepEqual(out, first.out)
  }
  const windows = of(first.out, 'window').filter(record => record.iface === 5)
  const [total] = of(first.out, 'total').filter(record => record.iface === 5) as [NetRecord]
  assert.equal(windows.length, 10)
  for (const name of ['bytes', 'packets', 'counter_bytes', 'counter_packets', 'seconds', 'flows'])
    assert.equal(sum(windows, name), total[name], name)
  assert.deepEqual([total.bytes, total.counter_bytes], [420_000_000, 420_000_000])
})

test('counters of a side stream are the same as counters among the flows', async () => {
  const records = together(counters(TRAFFIC), flows(TRAFFIC))
  const options = { windowMs: 60_000, lateMs: 30_000 }
  const together_ = await run(records, options)
  const aside = await run(flows(TRAFFIC), { ...options, counters: [streamOf(counters(TRAFFIC), 3)] })
  assert.deepEqual(aside.out, together_.out)
})

test('a live side that never ends is not waited for', { timeout: 30_000 }, async () => {
  async function* endless(): Stream {
    for (const record of counters(TRAFFIC)) yield recordBatch([record], Number(record.timestamp_arrival) * 1000)
    await new Promise(() => {})
  }
  const { out } = await run(flows(TRAFFIC), { counters: [endless()], isLive: () => true })
  assert.equal(of(out, 'total').length, 2)
})

test('records add up: in + created = out + dropped + merged', async () => {
  const odd: NetRecord[] = [
    { timestamp_arrival: START, iface_in: 5, bytes: 1, packets: 1 },
    { timestamp_arrival: START, peer_ip_src: EXPORTER, bytes: 1, packets: 1 },
    { timestamp_arrival: START, peer_ip_src: EXPORTER, iface_in: 0, iface_out: 0, bytes: 1, packets: 1 },
    { peer_ip_src: EXPORTER, iface_in: 5, bytes: 1, packets: 1 },
    { timestamp_arrival: START, timestamp_end: START + 1e6, peer_ip_src: EXPORTER, iface_in: 5, bytes: 1, packets: 1 },
    { timestamp_arrival: START, peer_ip_src: EXPORTER, event_type: 'log' },
    { timestamp_arrival: START, peer_ip_src: EXPORTER, iface_in: 0x3fffffff, bytes: 1, packets: 1 },
    { timestamp_arrival: START, label: 'neither' },
  ]
  const records = together(counters(TRAFFIC), odd.slice(0, 3), odd.slice(4), flows(TRAFFIC)).concat(odd.slice(3, 4))
  const { out, host } = await run(records)
  const { counters: counted } = host
  assert.deepEqual(Object.fromEntries(Object.entries(counted).filter(([name]) => name.startsWith('dropped/'))), {
    'dropped/without-exporter': 1,
    'dropped/without-interface': 3,
    'dropped/without-time': 1,
    'dropped/future': 1,
    'dropped/other-event': 1,
    'dropped/no-flow-no-counter': 1,
  })
  const dropped = sum([counted], 'dropped/without-interface') + 5
  assert.equal(counted.merged, records.length - dropped)
  assert.equal(counted.created, out.length)
})

test('no more interfaces than may be', async () => {
  const { out, host } = await run(
    together(counters(TRAFFIC), flows(TRAFFIC), flows({ ...TRAFFIC, iface: 9, outIface: 9 })),
    {
      maxInterfaces: 2,
      totalsOnly: true,
    },
  )
  assert.deepEqual(new Set(out.map(({ iface }) => iface)), new Set([5, 7]))
  assert.equal(host.counters['dropped/too-many-interfaces'], 60)
})

test('both directions of a flow of RFC 5103', async () => {
  const [one] = flows(TRAFFIC) as [NetRecord]
  const { out } = await run([{ ...one, bytes_reverse: 300, packets_reverse: 3 }], { totalsOnly: true })
  const outside = out.map(({ iface, direction, bytes_outside }) => [iface, direction, bytes_outside])
  assert.deepEqual(outside, [
    [5, 'in', 6_999_300],
    [5, 'out', 300],
    [7, 'in', 300],
    [7, 'out', 6_999_300],
  ])
})

test('sums of bins are spread over their bin', async () => {
  const bins = [0, 300].map(at => ({
    stamp_inserted: START + at,
    stamp_updated: START + at + 301,
    peer_ip_src: EXPORTER,
    iface_in: 5,
    packets: 300_000,
    bytes: 210_000_000,
  }))
  const { out } = await run(together(counters(TRAFFIC)).concat(bins), { totalsOnly: true })
  assert.deepEqual([out[0]?.ratio, out[0]?.seconds, out[0]?.cause], [1, 600, 'agrees'])
})

test('names and nodes of a map, counters of another model', async () => {
  const text = 'counter=in_octets path=*/rx/octets key=port\ncounter=in_octets field=rx_bytes key=port'
  const counterMap = parseCounterMap(text, 'c.map') as CounterMap
  const names = parseInterfaceNames(`ifname=xe-1 ifindex=5 ip=${EXPORTER}\nnode=10.9.9.9 ip=${EXPORTER}`, 'i.map')
  assert.ok(names instanceof InterfaceNames)
  const maps = {
    counterMap: { table: counterMap, read: async () => counterMap },
    interfaceNames: { table: names, read: async () => names },
    totalsOnly: true,
  }
  const times = Array.from({ length: 31 }, (_, at) => 20 * at)
  const head = (at: number) => ({ timestamp: START + at, timestamp_arrival: START + at, telemetry_node: '10.9.9.9' })
  const leaves = times.map(at => ({
    ...head(at),
    name: '/acme:ports/port/rx/octets',
    port: 'xe-1',
    value: 700_000 * at,
  }))
  const members = times.map(at => ({ ...head(at), port: 'xe-1', rx_bytes: 700_000 * at }))
  for (const records of [leaves, members]) {
    const { out } = await run(together(records, flows(TRAFFIC)), maps)
    const [first] = out
    assert.deepEqual([first?.iface, first?.iface_name, first?.cause], [5, 'xe-1', 'agrees'])
  }
})
