import assert from 'node:assert/strict'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TestContext, test } from 'node:test'
import { checkMap } from '../../src/maps/check.ts'
import { guessKind } from '../../src/maps/guess-kind.ts'
import type { PreTagMap } from '../../src/maps/pre-tag-map.ts'
import type { RowProblem } from '../../src/maps/row-problem.ts'
import { scratch } from '../support/cli.ts'

async function checked(context: TestContext, name: string, ...rows: string[]) {
  const path = join(scratch(context), name)
  writeFileSync(path, `${rows.join('\n')}\n`)
  return checkMap(path)
}

/** Line and code of what is wrong. */
const found = (problems: readonly object[]): [number, string][] =>
  (problems as RowProblem[]).map(({ line, code }) => [line, code.replace('maps/', '')])

test('every bad row is told, the others make the map', async context => {
  const { kind, map, problems } = await checked(
    context,
    'x.map',
    'set_tag=1 in=1',
    'set_tag=a in=2',
    'oops',
    'set_tag=3 in=3 jeq=nowhere',
    'set_tag=4 in=4 nokey=1',
    'set_tag=5 in=5',
  )
  assert.equal(kind, 'pre_tag_map')
  assert.deepEqual(found(problems), [
    [2, 'bad-row'],
    [3, 'bad-row'],
    [4, 'bad-row'],
    [5, 'bad-row'],
  ])
  assert.equal((map as PreTagMap).size, 3)
})

test('rows that nothing gets to', async context => {
  const { problems } = await checked(
    context,
    'x.map',
    'set_tag=1 ip=10.0.0.0/8 in=1',
    'set_tag=2 ip=10.1.0.0/16 in=1',
    'set_tag=3 ip=10.1.0.0/16 in=2',
    'set_tag=4 in=1,2',
    'set_tag=5 in=2 out=7',
    'set_tag=6 in=-2 out=7',
    'set_tag=7 in=-2 out=7',
    "set_tag=8 filter='tcp'",
    "set_tag=9 filter='tcp' out=9",
    'set_tag=10',
    'set_tag=11 comms=65000:1',
  )
  assert.deepEqual(found(problems), [
    [2, 'unreachable-row'],
    [5, 'unreachable-row'],
    [7, 'unreachable-row'],
    [9, 'unreachable-row'],
    [11, 'unreachable-row'],
  ])
  assert.match(problems[0]?.message ?? '', /line 2: nothing gets to this row: line 1 fits whatever it fits/)
})

test('a jump past the row in the way gets to it', async context => {
  const { problems } = await checked(
    context,
    'x.map',
    'set_tag=1 in=1 jeq=out',
    'set_tag=2',
    'set_tag=3 out=1',
    'set_tag=4 out=1 label=out',
    'set_tag=5 out=2',
    'set_tag=6 out=1',
  )
  assert.deepEqual(found(problems), [
    [3, 'unreachable-row'],
    [6, 'unreachable-row'],
  ])
})

test('candidates of an agent are no rows in the way', async context => {
  const { kind, problems } = await checked(
    context,
    'x.map',
    'bgp_ip=192.0.2.1 ip=10.0.0.0/8',
    'bgp_ip=192.0.2.2 ip=10.0.0.0/8',
    'bgp_ip=192.0.2.3 ip=10.1.0.0/16',
  )
  assert.equal(kind, 'bgp_agent_map')
  assert.deepEqual(found(problems), [[3, 'unreachable-row']])
})

test('the kind is guessed by keys, then by the name, then by what rows look like', () => {
  for (const [text, file, kind] of [
    ['set_tag=1', 'x', 'pre_tag_map'],
    ['set_label=1', '/etc/bmp_daemon_tag.map', 'bmp_daemon_tag_map'],
    ['bmp_ip=1.1.1.1 ip=1.1.1.1', 'x', 'bmp_agent_map'],
    ['bgp_dst=1.1.1.1:179 bgp_src=1.1.1.1', 'x', 'bgp_daemon_xconnect_map'],
    ['name=x field_type=1 semantics=ip', 'x', 'aggregate_primitives'],
    ['id=0:65512:1 ip=1.1.1.1', 'x', 'flow_to_rd_map'],
    ['id=1.2.3.4 ip=1.1.1.1', 'x', 'bgp_peer_dst_ip_map'],
    ['id=bgp ip=1.1.1.1', 'x', 'bgp_peer_src_as_map'],
    ['id=1000 ip=1.1.1.1', 'sampling.map', 'sampling_map'],
    ['id=1000 ip=1.1.1.1', 'peers.map', 'bgp_peer_src_as_map'],
    ['id=1000 ip=1.1.1.1', 'local_pref.map', 'bgp_src_local_pref_map'],
    ['id=1000 ip=1.1.1.1', 'src_med.map', 'bgp_src_med_map'],
    ['id=1000 ip=1.1.1.1', 'x', 'pre_tag_map'],
    ['ifindex=100 ifname=eth0 direction=in', 'x', 'pcap_interfaces_map'],
    ['ifname=ge-0/0/0 ifindex=501 ip=192.0.2.1', 'x', 'interface_map'],
    ['node=10.0.0.1 ip=192.0.2.1', 'x', 'interface_map'],
    ['counter=in_octets path=*/rx-octets', 'x', 'counter_map'],
    ['hello md5 SECRET', 'isis.keys', 'isis_keys'],
    ['10.0.0.0/8', 'allow.lst', 'allow_file'],
    ['64496,10.0.0.0/8', 'x', 'networks_file'],
    ['80', 'ports.lst', 'ports_file'],
    ['6', 'protos.lst', 'protos_file'],
    ['80', 'x', 'ports_file'],
  ] as const)
    assert.equal(guessKind(text, file), kind, `${file}: ${text}`)
})
