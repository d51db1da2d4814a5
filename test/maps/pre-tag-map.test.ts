import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isProblem, type Problem } from '../../src/contract/problem.ts'
import type { NetRecord } from '../../src/contract/record.ts'
import { columnsOf } from '../../src/maps/explain.ts'
import { type PreTagMap, parsePreTagMap } from '../../src/maps/pre-tag-map.ts'
import { emptyOutcome, type TagOutcome } from '../../src/maps/tag-action.ts'

function map(...rows: string[]): PreTagMap {
  const parsed = parsePreTagMap(rows.join('\n'), 'test.map')
  if (isProblem(parsed)) assert.fail(parsed.message)
  return parsed
}

/** What a record gets: by the index, and the same by the explanation. */
function tagged(of: PreTagMap, record: NetRecord): Partial<TagOutcome> {
  const outcome = emptyOutcome()
  of.evaluate(columnsOf(of.fields, record), 0, outcome)
  return Object.fromEntries(Object.entries(outcome).filter(([, value]) => value !== undefined))
}

function agreed(of: PreTagMap, record: NetRecord): Partial<TagOutcome> {
  const { outcome } = of.explain(record)
  const found = tagged(of, record)
  assert.deepEqual(found, Object.fromEntries(Object.entries(outcome).filter(([, value]) => value !== undefined)))
  return found
}

function problem(...rows: string[]): Problem {
  const parsed = parsePreTagMap(rows.join('\n'), 'test.map')
  assert.ok(isProblem(parsed), 'a problem was expected')
  return parsed
}

const EXPORTER = { peer_ip_src: '192.0.2.1' }

test('the first row that fits wins', () => {
  const of = map(
    'set_tag=1 ip=192.0.2.1 in=5 out=3',
    'set_tag=2 ip=192.0.2.1 in=5',
    'set_tag=3 ip=192.0.2.0/24',
    'set_tag=4 ip=0.0.0.0/0',
  )
  assert.deepEqual(agreed(of, { ...EXPORTER, iface_in: 5, iface_out: 3 }), { tag: 1 })
  assert.deepEqual(agreed(of, { ...EXPORTER, iface_in: 5, iface_out: 4 }), { tag: 2 })
  assert.deepEqual(agreed(of, { ...EXPORTER, iface_in: 6 }), { tag: 3 })
  assert.deepEqual(agreed(of, { peer_ip_src: '198.51.100.1' }), { tag: 4 })
  assert.deepEqual(agreed(of, { peer_ip_src: '2001:db8::1' }), {})
})

test('a row without ip fits exporters of both families, and records without one', () => {
  const of = map('set_label=v6 ip=2001:db8::/32', 'set_label=any')
  assert.deepEqual(agreed(of, { peer_ip_src: '2001:db8::1' }), { label: 'v6' })
  assert.deepEqual(agreed(of, EXPORTER), { label: 'any' })
  assert.deepEqual(agreed(of, {}), { label: 'any' })
})

test('ip=0.0.0.0/0 also fits records that name no exporter; an IPv4 exporter mapped into IPv6 is IPv4', () => {
  const of = map('set_tag=1 ip=10.0.0.0/8', 'set_tag=2 ip=0.0.0.0/0')
  assert.deepEqual(agreed(of, {}), { tag: 2 })
  assert.deepEqual(agreed(of, { peer_ip_src: '::ffff:10.1.2.3' }), { tag: 1 })
})

test('a minus negates, and fits also when the record does not say', () => {
  const of = map('set_tag=1 in=-216', 'set_tag=2')
  assert.deepEqual(agreed(of, { iface_in: 215 }), { tag: 1 })
  assert.deepEqual(agreed(of, { iface_in: 216 }), { tag: 2 })
  assert.deepEqual(agreed(of, {}), { tag: 1 })
})

/** Each key with a value that holds for the record, and one that does not. */
const KEYS: readonly [key: string, holds: string, fails: string, record: NetRecord][] = [
  ['ip', '192.0.2.0/24', '192.0.3.0/24', { peer_ip_src: '192.0.2.9' }],
  ['in', '3', '4', { iface_in: 3 }],
  ['in', '1,3', '1,4', { iface_in: 3 }],
  ['in', '1-5', '4-5', { iface_in: 3 }],
  ['out', '3', '4', { iface_out: 3 }],
  ['engine_type', '2', '5', { export_proto_version: 5, export_proto_sysid: 0x0205 }],
  ['engine_id', '5', '2', { export_proto_version: 5, export_proto_sysid: 0x0205 }],
  ['engine_id', '517', '5', { export_proto_version: 9, export_proto_sysid: 0x0205 }],
  ['source_id', '16908805', '5', { export_proto_version: 10, export_proto_sysid: 0x01020205 }],
  ['agent_id', '7', '8', { export_proto_sysid: 7 }],
  ['flowset_id', '256', '257', { flowset_id: 256 }],
  ['nexthop', '10.0.0.254', '10.0.0.253', { ip_next_hop: '10.0.0.254' }],
  ['bgp_nexthop', '10.0.0.254', '10.0.0.253', { peer_ip_dst: '10.0.0.254' }],
  ['bgp_nexthop', '2001:db8::1', '2001:db8::2', { mpls_top_label_ip: '2001:db8::1' }],
  ['filter', "'src net 192.168.0.0/24'", "'dst net 192.168.0.0/24'", { ip_src: '192.168.0.7', ip_dst: '10.0.0.1' }],
  ['sample_type', 'flow', 'event', { ip_src: '10.0.0.1' }],
  ['sample_type', 'flow-ipv4', 'flow-ipv6', { ip_src: '10.0.0.1' }],
  ['sample_type', 'flow-ipv6', 'flow-ipv4', { ip_src: '2001:db8::1' }],
  ['sample_type', 'flow-mpls-ipv4', 'flow-ipv4', { ip_src: '10.0.0.1', mpls_label_stack: [24305] }],
  ['sample_type', 'event', 'flow', { nat_event: 1 }],
  ['sample_type', 'option', 'flow', { event_type: 'option' }],
  ['sampling_rate', '1000', '1', { sampling_rate: 1000 }],
  ['is_bi_flow', 'true', 'false', { bytes_reverse: 0 }],
  ['is_nel', '1', '0', { nat_event: 1 }],
  ['is_nsel', 'true', 'false', { fw_event: 2 }],
  ['nat_event', '1', '2', { nat_event: 1 }],
  ['direction', '0', '1', { sampling_direction: 'i' }],
  ['direction', '1', '0', { sampling_direction: 'e' }],
  ['fwd_status', '64', '65', { fwd_status: 64 }],
  ['src_mac', '00:11:22:33:44:55', '00:11:22:33:44:56', { mac_src: '00:11:22:33:44:55' }],
  ['dst_mac', 'AA:bb:cc:dd:ee:ff', '00:11:22:33:44:56', { mac_dst: 'aa:bb:cc:dd:ee:ff' }],
  ['vlan', '10', '11', { vlan: 10 }],
  ['vlan', '10', '11', { vlan_in: 10 }],
  ['vlan', '0', '1', {}],
  ['cvlan', '10', '11', { cvlan_in: 10 }],
  ['post_cvlan', '10', '11', { cvlan_out: 10 }],
  ['src_net', '10.0.0.0/8', '11.0.0.0/8', { ip_src: '10.1.2.3' }],
  ['dst_net', '2001:db8::/32', '2001:db9::/32', { ip_dst: '2001:db8::3' }],
  ['ip_proto', 'tcp', 'udp', { ip_proto: 'tcp' }],
  ['ip_proto', '6', '17', { ip_proto: 'tcp' }],
  ['src_port', '80', '81', { port_src: 80 }],
  ['dst_port', '80', '81', { port_dst: 80 }],
  ['tcp_flags', '12', '18', { tcp_flags: 0x12 }],
  ['tcp_flags', '0x12', '0x13', { tcp_flags: 0x12 }],
  ['is_multicast', 'true', 'false', { ip_dst: '239.1.1.1' }],
  ['is_multicast', 'true', 'false', { ip_dst: 'ff02::1' }],
  ['is_multicast', 'true', 'false', { mac_dst: '01:00:5e:00:00:01' }],
  ['is_multicast', 'false', 'true', { ip_dst: '10.0.0.1' }],
  ['mpls_pw_id', '7', '8', { mpls_pw_id: 7 }],
  ['mpls_vpn_id_in', '7', '8', { vrf_id_ingress: 7 }],
  ['mpls_vpn_id_out', '7', '8', { vrf_id_egress: 7 }],
  ['mpls_vpn_rd', '0:65512:1', '0:65512:2', { mpls_vpn_rd: '0:65512:1' }],
  ['src_as', '64496', '64497', { as_src: 64496 }],
  ['src_as', '0', '1', {}],
  ['dst_as', '64496', '64497', { as_dst: 64496 }],
  ['peer_src_as', '64496', '64497', { peer_as_src: 64496 }],
  ['peer_dst_as', '64496', '64497', { peer_as_dst: 64496 }],
  ['local_pref', '100', '200', { local_pref: 100 }],
  ['src_local_pref', '100', '200', { local_pref_src: 100 }],
  ['comms', '65000:1,65000:2', '65000:3', { comms: ['65000:9', '65000:2'] }],
  ['src_comms', '65000:1', '65000:3', { comms_src: '65000:9_65000:1' }],
  ['src_roa', 'v', 'i', { roa_src: 'v' }],
  ['dst_roa', 'u', 'i', { roa_dst: 'u' }],
  ['tos', '184', '0', { tos: 184 }],
  ['src_host', '10.1.2.3', '10.1.2.4', { ip_src: '10.1.2.3' }],
  ['etype', '86dd', '800', { etype: '86dd' }],
  ['application_id', '13:443', '13:80', { application_id: '13:443' }],
]

for (const [key, holds, fails, record] of KEYS) {
  test(`${key}=${holds} fits ${JSON.stringify(record)}, ${key}=${fails} does not`, () => {
    assert.deepEqual(agreed(map(`set_tag=7 ${key}=${holds}`), record), { tag: 7 })
    assert.deepEqual(agreed(map(`set_tag=7 ${key}=${fails}`), record), {})
    if (key === 'ip' || key === 'filter') return
    assert.deepEqual(agreed(map(`set_tag=7 ${key}=-${holds}`), record), {})
    assert.deepEqual(agreed(map(`set_tag=7 ${key}=-${fails}`), record), { tag: 7 })
  })
}

test('tags, label and tos are set, by the names of old too', () => {
  assert.deepEqual(agreed(map('set_tag=1 set_tag2=2 set_label=x set_tos=46'), {}), {
    tag: 1,
    tag2: 2,
    label: 'x',
    tos: 46,
  })
  assert.deepEqual(agreed(map('id=1 id2=2'), {}), { tag: 1, tag2: 2 })
  assert.deepEqual(agreed(map('set_label=nkey%100.1,pkey%testing'), {}), { label: 'nkey%100.1,pkey%testing' })
  assert.deepEqual(agreed(map('set_tag=18446744073709551615'), {}), { tag: 18446744073709551615n })
})

test('set_tag=1++ gives each record the next number, explain takes none', () => {
  const of = map('set_tag=1++ ip=0.0.0.0/0')
  of.explain(EXPORTER)
  assert.deepEqual(
    [1, 2, 3].map(() => tagged(of, EXPORTER).tag),
    [1, 2, 3],
  )
})

test('jeq goes on further down; tags of both parts are set', () => {
  const of = map(
    'set_tag=1000 ip=192.0.2.1 in=1 jeq=eval_out',
    'set_tag=1001 ip=192.0.2.1 in=2 jeq=eval_out',
    'set_tag=9 ip=192.0.2.1',
    'set_tag2=1000 ip=192.0.2.1 out=1 label=eval_out',
    'set_tag2=1001 ip=192.0.2.1 out=2',
  )
  assert.deepEqual(agreed(of, { ...EXPORTER, iface_in: 1, iface_out: 2 }), { tag: 1000, tag2: 1001 })
  assert.deepEqual(agreed(of, { ...EXPORTER, iface_in: 2, iface_out: 1 }), { tag: 1001, tag2: 1000 })
  assert.deepEqual(agreed(of, { ...EXPORTER, iface_in: 2, iface_out: 7 }), { tag: 1001 })
  assert.deepEqual(agreed(of, { ...EXPORTER, iface_in: 7, iface_out: 1 }), { tag: 9 })
})

test('stack joins tags, labels are put one after the other', () => {
  const of = map(
    'set_tag=11000 in=1 jeq=next',
    'set_tag=100 out=1 stack=sum jeq=next',
    'set_tag=7 out=2 stack=or jeq=next',
    'set_label=blabla jeq=more',
    'set_label=never',
    'set_label=blabla2 label=more',
  )
  assert.deepEqual(agreed(of, { iface_in: 1, iface_out: 1 }), { tag: 11100, label: 'blabla,blabla2' })
  assert.deepEqual(agreed(of, { iface_in: 1, iface_out: 2 }), { tag: 11000 | 7, label: 'blabla,blabla2' })
})

test('sums of tags go round at 2^64', () => {
  assert.deepEqual(agreed(map('set_tag=18446744073709551615 jeq=next', 'set_tag=3 stack=sum'), {}), { tag: 2 })
  assert.deepEqual(agreed(map('set_tag=9007199254740991 jeq=next', 'set_tag=1 stack=sum'), {}), {
    tag: 9007199254740992n,
  })
})

test('a jump goes to the first row that exporters of the family can meet', () => {
  const of = map(
    'set_tag=1 jeq=after',
    'set_label=four ip=0.0.0.0/0 label=after',
    'set_label=six ip=::/0 label=after',
    'set_label=skipped',
  )
  assert.deepEqual(agreed(of, EXPORTER), { tag: 1, label: 'four' })
  assert.deepEqual(agreed(of, { peer_ip_src: '2001:db8::1' }), { tag: 1, label: 'six' })
})

test('rows that cannot be read name file, line and what is wrong', () => {
  const cases: readonly [row: string, message: RegExp][] = [
    ['set_tag=1 nokey=3', /nokey=3: no such key/],
    ['in=3', /no "set_tag"/],
    ['set_tag=x', /set_tag=x: .*2\^64/],
    ['set_tag=18446744073709551616', /2\^64/],
    ['set_tag=1 id=2', /twice/],
    ['set_tag=1 in=1 in=2', /"in" stands twice/],
    ['set_tag=1 in=a', /in=a: "a" is not a whole number/],
    ['set_tag=1 ip=192.0.2.300', /not an IP address/],
    ['set_tag=1 ip=-192.0.2.3', /not an IP address/],
    ["set_tag=1 filter='src nat 3'", /filter=/],
    ['set_tag=1 set_tos=256', /0\.\.255/],
    ['set_tag=1 stack=max', /sum or or/],
    ['set_tag=1 src_mac=00:11', /of type mac/],
    ['set_tag=1 sample_type=flows', /not one of/],
    ['set_tag=1 jeq=nowhere', /no row after this one has label=nowhere/],
    ['set_tag=1 jeq=next return=true', /return=false/],
    ['set_tag=1 label=next', /jeq=next/],
  ]
  for (const [row, message] of cases) {
    const { code, message: told } = problem('set_tag=1 in=99', row)
    assert.equal(code, 'maps/bad-row', row)
    assert.match(told, message)
    assert.match(told, /^test\.map line 2( column \d+)?: /)
  }
})

test('jumps go forward only', () => {
  assert.match(problem('set_tag=1 label=back', 'set_tag=2 jeq=back').message, /line 2.*label=back/)
})

test('explain says which rows were met and why, and which nearly', () => {
  const of = map('set_tag=1 ip=192.0.2.1 in=3', 'set_tag=2 ip=192.0.2.1')
  const { hits, misses, outcome } = of.explain({ ...EXPORTER, iface_in: 4 })
  assert.deepEqual(hits, [
    { number: 1, line: 2, text: 'set_tag=2 ip=192.0.2.1', because: ['ip=192.0.2.1 (peer_ip_src 192.0.2.1)'] },
  ])
  assert.deepEqual(misses, [{ line: 1, text: 'set_tag=1 ip=192.0.2.1 in=3', failed: 'in=3 (iface_in 4)' }])
  assert.equal(outcome.tag, 2)
})
