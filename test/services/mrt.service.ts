// MRT files as FRR and BIRD write them of what a GoBGP announces to them: messages and tables, with path identifiers.
import assert from 'node:assert/strict'
import { chmodSync, existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { netally, records, scratch } from '../support/cli.ts'
import { freeTcpPort } from '../support/free-port.ts'
import { bird, frr, Gobgp, listening, type Row, until } from './bgp-peers.ts'
import { type GobgpNeighbor, gobgpText } from './gobgp-configuration.ts'
import { without } from './programs.ts'

const skip = without('gobgpd', 'gobgp', 'bird') || (!existsSync('/usr/lib/frr/bgpd') && 'not installed: frr')

const FAMILIES = ['ipv4-unicast', 'ipv6-unicast']
const neighbor = (address: string, as: number, port: number): GobgpNeighbor => ({
  address,
  port,
  from: '127.0.0.51',
  as,
  families: FAMILIES,
  addPath: FAMILIES,
  more: ' [neighbors.ebgp-multihop.config]\n  enabled = true',
})

const size = (file: string): number => (existsSync(file) ? statSync(file).size : 0)

async function rowsOf(file: string): Promise<Row[]> {
  const { stdout, stderr, status } = await netally(['mrt-read', file])
  assert.equal(status, 0, stderr)
  assert.equal(stderr, '')
  return records(stdout)
}

function has(rows: readonly Row[], wanted: Row): void {
  const found = rows.some(row =>
    Object.entries(wanted).every(([key, value]) => JSON.stringify(row[key]) === JSON.stringify(value)),
  )
  assert.ok(found, `missing ${JSON.stringify(wanted)}\nof ${rows.map(row => JSON.stringify(row)).join('\n')}`)
}

test('MRT of FRR and BIRD', { skip }, async context => {
  const folder = scratch(context)
  chmodSync(folder, 0o777)
  const at = (name: string): string => join(folder, name)
  const [frrPort, birdPort] = [await freeTcpPort(), await freeTcpPort()]

  frr(
    context,
    `dump bgp all ${at('frr-messages')}
dump bgp routes-mrt ${at('frr-table')} 2
router bgp 65052
 bgp router-id 192.0.2.52
 no bgp ebgp-requires-policy
 no bgp default ipv4-unicast
 neighbor 127.0.0.51 remote-as 65051
 neighbor 127.0.0.51 passive
 neighbor 127.0.0.51 ebgp-multihop
 neighbor 127.0.0.51 disable-connected-check
 address-family ipv4 unicast
  neighbor 127.0.0.51 activate
 exit-address-family
 address-family ipv6 unicast
  neighbor 127.0.0.51 activate
 exit-address-family
`,
    { address: '127.0.0.52', port: frrPort },
  )
  bird(
    context,
    `router id 192.0.2.53;
mrtdump "${at('bird-messages')}";
mrtdump protocols { messages, states };
protocol device {}
protocol mrt { table "master*"; filename "${at('bird-table')}"; period 2; }
protocol bgp announcer { local 127.0.0.53 port ${birdPort} as 65053; neighbor 127.0.0.51 as 65051; passive; multihop; strict bind yes;
 ipv4 { add paths rx; import all; export none; }; ipv6 { add paths rx; import all; export none; }; }
`,
  )
  await listening(frrPort)
  await listening(birdPort)
  const announcer = await Gobgp.start(
    context,
    gobgpText(
      { as: 65_051, id: '192.0.2.51' },
      neighbor('127.0.0.52', 65_052, frrPort),
      neighbor('127.0.0.53', 65_053, birdPort),
    ),
  )
  await announcer.say('global rib add 10.1.0.0/16 nexthop 192.0.2.1 med 5 community 65051:1 large-community 65051:1:2')
  await announcer.say('global rib add 10.1.0.0/16 nexthop 192.0.2.2 identifier 2')
  await announcer.say('global rib add -a ipv6 2001:db8:1::/48 nexthop 2001:db8::1')
  const says = (file: string, octets: string) =>
    size(at(file)) > 0 && readFileSync(at(file)).includes(Buffer.from(octets, 'hex'))
  // 10.1.0.0/16 and 2001:db8:1::/48 as NLRI have them.
  for (const file of ['frr-messages', 'frr-table', 'bird-messages', 'bird-table']) {
    await until(`${file} has both prefixes`, () => says(file, '100a01') && says(file, '3020010db80001'))
  }
  await announcer.say('global rib del 10.1.0.0/16 identifier 2')
  const four = { afi: 1, safi: 1, ip_prefix: '10.1.0.0/16' }
  const six = { afi: 2, safi: 1, ip_prefix: '2001:db8:1::/48' }
  const path = { as_path: [65051], origin: 'u' }
  const best = { ...four, ...path, bgp_nexthop: '192.0.2.1', med: 5, comms: ['65051:1'], lcomms: ['65051:1:2'] }
  for (const writer of ['frr', 'bird']) {
    const from = { peer_ip_src: '127.0.0.51' }
    const messages = await rowsOf(at(`${writer}-messages`))
    has(messages, { ...from, event_type: 'log_init' })
    has(messages, { ...from, log_type: 'update', ...best })
    has(messages, { ...from, log_type: 'update', ...six, ...path })
    const table = await rowsOf(at(`${writer}-table`))
    has(table, { ...from, event_type: 'dump', peer_as: 65_051, ...best })
    has(table, { ...from, event_type: 'dump', ...six, ...path, bgp_nexthop: '2001:db8::1' })
    if (writer !== 'bird') continue
    has(messages, { ...from, log_type: 'update', ...four, as_path_id: 2, bgp_nexthop: '192.0.2.2' })
    has(table, { event_type: 'dump', ...four, as_path_id: 2, bgp_nexthop: '192.0.2.2' })
  }
})
