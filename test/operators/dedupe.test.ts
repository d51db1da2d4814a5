import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { NetRecord } from '../../src/contract/record.ts'
import { DEDUPE_DEFAULTS, type DedupeOptions, dedupe } from '../../src/operators/dedupe.ts'
import { recordsOf, streamOf, TestHost } from '../support/test-host.ts'

const flow = (at: number, peer: string, port: number, more: NetRecord = {}): NetRecord => ({
  timestamp_arrival: at,
  peer_ip_src: peer,
  ip_src: '10.0.0.1',
  ip_dst: '10.0.0.2',
  ip_proto: 'tcp',
  port_src: port,
  port_dst: 443,
  packets: 2,
  bytes: 100,
  ...more,
})
const A = '192.0.2.1'
const B = '192.0.2.2'

async function run(records: readonly NetRecord[], options: Partial<DedupeOptions> = {}, size = 1) {
  const host = new TestHost()
  const out = await recordsOf(dedupe(streamOf(records, size), { ...DEDUPE_DEFAULTS, ...options }, host))
  const readings = Object.fromEntries(host.readers.flatMap(read => [...read()].map(({ name, value }) => [name, value])))
  return { out, host, readings }
}
const seen = (records: readonly NetRecord[]) => records.map(({ peer_ip_src, port_src }) => `${peer_ip_src} ${port_src}`)

test('the first exporter of a flow owns it, whatever the batches', async () => {
  const records = [flow(1, A, 1), flow(1, B, 1), flow(2, B, 2), flow(3, A, 2), flow(60, A, 1), flow(61, B, 1)]
  for (const size of [1, 2, 100]) {
    const { out, host, readings } = await run(records, {}, size)
    assert.deepEqual(seen(out), [`${A} 1`, `${B} 2`, `${A} 1`])
    assert.equal(host.counters['dropped/duplicate'], 3)
    assert.deepEqual([readings.duplicate_bytes, readings.duplicate_packets], [300, 6])
  }
})

test('another takes over when the owner is silent for longer than the window', async () => {
  const records = [flow(0, A, 1), flow(100, B, 1), flow(121, B, 1), flow(122, A, 1)]
  assert.deepEqual(seen((await run(records)).out), [`${A} 1`, `${B} 1`])
})

test('an owner that goes on stays one through many windows', async () => {
  const records = Array.from({ length: 40 }, (_, index) => [flow(100 * index, A, 1), flow(100 * index, B, 1)]).flat()
  const { out } = await run(records)
  assert.deepEqual(new Set(seen(out)), new Set([`${A} 1`]))
  assert.equal(out.length, 40)
})

test('both directions of one exporter are two points', async () => {
  const records = [flow(1, A, 1, { sampling_direction: 'i' }), flow(1, A, 1, { sampling_direction: 'e' })]
  assert.equal((await run(records)).out.length, 1)
  const { out, host } = await run(records.toReversed(), { direction: 'ingress' })
  assert.deepEqual(
    out.map(({ sampling_direction }) => sampling_direction),
    ['i'],
  )
  assert.equal(host.counters['dropped/direction'], 1)
})

test('a preferred exporter takes over', async () => {
  const records = [flow(1, A, 1), flow(2, B, 1), flow(3, A, 1), flow(4, B, 1)]
  assert.deepEqual(seen((await run(records, { prefer: [B] })).out), [`${A} 1`, `${B} 1`, `${B} 1`])
})

test('marked instead of left out', async () => {
  const { out, host } = await run([flow(1, A, 1), flow(1, B, 1)], { mark: true }, 10)
  assert.deepEqual(
    out.map(({ duplicate_of }) => duplicate_of),
    [undefined, A],
  )
  assert.equal(host.counters.duplicates, 1)
})

test('IPv6, VRFs, and records that are no flows', async () => {
  const ipv6 = { ip_src: '2001:db8::1', ip_dst: '2001:db8::2' }
  const records = [
    flow(1, A, 1, { mpls_vpn_rd: '0:1:1' }),
    flow(1, B, 1, { mpls_vpn_rd: '0:1:2' }),
    flow(1, A, 1, ipv6),
    flow(1, B, 1, ipv6),
    { timestamp_arrival: 1, event_type: 'log', peer_ip_src: A },
    { timestamp_arrival: 1, event_type: 'log', peer_ip_src: B },
  ]
  assert.equal((await run(records)).out.length, 4)
  assert.equal((await run(records, { key: [...DEDUPE_DEFAULTS.key, 'mpls_vpn_rd'] })).out.length, 5)
})

test('memory is bounded: beyond the limit the oldest flows are forgotten', async () => {
  const many = Array.from({ length: 50 }, (_, index) => flow(1, A, index))
  const { out, readings } = await run([...many, flow(1, B, 0), flow(1, B, 49)], { maxFlows: 10 })
  assert.ok(Number(readings.flows_remembered) <= 30, String(readings.flows_remembered))
  assert.deepEqual(seen(out.slice(50)), [`${B} 0`])
})
