import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { NetRecord } from '../../../src/contract/record.ts'
import { NearestFirst } from '../../../src/wire/topology/queue.ts'
import { random } from '../../support/random.ts'
import { routesOfRecords } from '../../support/topology.ts'

const L1 = 'IS-IS Level 1'
const L2 = 'IS-IS Level 2'
const session = { peer_ip_src: '192.0.2.200', event_type: 'log', log_type: 'update' }

const node = (id: string, attributes: NetRecord = {}, proto = L2): NetRecord => ({
  ...session,
  nlri_type: 'Node',
  proto,
  local_igp_rtr_id: id,
  ...attributes,
})
const link = (from: string, to: string, metric: number, more: NetRecord = {}, proto = L2): NetRecord => ({
  ...session,
  nlri_type: 'Link',
  proto,
  local_igp_rtr_id: from,
  remote_igp_rtr_id: to,
  attr_igp_metric: metric,
  ...more,
})
const both = (from: string, to: string, metric: number, more: NetRecord = {}): NetRecord[] => [
  link(from, to, metric, more),
  link(to, from, metric, more),
]
const prefix = (id: string, text: string, metric: number, more: NetRecord = {}, proto = L2): NetRecord => ({
  ...session,
  nlri_type: text.includes(':') ? 'IPv6 Topology Prefix' : 'IPv4 Topology Prefix',
  proto,
  local_igp_rtr_id: id,
  ip_reach: text,
  attr_prefix_metric: metric,
  ...more,
})

/** `prefix cost hop,hop > egress,egress` of a router. */
function routes(router: string, ...records: NetRecord[]): string[] {
  return routesOfRecords(router, records).map(
    ({ prefix, cost, hops, egress }) =>
      `${prefix} ${cost} ${[...hops.values()].map(hop => hop.router).sort()} > ${egress.map(({ id }) => id).sort()}`,
  )
}

describe('shortest paths', () => {
  it('all ways of the least cost', () => {
    const square = [...both('a', 'b', 10), ...both('a', 'c', 10), ...both('b', 'd', 5), ...both('c', 'd', 5)]
    assert.deepEqual(routes('a', ...square, prefix('d', '10.0.0.0/8', 1)), ['10.0.0.0/8 16 b,c > d'])
    assert.deepEqual(routes('a', ...square, ...both('a', 'd', 14), prefix('d', '10.0.0.0/8', 1)), [
      '10.0.0.0/8 15 d > d',
    ])
    const anycast = [prefix('b', '10.0.0.0/8', 1), prefix('c', '10.0.0.0/8', 1)]
    assert.deepEqual(routes('a', ...square, ...anycast), ['10.0.0.0/8 11 b,c > b,c'])
  })

  it('both ends must say a link; links and prefixes of the largest metric are none', () => {
    assert.deepEqual(routes('a', link('a', 'b', 1), prefix('b', '10.0.0.0/8', 1)), [])
    assert.deepEqual(routes('a', ...both('a', 'b', 0xffffff), prefix('b', '10.0.0.0/8', 1)), [])
    assert.deepEqual(routes('a', ...both('a', 'b', 1), prefix('b', '10.0.0.0/8', 0xfe000001)), [])
  })

  it('an overloaded router is reached, and no way goes through it', () => {
    const line = [
      ...both('a', 'b', 1),
      ...both('b', 'c', 1),
      prefix('b', '10.2.0.0/16', 0),
      prefix('c', '10.3.0.0/16', 0),
    ]
    const overloaded = node('b', { attr_node_flags: '80' })
    assert.deepEqual(routes('a', ...line, overloaded), ['10.2.0.0/16 1 b > b'])
    assert.deepEqual(routes('b', ...line, overloaded), ['10.2.0.0/16 0  > b', '10.3.0.0/16 1 c > c'])
  })

  it('over a LAN, whose pseudonode is of every topology and never overloaded', () => {
    const lan = node('b-02', { attr_node_flags: '80' })
    const ends = (id: string, more = {}) => [link(id, 'b-02', 10, more), link('b-02', id, 0)]
    const records = [lan, ...ends('a'), ...ends('b'), ...ends('c'), prefix('c', '10.3.0.0/16', 0)]
    assert.deepEqual(routes('a', ...records), ['10.3.0.0/16 10 c > c'])
    const mt2 = { multi_topology_ids: [2] }
    const nodes = ['a', 'c'].map(id => node(id, { attr_multi_topology_ids: [0, 2] }))
    const six = [lan, ...nodes, ...ends('a', mt2), ...ends('c', mt2), prefix('c', '2001:db8::/32', 0, mt2)]
    assert.deepEqual(routes('a', ...six), ['2001:db8::/32 10 c > c'])
  })

  it('IPv6 goes by its own topology where there is one', () => {
    const mt2 = { multi_topology_ids: [2] }
    const v6 = prefix('b', '2001:db8::/32', 1, mt2)
    const nodes = ['a', 'b'].map(id => node(id, { attr_multi_topology_ids: [0, 2] }))
    assert.deepEqual(routes('a', ...nodes, ...both('a', 'b', 1), v6), [])
    assert.deepEqual(routes('a', ...nodes, ...both('a', 'b', 1), ...both('a', 'b', 7, mt2), v6), [
      '2001:db8::/32 8 b > b',
    ])
    assert.deepEqual(routes('a', ...both('a', 'b', 1), prefix('b', '2001:db8::/32', 1)), ['2001:db8::/32 2 b > b'])
  })

  it('level 1 before level 2 before what was given down; the default of the nearest attached router', () => {
    const one = (from: string, to: string, metric: number) => [
      link(from, to, metric, {}, L1),
      link(to, from, metric, {}, L1),
    ]
    const both12 = [...both('a', 'b', 1), ...one('a', 'b', 50)]
    const down = prefix('b', '10.0.0.0/8', 1, { attr_igp_flags: '80' }, L1)
    assert.deepEqual(routes('a', ...both12, down, prefix('b', '10.0.0.0/8', 9)), ['10.0.0.0/8 10 b > b'])
    assert.deepEqual(routes('a', ...both12, prefix('b', '10.0.0.0/8', 1, {}, L1), prefix('b', '10.0.0.0/8', 9)), [
      '10.0.0.0/8 51 b > b',
    ])
    const attached = ['b', 'c'].map(id => node(id, { attr_node_flags: '40' }, L1))
    assert.deepEqual(routes('a', ...attached, ...one('a', 'b', 5), ...one('a', 'c', 6)), [
      '0.0.0.0/0 5 b > b',
      '::/0 5 b > b',
    ])
  })

  it('random graphs: as Bellman and Ford find them', () => {
    const from = random(5)
    for (let round = 0; round < 60; round++) {
      const size = 3 + from.whole(9)
      const links = Array.from({ length: 2 * size }, () => ({
        one: from.whole(size),
        other: from.whole(size),
        metric: 1 + from.whole(4),
      })).filter(({ one, other }) => one !== other)
      const records = links.flatMap(({ one, other, metric }, at) =>
        both(`n${one}`, `n${other}`, metric, { link_local_id: at, link_remote_id: at }),
      )
      const prefixes = Array.from({ length: size }, (_, at) => prefix(`n${at}`, `10.${at}.0.0/16`, 0))
      const distance = new Array<number>(size).fill(Number.POSITIVE_INFINITY)
      distance[0] = 0
      for (let turn = 0; turn < size; turn++) {
        for (const { one, other, metric } of links) {
          distance[other] = Math.min(distance[other] as number, (distance[one] as number) + metric)
          distance[one] = Math.min(distance[one] as number, (distance[other] as number) + metric)
        }
      }
      const wanted = distance.flatMap((cost, at) => (Number.isFinite(cost) ? [`10.${at}.0.0/16 ${cost}`] : [])).sort()
      const found = routes('n0', ...records, ...prefixes)
        .map(text => text.split(' ').slice(0, 2).join(' '))
        .sort()
      assert.deepEqual(found, wanted)
    }
  })
})

it('the queue gives the nearest first', () => {
  const queue = new NearestFirst<number>()
  const from = random(3)
  const costs = Array.from({ length: 500 }, () => from.whole(100))
  for (const cost of costs) queue.add(cost, cost)
  const taken = costs.map(() => queue.take()?.cost)
  assert.deepEqual(
    taken,
    costs.toSorted((one, other) => one - other),
  )
  assert.equal(queue.take(), undefined)
})
