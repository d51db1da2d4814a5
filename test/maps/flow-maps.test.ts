// The maps that enrich asks: RD, agents, source side, next hop.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isProblem, type Problem } from '../../src/contract/problem.ts'
import type { NetRecord } from '../../src/contract/record.ts'
import { recordBatch } from '../../src/contract/record.ts'
import { picker } from '../../src/fields/picker.ts'
import { parseBgpAgentMap, parseBmpAgentMap } from '../../src/maps/agent-map.ts'
import { columnsOf } from '../../src/maps/explain.ts'
import { parseFlowToRdMap } from '../../src/maps/flow-to-rd-map.ts'
import { columnsFor, fieldsOfMaps, type MapOf } from '../../src/maps/map-of.ts'
import { parsePeerDstIpMap } from '../../src/maps/peer-dst-ip-map.ts'
import type { Parse } from '../../src/maps/read-map.ts'
import type { RuleMap } from '../../src/maps/rule-map.ts'
import { parseAs, parseRd } from '../../src/maps/set-value.ts'
import { parsePeerSrcAsMap, parseSrcLocalPrefMap, parseSrcMedMap } from '../../src/maps/source-maps.ts'

function read<Answer>(parse: Parse<RuleMap<Answer, never>>, ...rows: string[]): RuleMap<Answer, never> {
  const map = parse(rows.join('\n'), 'test.map')
  if (isProblem(map)) assert.fail(map.message)
  return map
}

/** By the index, and the same by the explanation. */
function asked<Answer>(map: RuleMap<Answer, never>, record: NetRecord): Answer | undefined {
  const found = map.match(columnsOf(map.fields, record), 0)
  assert.deepEqual(map.explain(record).outcome, found)
  return found
}

const wrong = (parse: Parse<object>, row: string): string => (parse(row, 'test.map') as Problem).message

test('flow_to_rd_map: RD of a flow, 0:0:0 is the global table', () => {
  const map = read(
    parseFlowToRdMap as never,
    'id=0:65512:1 ip=10.1.1.1 in=2 bgp_nexthop=10.0.0.1',
    'id=2:4200000000:9 mpls_label_bottom=24001',
    'id=1:192.0.2.1:7 mpls_vpn_id=5',
    'id=0:0:0 ip=10.0.0.0/8',
  )
  assert.equal(asked(map, { peer_ip_src: '10.1.1.1', iface_in: 2, peer_ip_dst: '10.0.0.1' }), '0:65512:1')
  assert.equal(asked(map, { mpls_label_bottom: 24001 }), '2:4200000000:9')
  assert.equal(asked(map, { mpls_label_stack: [3, 24001] }), '2:4200000000:9')
  assert.equal(asked(map, { vrf_id_ingress: 5 }), '1:192.0.2.1:7')
  assert.equal(asked(map, { vrf_id_ingress: 0, vrf_id_egress: 5 }), '1:192.0.2.1:7')
  assert.equal(asked(map, { vrf_id_ingress: 6, vrf_id_egress: 5 }), undefined)
  assert.equal(asked(map, { peer_ip_src: '10.9.9.9' }), '0:0:0')
  assert.equal(asked(map, { peer_ip_src: '11.9.9.9' }), undefined)
  assert.match(wrong(parseFlowToRdMap, 'id=5 ip=10.0.0.1'), /id=5: a route distinguisher is/)
  assert.match(wrong(parseFlowToRdMap, 'ip=10.0.0.1'), /no "id"/)
})

test('route distinguishers', () => {
  for (const [text, rd] of [
    ['0:65000:100', '0:65000:100'],
    ['65000:100', '0:65000:100'],
    ['70000:100', '2:70000:100'],
    ['2:65000:100', '2:65000:100'],
    ['2:1.10:100', '2:65546:100'],
    ['192.0.2.1:100', '1:192.0.2.1:100'],
    ['0:0:4294967295', '0:0:4294967295'],
  ] as const)
    assert.equal(parseRd(text), rd, text)
  for (const text of ['', '1', '0:70000:1', '1:65000:1', '0:192.0.2.1:1', '3:1:1', '2:1:70000', '1:2:3:4', 'a:b', '::'])
    assert.equal(parseRd(text), undefined, text)
  assert.deepEqual(['64496', '1.10', '4294967295', '4294967296', '1.70000', 'AS1', ''].map(parseAs), [
    64496,
    65546,
    4294967295,
    undefined,
    undefined,
    undefined,
    undefined,
  ])
})

test('agent maps: rows with the same conditions are candidates, in order', () => {
  const map = read(
    parseBgpAgentMap as never,
    'bgp_ip=198.51.100.1 ip=10.0.0.1 in=5',
    'bgp_ip=198.51.100.9 ip=0.0.0.0/0',
    'bgp_ip=198.51.100.2 bgp_port=1790 in=5 ip=10.0.0.1',
    "bgp_ip=2001:DB8::1 ip=::/0 filter='tcp'",
  ) as RuleMap<unknown, never>
  const both = [
    { address: '198.51.100.1', port: undefined },
    { address: '198.51.100.2', port: 1790 },
  ]
  assert.deepEqual(asked(map, { peer_ip_src: '10.0.0.1', iface_in: 5 }), both)
  assert.deepEqual(asked(map, { peer_ip_src: '10.0.0.1', iface_in: 6 }), [{ address: '198.51.100.9', port: undefined }])
  assert.deepEqual(asked(map, { peer_ip_src: '2001:db8::9', ip_proto: 'tcp' }), [
    { address: '2001:db8::1', port: undefined },
  ])
  const ask = (iface: number) => map.match(columnsOf(map.fields, { peer_ip_src: '10.0.0.1', iface_in: iface }), 0)
  assert.equal(ask(5), ask(5), 'the same array, so that who asks can remember what it found')
  assert.match(wrong(parseBgpAgentMap, 'bgp_ip=10.0.0.0/8 ip=10.0.0.1'), /address of a session/)
  assert.match(wrong(parseBgpAgentMap, 'bmp_ip=10.0.0.1'), /bmp_ip=10\.0\.0\.1: no such key/)
  assert.match(wrong(parseBmpAgentMap, 'bmp_ip=10.0.0.1 bmp_port=70000'), /port/)
  assert.match(wrong(parseBmpAgentMap, 'ip=10.0.0.1'), /no "bmp_ip"/)
})

test('maps of the source side: a number or bgp, by the route to the source', () => {
  const map = read(
    parsePeerSrcAsMap as never,
    'id=12345 ip=10.0.0.1 in=10 bgp_nexthop=3.3.3.3',
    'id=1.10 src_mac=00:11:22:33:44:55',
    'id=34567 peer_dst_as=64496',
    'id=bgp ip=10.0.0.0/8',
  ) as RuleMap<unknown, never>
  assert.equal(asked(map, { peer_ip_src: '10.0.0.1', iface_in: 10, source_bgp_nexthop: '3.3.3.3' }), 12345)
  assert.equal(asked(map, { peer_ip_src: '10.0.0.1', iface_in: 10, peer_ip_dst: '3.3.3.3' }), 'bgp')
  assert.equal(asked(map, { mac_src: '00:11:22:33:44:55' }), 65546)
  assert.equal(asked(map, { source_peer_as: 64496, peer_as_dst: 1 }), 34567)
  assert.equal(asked(map, {}), undefined)
  assert.match(wrong(parsePeerSrcAsMap, 'id=rib'), /id=rib: id is an AS, or bgp/)
  assert.equal(asked(read(parseSrcLocalPrefMap as never, 'id=100 in=1'), { iface_in: 1 }), 100)
  assert.equal(asked(read(parseSrcMedMap as never, 'id=0 in=1'), { iface_in: 1 }), 0)
  assert.match(wrong(parseSrcMedMap, 'id=1.10'), /a MED/)
})

test('bgp_peer_dst_ip_map: another next hop', () => {
  const map = read(parsePeerDstIpMap as never, 'id=198.51.100.1 ip=10.0.0.1 bgp_nexthop=203.0.113.0/24')
  assert.equal(asked(map, { peer_ip_src: '10.0.0.1', peer_ip_dst: '203.0.113.7' }), '198.51.100.1')
  assert.equal(asked(map, { peer_ip_src: '10.0.0.1', peer_ip_dst: '203.0.114.7' }), undefined)
  assert.match(wrong(parsePeerDstIpMap, 'id=x'), /id is an IP address/)
})

test('several maps share one picker', () => {
  const rds = read(parseFlowToRdMap as never, 'id=0:1:1 in=1 src_net=10.0.0.0/8')
  const next = read(parsePeerDstIpMap as never, 'id=192.0.2.1 src_net=10.0.0.0/8 out=2')
  const maps: readonly MapOf<unknown>[] = [rds, next]
  const fields = fieldsOfMaps(maps)
  assert.equal(new Set(fields.map(field => field.name)).size, fields.length)
  const picked = picker(fields)(recordBatch([{}, { ip_src: '10.0.0.1', iface_in: 1, iface_out: 2 }], 0))
  assert.deepEqual(
    maps.map(map => map.match(columnsFor(map.fields, fields)(picked.columns), 1)),
    ['0:1:1', '192.0.2.1'],
  )
  assert.throws(() => columnsFor(rds.fields, []), /not picked/)
})
