import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { NetRecord } from '../../../src/contract/record.ts'
import { routesOfRecords } from '../../support/topology.ts'

const AREA0 = '0.0.0.0'
const AREA1 = '0.0.0.1'

const said = (nlri_type: string, id: string, area: string | undefined, more: NetRecord): NetRecord => ({
  igp_domain: 'ospf',
  event_type: 'log',
  log_type: 'update',
  nlri_type,
  proto: 'OSPFv2',
  ...(area === undefined ? {} : { local_area_id: area }),
  local_igp_rtr_id: id,
  ...more,
})
const node = (id: string, area: string, more: NetRecord = {}) => said('Node', id, area, more)
const link = (from: string, to: string, area: string, metric: number, more: NetRecord = {}) =>
  said('Link', from, area, { remote_igp_rtr_id: to, attr_igp_metric: metric, ...more })
const both = (one: string, other: string, area: string, metric: number) => [
  link(one, other, area, metric),
  link(other, one, area, metric),
]
const prefix = (
  id: string,
  area: string | undefined,
  type: number,
  text: string,
  metric: number,
  more: NetRecord = {},
) =>
  said(text.includes(':') ? 'IPv6 Topology Prefix' : 'IPv4 Topology Prefix', id, area, {
    ospf_route_type: type,
    ip_reach: text,
    attr_prefix_metric: metric,
    ...more,
  })

/** `prefix type cost/type2 hop,hop > egress` of a router. */
function routes(router: string, ...records: NetRecord[]): string[] {
  return routesOfRecords(router, records).map(route => {
    const { prefix: text, ospfRouteType, cost, type2Metric, hops, egress } = route
    const metric = type2Metric === undefined ? cost : `${cost}/${type2Metric}`
    const ways = [...hops.values()].map(hop => hop.address ?? hop.router).sort()
    return `${text} ${ospfRouteType} ${metric} ${ways} > ${egress.map(({ id }) => id).sort()}`
  })
}

/** a - b in area 1, b - c in the backbone. */
const LINE = [...both('a', 'b', AREA1, 10), ...both('b', 'c', AREA0, 5)]

describe('routes of OSPF', () => {
  it('inside an area before other areas before outside, whatever they cost; type 1 before type 2', () => {
    const P = '10.0.0.0/8'
    const [intra, inter, one, two] = [
      prefix('b', AREA1, 1, P, 100),
      prefix('b', AREA1, 2, P, 50),
      prefix('b', undefined, 3, P, 5),
      prefix('b', undefined, 4, P, 1),
    ] as const
    assert.deepEqual(routes('a', ...LINE, intra, inter, one, two), ['10.0.0.0/8 1 110 b > b'])
    assert.deepEqual(routes('a', ...LINE, inter, one, two), ['10.0.0.0/8 2 60 b > b'])
    assert.deepEqual(routes('a', ...LINE, one, two), ['10.0.0.0/8 3 15 b > b'])
    assert.deepEqual(routes('a', ...LINE, two), ['10.0.0.0/8 4 10/1 b > b'])
  })

  it('type 2: the metric, then the way to the router', () => {
    const triangle = [...both('a', 'b', AREA0, 10), ...both('a', 'c', AREA0, 3)]
    const [b, c] = [prefix('b', undefined, 4, '10.0.0.0/8', 20), prefix('c', undefined, 4, '10.0.0.0/8', 20)]
    assert.deepEqual(routes('a', ...triangle, b, c), ['10.0.0.0/8 4 3/20 c > c'])
    assert.deepEqual(routes('a', ...triangle, prefix('b', undefined, 4, '10.0.0.0/8', 19), c), [
      '10.0.0.0/8 4 10/19 b > b',
    ])
  })

  it('a border router asks the backbone alone, and does not believe itself; what is not reachable is no route', () => {
    const summaries = [prefix('b', AREA1, 2, '10.1.0.0/16', 5), prefix('a', AREA1, 2, '10.2.0.0/16', 5)]
    assert.deepEqual(routes('b', ...LINE, ...summaries), [])
    assert.deepEqual(routes('b', ...LINE, prefix('b', AREA0, 2, '10.5.0.0/16', 5)), [])
    assert.deepEqual(routes('b', ...LINE, prefix('c', AREA0, 2, '10.3.0.0/16', 5)), ['10.3.0.0/16 2 10 c > c'])
    assert.deepEqual(routes('a', ...LINE, prefix('b', AREA1, 2, '10.4.0.0/16', 0xffffff)), [])
  })

  it('a router with external routes in another area: by the border router that knows the way', () => {
    const external = prefix('c', undefined, 3, '10.0.0.0/8', 7)
    assert.deepEqual(routes('a', ...LINE, external), [])
    const border = node('b', AREA1, { attr_node_flags: '10', attr_ospf_asbrs: [{ router: 'c', metric: 5 }] })
    assert.deepEqual(routes('a', ...LINE, border, external), ['10.0.0.0/8 3 22 b > c'])
    // A way in an area of its own goes before one through other areas, however short (RFC 2328 section 16.4.1).
    const own = [...both('a', 'c', AREA1, 90)]
    assert.deepEqual(routes('a', ...LINE, ...own, border, external), ['10.0.0.0/8 3 97 c > c'])
  })

  it('AS-external prefixes do not come to stub areas', () => {
    const stub = node('a', AREA1, { attr_ospf_stub: 'true' })
    const external = prefix('b', undefined, 3, '10.0.0.0/8', 7)
    assert.deepEqual(routes('a', ...LINE, external), ['10.0.0.0/8 3 17 b > b'])
    assert.deepEqual(routes('a', ...LINE, stub, external), [])
    assert.deepEqual(routes('a', ...LINE, stub, prefix('b', AREA1, 2, '0.0.0.0/0', 1)), ['0.0.0.0/0 2 11 b > b'])
  })

  it('prefixes of an NSSA are for the routers in it', () => {
    const nssa = prefix('b', AREA1, 6, '10.0.0.0/8', 9)
    assert.deepEqual(routes('a', ...LINE, nssa), ['10.0.0.0/8 6 10/9 b > b'])
    assert.deepEqual(routes('c', ...LINE, nssa), [])
  })

  it('a forwarding address takes the place of the router, and must be inside', () => {
    const forward = { attr_ospf_forwarding_address: '10.9.0.7' }
    const external = prefix('b', undefined, 3, '10.0.0.0/8', 7, forward)
    assert.deepEqual(routes('a', ...LINE, external), [])
    const network = prefix('a', AREA1, 1, '10.9.0.0/24', 2)
    assert.deepEqual(routes('a', ...LINE, network, external), ['10.9.0.0/24 1 2  > a', '10.0.0.0/8 3 9 10.9.0.7 > b'])
  })

  it('a LAN: its prefix is reached by the routers on it, whose addresses are known', () => {
    const lan = 'c:10.0.0.3'
    const ends = (id: string, metric: number, address: string) => [
      link(id, lan, AREA0, metric, { local_addr_v4: address }),
      link(lan, id, AREA0, 0),
    ]
    const records = [...ends('b', 5, '10.0.0.2'), ...ends('c', 5, '10.0.0.3'), prefix(lan, AREA0, 1, '10.0.0.0/24', 0)]
    assert.deepEqual(routes('b', ...records, prefix('c', AREA0, 1, '192.0.2.3/32', 1)), [
      '10.0.0.0/24 1 5  > b',
      '192.0.2.3/32 1 6 10.0.0.3 > c',
    ])
    assert.deepEqual(routes('a', ...both('a', 'b', AREA0, 1), ...records), ['10.0.0.0/24 1 6 b > b'])
  })

  it('of several links to a neighbour each hop has the address in its network', () => {
    const ends = (id: string, other: string, ...addresses: string[]) =>
      addresses.map(local_addr_v4 => link(id, other, AREA0, 1, { local_addr_v4 }))
    const two = [...ends('a', 'b', '10.0.12.1', '10.0.13.1'), ...ends('b', 'a', '10.0.13.2', '10.0.12.2')]
    assert.deepEqual(routes('a', ...two, prefix('b', AREA0, 1, '192.0.2.2/32', 0)), [
      '192.0.2.2/32 1 1 10.0.12.2,10.0.13.2 > b',
    ])
  })

  it('OSPFv3: no way through a router that says that it is none', () => {
    const six = (record: NetRecord): NetRecord => ({ ...record, proto: 'OSPFv3' })
    const line = [...both('a', 'b', AREA0, 1), ...both('b', 'c', AREA0, 1), prefix('c', AREA0, 1, '2001:db8::/32', 0)]
    const through = (flags: string) => routes('a', ...[...line, node('b', AREA0, { attr_node_flags: flags })].map(six))
    assert.deepEqual(through('0c'), ['2001:db8::/32 1 2 b > c'])
    assert.deepEqual(through('04'), [])
  })
})
