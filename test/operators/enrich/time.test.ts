import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { NetRecord } from '../../../src/contract/record.ts'
import { enrich } from '../../../src/operators/enrich/enrich.ts'
import { METHOD } from '../../../src/operators/enrich/methods.ts'
import { ENRICH_DEFAULTS, type EnrichOptions } from '../../../src/operators/enrich/options.ts'
import { random } from '../../support/random.ts'
import { recordsOf, streamOf, TestHost } from '../../support/test-host.ts'

const ROUTES = { longest: false, methods: [METHOD.routes] } as const

const route = (timestamp: number, prefix: string, as: number | undefined): NetRecord => ({
  log_type: as === undefined ? 'withdraw' : 'update',
  timestamp,
  peer_ip_src: '192.0.2.1',
  event_type: 'log',
  afi: 1,
  safi: 1,
  ip_prefix: prefix,
  ...(as === undefined ? {} : { bgp_nexthop: '198.51.100.1', as_path: [as] }),
})

/** Routes that come and go, and flows between them, by time. */
function scene(seed: number): { routes: NetRecord[]; flows: NetRecord[] } {
  const source = random(seed)
  let at = 100
  const routes = Array.from({ length: 200 }, () => {
    at += source.whole(3)
    const length = source.pick([8, 14, 16])
    const prefix = `10.${length === 16 ? source.whole(4) : 0}.0.0/${length}`
    return route(at, prefix, source.chance(0.3) ? undefined : 1 + source.whole(50))
  })
  at = 90
  const flows = Array.from({ length: 600 }, (_, number) => {
    at += source.whole(2)
    return {
      timestamp_arrival: at,
      peer_ip_src: source.chance(0.9) ? '192.0.2.1' : '192.0.2.2',
      ip_src: `10.${source.whole(4)}.1.1`,
      ip_dst: `10.${source.whole(4)}.1.2`,
      bytes: number,
    }
  })
  return { routes, flows }
}

/** AS of an address at a time, by reading all routes again for each flow. */
function asAt(routes: readonly NetRecord[], flow: NetRecord, field: 'ip_src' | 'ip_dst'): number | undefined {
  if (flow.peer_ip_src !== '192.0.2.1') return undefined
  const table = new Map<string, number>()
  for (const { timestamp, ip_prefix, as_path } of routes) {
    if ((timestamp as number) > (flow.timestamp_arrival as number)) break
    if (as_path === undefined) table.delete(String(ip_prefix))
    else table.set(String(ip_prefix), (as_path as number[])[0] as number)
  }
  const second = Number(String(flow[field]).split('.')[1])
  const holding = [...table].filter(([prefix]) => {
    const [, octet = '', length = ''] = /^10\.(\d+)\.0\.0\/(\d+)$/.exec(prefix) ?? []
    const mask = 0xff00 >> (Number(length) - 8)
    return (second & mask & 255) === (Number(octet) & mask & 255)
  })
  holding.sort(([a], [b]) => Number(b.split('/')[1]) - Number(a.split('/')[1]))
  return holding[0]?.[1]
}

const options = (bgp: EnrichOptions['bgp']): EnrichOptions => ({ ...ENRICH_DEFAULTS, as: ROUTES, net: ROUTES, bgp })

test('a flow sees the table as it was at its time, however both streams are cut', async () => {
  for (const seed of [1, 2, 3, 4]) {
    const { routes, flows } = scene(seed)
    const expected = flows.map(flow => [asAt(routes, flow, 'ip_src'), asAt(routes, flow, 'ip_dst')])
    assert.ok(expected.some(([as]) => as !== undefined) && expected.some(([as]) => as === undefined))
    for (const [cutFlows, cutRoutes] of [
      [500, 500],
      [1, 500],
      [7, 3],
      [100, 1],
    ] as const) {
      const input = streamOf(structuredClone(flows), cutFlows)
      const side = streamOf(structuredClone(routes), cutRoutes)
      const made = await recordsOf(enrich(input, options([side]), new TestHost()))
      assert.deepEqual(
        made.map(({ as_src, as_dst }) => [as_src, as_dst]),
        expected,
      )
    }
  }
})

test('misses are counted by end and reason', async () => {
  const host = new TestHost()
  const flows: NetRecord[] = [
    { timestamp_arrival: 200, peer_ip_src: '192.0.2.1', ip_src: '10.0.0.1', ip_dst: '172.16.0.1' },
    { timestamp_arrival: 200, peer_ip_src: '192.0.2.9', ip_src: '10.0.0.1', ip_dst: '10.0.0.2' },
    { timestamp_arrival: 200, peer_ip_src: '192.0.2.1', mpls_vpn_rd: '0:1:1', ip_src: '10.0.0.1', ip_dst: '10.0.0.2' },
    { timestamp_arrival: 200, peer_ip_src: '192.0.2.1', ip_src: '10.0.0.1' },
  ]
  await recordsOf(enrich(streamOf(flows), options([streamOf([route(100, '10.0.0.0/8', 64501)])]), host))
  const misses = Object.entries(host.counters).filter(([name]) => name.startsWith('miss/'))
  assert.deepEqual(Object.fromEntries(misses), {
    'miss/src/no-peer': 1,
    'miss/src/rd-unknown': 1,
    'miss/dst/no-address': 1,
    'miss/dst/no-peer': 1,
    'miss/dst/rd-unknown': 1,
    'miss/dst/no-prefix': 1,
  })
})

test('a side stream that fails fails the command', async () => {
  async function* broken() {
    yield* streamOf([route(100, '10.0.0.0/8', 64501)])
    throw new Error('cut')
  }
  const flows = [{ timestamp_arrival: 200, peer_ip_src: '192.0.2.1', ip_dst: '10.0.0.1' }]
  await assert.rejects(recordsOf(enrich(streamOf(flows), options([broken()]), new TestHost())), /cut/)
})
