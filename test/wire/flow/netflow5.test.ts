import assert from 'node:assert/strict'
import { test } from 'node:test'
import { netflow5 } from '../../support/flow-writer.ts'
import { Collector, EXPORT_TIME_S, pick } from './collector.ts'

const HEADER = { sysUptimeMs: 100_000, exportTime: EXPORT_TIME_S, exportNanoseconds: 500_000_000, sequence: 7 }
const RECORD = {
  source: '10.1.2.3',
  destination: '10.9.8.7',
  nextHop: '10.0.0.1',
  inputInterface: 3,
  outputInterface: 4,
  packets: 11,
  octets: 1200,
  firstMs: 40_000,
  lastMs: 99_999,
  sourcePort: 443,
  destinationPort: 51000,
  tcpFlags: 27,
  protocol: 6,
  tos: 184,
  sourceAs: 64500,
  destinationAs: 64501,
  sourceMask: 24,
  destinationMask: 0,
}

test('a v5 record has every field of its fixed layout', () => {
  const [record] = new Collector().read(netflow5({ ...HEADER, engineType: 1, engineId: 2 }, [RECORD]))
  assert.deepEqual(record, {
    timestamp_arrival: EXPORT_TIME_S + 0.25,
    peer_ip_src: '192.0.2.1',
    export_proto_version: 5,
    export_proto_sysid: 2,
    export_proto_seqno: 7,
    timestamp_export: EXPORT_TIME_S + 0.5,
    etype: '800',
    as_src: 64500,
    as_dst: 64501,
    ip_next_hop: '10.0.0.1',
    iface_in: 3,
    iface_out: 4,
    ip_src: '10.1.2.3',
    net_src: '10.1.2.0',
    ip_dst: '10.9.8.7',
    net_dst: '0.0.0.0',
    mask_src: 24,
    mask_dst: 0,
    port_src: 443,
    port_dst: 51000,
    tcp_flags: 27,
    ip_proto: 'tcp',
    tos: 184,
    timestamp_start: EXPORT_TIME_S - 59.5,
    timestamp_end: EXPORT_TIME_S + 0.499,
    flows: 1,
    packets: 11,
    bytes: 1200,
  })
})

test('the sampling interval is the low 14 bits of the header, whatever the mode says', () => {
  for (const sampling of [0x4064, 0x0064]) {
    const [record] = new Collector().read(netflow5({ ...HEADER, sampling }, [RECORD]))
    assert.deepEqual(pick(record, 'sampling_rate', 'sampling_source'), {
      sampling_rate: 100,
      sampling_source: 'header',
    })
  }
})

test('a header that says more records than came is reported, whole records are kept', () => {
  const collector = new Collector()
  const message = netflow5({ ...HEADER, count: 30 }, [RECORD, RECORD, RECORD])
  assert.equal(collector.read(message.subarray(0, message.length - 1)).length, 2)
  assert.deepEqual(collector.codes(), ['flow/count'])
  assert.equal(collector.reading('exporter_malformed'), 1)
})

test('octets behind the records that the header says are not records', () => {
  const collector = new Collector()
  assert.equal(collector.read(netflow5({ ...HEADER, count: 1 }, [RECORD, RECORD])).length, 1)
  assert.deepEqual(collector.codes(), [])
})

test('--compat pmacct counts whole seconds of age from the whole seconds of the header', () => {
  const [record] = new Collector({ compat: 'pmacct' }).read(netflow5(HEADER, [RECORD]))
  assert.deepEqual(pick(record, 'timestamp_start', 'timestamp_end'), {
    timestamp_start: EXPORT_TIME_S - 60,
    timestamp_end: EXPORT_TIME_S,
  })
})

test('sysUptime wraps after 49.7 days', () => {
  const header = { ...HEADER, sysUptimeMs: 1000, exportNanoseconds: 0 }
  const [record] = new Collector().read(netflow5(header, [{ ...RECORD, firstMs: 2 ** 32 - 4000, lastMs: 1500 }]))
  assert.deepEqual(pick(record, 'timestamp_start', 'timestamp_end'), {
    timestamp_start: EXPORT_TIME_S - 5,
    timestamp_end: EXPORT_TIME_S + 0.5,
  })
})

test('messages of other versions and scraps are problems', () => {
  const collector = new Collector()
  assert.deepEqual(collector.read(Buffer.from([0])), [])
  assert.deepEqual(collector.read(Buffer.from([0, 7, 0, 1])), [])
  assert.deepEqual(collector.read(netflow5(HEADER, [RECORD]).subarray(0, 23)), [])
  assert.deepEqual(collector.codes(), ['flow/truncated', 'flow/version', 'flow/truncated'])
  assert.equal(collector.reading('exporter_messages'), 3)
})

test('--uptime-seconds: uptime and times are seconds, which do not wrap; no restart is seen between messages', () => {
  const times = { ...RECORD, firstMs: 99_000, lastMs: 100_100 }
  const collector = new Collector({ uptimeSeconds: true })
  const [record] = collector.read(netflow5(HEADER, [times]))
  assert.equal(record?.timestamp_start, EXPORT_TIME_S + 0.5 - 1000)
  assert.equal(record?.timestamp_end, EXPORT_TIME_S + 0.5 + 100, 'a little ahead of the header')
  const later = { ...HEADER, sysUptimeMs: 100_600, exportTime: EXPORT_TIME_S + 600, sequence: 8 }
  collector.read(netflow5(later, [times]))
  assert.equal(collector.reading('exporter_sequence_restarts'), 0)
  const [whole] = new Collector({ uptimeSeconds: true, wholeSeconds: true }).read(netflow5(HEADER, [times]))
  assert.equal(whole?.timestamp_start, EXPORT_TIME_S - 1000)
})
