import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { NetRecord } from '../../../src/contract/record.ts'
import { RECONCILE_DEFAULTS, type ReconcileOptions, reconcile } from '../../../src/operators/reconcile.ts'
import { recordsOf, streamOf, TestHost } from '../../support/test-host.ts'
import { counters, EXPORTER, flows, START, TRAFFIC, together } from './traffic.ts'

/** Totals by `interface direction`. */
async function totals(records: readonly NetRecord[], options: Partial<ReconcileOptions> = {}) {
  const host = new TestHost()
  const stream = reconcile(streamOf(records, 50), { ...RECONCILE_DEFAULTS, totalsOnly: true, ...options }, host)
  const out = await recordsOf(stream)
  return new Map(out.map(record => [`${record.iface ?? record.iface_name} ${record.direction ?? ''}`.trim(), record]))
}
const found = async (...streams: NetRecord[][]): Promise<NetRecord> =>
  (await totals(together(...streams))).get('5 in') as NetRecord

/** Some records of a stream, told by their seconds since the start. */
const only = (records: NetRecord[], keep: (at: number) => boolean) =>
  records.filter(({ timestamp_start }) => keep(Number(timestamp_start) - START))

describe('sampling', () => {
  test('one packet in 1000 is sampled, and the collector is told nothing', async () => {
    const { cause, likely_rate, ratio, confidence } = await found(counters(TRAFFIC), flows(TRAFFIC, 1 / 1000))
    assert.deepEqual([cause, likely_rate, ratio, confidence], ['sampling-rate-unknown', 1000, 0.001, 'medium'])
  })

  test('a low rate that nobody tells may be something else, too', async () => {
    const quarter = ['198.51.100.1', '2001:db8::1'].map(ip_src => flows(TRAFFIC, 1 / 8, { ip_src }))
    const { cause, likely_rate, confidence } = await found(counters(TRAFFIC), ...quarter)
    assert.deepEqual([cause, likely_rate, confidence], ['sampling-rate-unknown', 4, 'low'])
  })

  test('a wrong rate that nobody would configure is a guess', async () => {
    const busy = { ...TRAFFIC, packetsPerSecond: 100_000 }
    const both = ['198.51.100.1', '2001:db8::1'].map(ip_src => flows(busy, 1 / 2740, { ip_src, sampling_rate: 1000 }))
    const { cause, likely_rate, confidence } = await found(counters(busy), ...both)
    assert.deepEqual([cause, confidence], ['sampling-rate-wrong', 'low'])
    assert.ok(Math.abs(Number(likely_rate) - 1370) < 5)
  })

  test('a known wrong rate: records say 1000, the exporter samples one in 2000', async () => {
    const { cause, likely_rate, sampling_rate, ratio_scaled } = await found(
      counters({ ...TRAFFIC, packetsPerSecond: 100_000 }),
      flows({ ...TRAFFIC, packetsPerSecond: 100_000 }, 1 / 2000, { sampling_rate: 1000 }),
    )
    assert.deepEqual([cause, likely_rate, sampling_rate, ratio_scaled], ['sampling-rate-wrong', 2000, 1000, 0.5])
  })

  test('a known wrong rate, multiplied by already: told by what divides all packets', async () => {
    const busy = { ...TRAFFIC, packetsPerSecond: 100_000 }
    const sampled = flows(busy, 1 / 4000).map((record, at) => ({
      ...record,
      packets: Number(record.packets) + (at % 3),
    }))
    const scaled = sampled.map(record => ({
      ...record,
      packets: 1000 * Number(record.packets),
      bytes: 700_000 * Number(record.packets),
      sampling_rate: 1,
    }))
    const { cause, likely_rate } = await found(counters(busy), scaled)
    assert.deepEqual([cause, likely_rate], ['sampling-rate-wrong', 4000])
  })

  test('records carry the rate, and nobody multiplied', async () => {
    const { cause, confidence, ratio_scaled } = await found(
      counters(TRAFFIC),
      flows(TRAFFIC, 1 / 100, { sampling_rate: 100 }),
    )
    assert.deepEqual([cause, confidence, ratio_scaled], ['sampling-not-applied', 'high', 1])
  })

  test('the exporter multiplied already', async () => {
    const { cause, likely_rate } = await found(counters(TRAFFIC), flows(TRAFFIC, 1, { sampling_rate: 100 }))
    assert.deepEqual([cause, likely_rate], ['sampling-already-applied', 1])
  })

  test('applied twice: the exporter multiplied, and so did the collector', async () => {
    const whole: NetRecord[] = flows(TRAFFIC).map((record, at) => ({ ...record, packets: 10_000 + (at % 7) }))
    const twice = whole.map(record => ({
      ...record,
      packets: 64 * Number(record.packets),
      bytes: 64 * Number(record.bytes),
      sampling_rate: 1,
    }))
    const { cause, likely_rate } = await found(counters(TRAFFIC), twice)
    assert.deepEqual([cause, likely_rate], ['sampling-applied-twice', 64])
  })

  test('applied twice, and the rate still stands in the records', async () => {
    const { cause, likely_rate } = await found(counters(TRAFFIC), flows(TRAFFIC, 64, { sampling_rate: 64 }))
    assert.deepEqual([cause, likely_rate], ['sampling-applied-twice', 64])
  })

  test('too few samples say nothing', async () => {
    const sampled = only(flows(TRAFFIC, 1 / 10_000, { sampling_rate: 10_000 }), at => at < 100)
    assert.equal((await found(counters(TRAFFIC), sampled)).cause, 'too-few-samples')
  })

  test('what three interfaces show is surer', async () => {
    const busy = [5, 6, 7].map(iface => ({ iface, packetsPerSecond: 50_000, octets: 700 }))
    const all = busy.flatMap(traffic => [counters(traffic), flows(traffic, 1 / 2000, { sampling_rate: 1000 })])
    const one = await found(...all.slice(0, 2))
    const three = await found(...all)
    assert.deepEqual([one.confidence, three.confidence], ['medium', 'high'])
    assert.match(String(three.explanation), /the same on 3 interfaces$/)
  })
})

describe('what is missing or there twice', () => {
  test('nothing', async () => {
    const { cause, ratio, ratio_packets, seconds } = await found(counters(TRAFFIC), flows(TRAFFIC))
    assert.deepEqual([cause, ratio, ratio_packets, seconds], ['agrees', 1, 1, 600])
  })

  test('ingress and egress both', async () => {
    const both = ['i', 'e'].map(direction => flows(TRAFFIC, 1, { sampling_direction: direction }))
    const { cause, confidence } = await found(counters(TRAFFIC), ...both)
    assert.deepEqual([cause, confidence], ['counted-twice', 'high'])
  })

  test('twice, and the records do not say where', async () => {
    const { cause, confidence } = await found(counters(TRAFFIC), flows(TRAFFIC), flows(TRAFFIC))
    assert.deepEqual([cause, confidence], ['counted-twice', 'medium'])
  })

  test('no flows for a time', async () => {
    const cut = only(flows(TRAFFIC), at => at < 180 || at >= 330)
    const { cause, silent_seconds, explanation } = await found(counters(TRAFFIC), cut)
    assert.deepEqual([cause, silent_seconds], ['gaps', 150])
    assert.match(String(explanation), /^no flows for 150 s, from 2026-01-01T00:03:00Z on, in which 25 % of the octets/)
  })

  test('lost messages, by their sequence numbers', async () => {
    const numbered = flows(TRAFFIC).map((record, at) => ({
      ...record,
      export_proto_version: 9,
      export_proto_seqno: at,
    }))
    const kept = numbered.filter((_, at) => at % 4 !== 1)
    // Each message's flows last as long as all of them, so that no time is without any.
    const long = kept.map(record => ({ ...record, timestamp_start: START, timestamp_end: START + 600 }))
    const { cause } = await found(counters(TRAFFIC), long)
    assert.equal(cause, 'export-loss')
  })

  test('IPv6, by counters of it', async () => {
    const leaf = (at: number, name: string, value: number): NetRecord => ({
      timestamp: START + at,
      timestamp_arrival: START + at,
      telemetry_node: EXPORTER,
      name: `/openconfig-interfaces:interfaces/interface/subinterfaces/subinterface/${name}`,
      interface_name: 'et-0',
      subinterface_index: 0,
      value,
    })
    const telemetry = Array.from({ length: 31 }, (_, at) => 20 * at).flatMap(at => [
      leaf(at, 'state/ifindex', 5),
      leaf(at, 'state/counters/in-octets', 700_000 * at),
      leaf(at, 'openconfig-if-ip:ipv6/state/counters/in-octets', 210_000 * at),
    ])
    const { cause, confidence, iface_name } = await found(telemetry, flows(TRAFFIC, 0.7))
    assert.deepEqual([cause, confidence, iface_name], ['address-family-missing', 'high', 'et-0.0'])
  })

  test('perhaps IPv6: flows are IPv4 only', async () => {
    const { cause, confidence } = await found(counters(TRAFFIC), flows(TRAFFIC, 0.7))
    assert.deepEqual([cause, confidence], ['address-family-missing', 'low'])
  })

  test('both families are there: nobody knows why', async () => {
    const both = [flows(TRAFFIC, 0.3), flows(TRAFFIC, 0.4, { ip_src: '2001:db8::1' })]
    assert.equal((await found(counters(TRAFFIC), ...both)).cause, 'unexplained')
  })

  test('headers of layer 2', async () => {
    const small = { ...TRAFFIC, octets: 46 }
    const { cause, confidence, ratio } = await found(counters(small, { frame: 18 }), flows(small))
    assert.deepEqual([cause, confidence, ratio], ['layer-2-overhead', 'high', 0.7188])
    const octetsOnly = counters(small, { frame: 18 }).map(({ ifInUcastPkts, ...rest }) => rest)
    assert.equal((await found(octetsOnly, flows(small))).confidence, 'medium')
  })

  test('late flows', async () => {
    const late = flows(TRAFFIC).map((record, at) =>
      at < 20 ? { ...record, timestamp_arrival: START + 599 + at / 100 } : record,
    )
    const records = together(counters(TRAFFIC), late)
    const all = await totals(records, { windowMs: 60_000, lateMs: 60_000 })
    const { cause, bytes_late } = all.get('5 in') as NetRecord
    assert.deepEqual([cause, bytes_late], ['late-flows', 139_999_300])
  })

  test('an interface that is not exported, and what goes out of another for that reason', async () => {
    const other = { ...TRAFFIC, iface: 6 }
    const seven = { ...TRAFFIC, iface: 7, packetsPerSecond: 2000 }
    const out = counters(seven).map(({ ifInOctets, ifInUcastPkts, ...rest }) => ({
      ...rest,
      ifOutOctets: ifInOctets as number,
      ifOutUcastPkts: ifInUcastPkts as number,
    }))
    const both = [flows(TRAFFIC, 0.5), flows(TRAFFIC, 0.5, { ip_src: '2001:db8::1' })]
    const all = await totals(together(counters(TRAFFIC), counters(other), out, ...both))
    const causes = [...all].map(([name, { cause }]) => [name, cause])
    assert.deepEqual(causes, [
      ['5 in', 'agrees'],
      ['6 in', 'interface-not-exported'],
      ['7 out', 'input-not-exported'],
    ])
    assert.match(String(all.get('7 out')?.explanation), /none are exported for interface 6:/)
  })

  test('no counters, and counters whose interface nobody knows', async () => {
    const telemetry = [0, 20, 40].map(at => ({
      timestamp: START + at,
      timestamp_arrival: START + at,
      telemetry_node: EXPORTER,
      name: '/ietf-interfaces:interfaces/interface/statistics/in-octets',
      interface_name: 'eth9',
      value: 1000 * at,
    }))
    const all = await totals(together(telemetry, flows(TRAFFIC)))
    assert.equal(all.get('5 in')?.cause, 'no-counters')
    assert.deepEqual([all.get('eth9')?.cause, all.get('eth9')?.counter_bytes], ['interface-unknown', 40_000])
  })
})

describe('counters', () => {
  test('that were reset: the interval is not compared', async () => {
    const reset = counters(TRAFFIC).map(record =>
      Number(record.timestamp_arrival) < START + 300
        ? record
        : {
            ...record,
            ifInOctets: Number(record.ifInOctets) - 800_000_000,
            ifInUcastPkts: Number(record.ifInUcastPkts) - 1_140_000,
          },
    )
    const { cause, seconds, counter_resets, bytes_outside } = await found(reset, flows(TRAFFIC))
    assert.deepEqual([cause, seconds, counter_resets, bytes_outside], ['agrees', 580, 1, 14_000_467])
  })

  test('that wrap at 32 bits go on', async () => {
    const wrapping = counters(TRAFFIC, { from: 2 ** 32 - 300_000 }).map(record => ({
      ...record,
      ifInUcastPkts: Number(record.ifInUcastPkts) % 2 ** 32,
      ifInOctets: (Number(record.ifInUcastPkts) * 700) % 2 ** 32,
    }))
    const { cause, seconds, counter_wraps, counter_bytes } = await found(wrapping, flows(TRAFFIC))
    assert.deepEqual([cause, seconds, counter_bytes], ['agrees', 600, 420_000_000])
    assert.equal(counter_wraps, 1)
  })

  test('that wrap more than once between two readings', async () => {
    // 14 GB in each 20 s: three wraps and a bit.
    const busy = { ...TRAFFIC, packetsPerSecond: 1_000_000 }
    const wrapping = counters(busy).map(({ ifInUcastPkts, ...record }) => ({
      ...record,
      ifInOctets: Number(record.ifInOctets) % 2 ** 32,
    }))
    const both = ['198.51.100.1', '2001:db8::1'].map(ip_src => flows(busy, 0.5, { ip_src }))
    const { cause, confidence, counter_wraps } = await found(wrapping, ...both)
    assert.deepEqual([cause, confidence], ['counters-wrapped', 'low'])
    assert.ok(Number(counter_wraps) > 0)
  })

  test('that do not cover a window', async () => {
    const late = counters(TRAFFIC).filter(record => Number(record.timestamp_arrival) >= START + 120)
    const host = new TestHost()
    const options = { ...RECONCILE_DEFAULTS, windowMs: 60_000 }
    const out = await recordsOf(reconcile(streamOf(together(late, flows(TRAFFIC))), options, host))
    const windows = out.filter(({ iface, kind }) => iface === 5 && kind === 'window')
    assert.deepEqual(
      windows.map(({ cause }) => cause),
      ['counters-incomplete', 'counters-incomplete', ...Array.from({ length: 8 }, () => 'agrees')],
    )
    const { seconds, bytes_outside } = out.find(({ iface, kind }) => iface === 5 && kind === 'total') as NetRecord
    assert.deepEqual([seconds, bytes_outside], [480, 84_000_000])
  })

  test('beyond 2^53 are exact', async () => {
    const large = counters(TRAFFIC).map(record => ({
      ...record,
      ifInOctets: BigInt(record.ifInOctets as number) + 2n ** 63n,
    }))
    const { cause, counter_bytes } = await found(large, flows(TRAFFIC))
    assert.deepEqual([cause, counter_bytes], ['agrees', 420_000_000])
  })

  test('of which only the rate is told', async () => {
    const leaf = (at: number): NetRecord => ({
      timestamp: START + at,
      timestamp_arrival: START + at,
      telemetry_node: EXPORTER,
      ifIndex: 5,
      name: '/ietf-interfaces:interfaces/interface/statistics/in-octets',
      rate: 700_000,
    })
    const rates = Array.from({ length: 31 }, (_, at) => leaf(20 * at))
    const { cause, counter_bytes } = await found(rates, flows(TRAFFIC))
    assert.deepEqual([cause, counter_bytes], ['agrees', 420_000_000])
  })
})
