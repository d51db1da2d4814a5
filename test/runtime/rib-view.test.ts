// The looking glass as people see it.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { tableOf } from '../../src/runtime/rib-view.ts'

const cells = (text: string): string[] =>
  text
    .split('\n')
    .filter(line => line.startsWith('│'))
    .map(line => (line.split('│')[1] as string).trim())

test('routes to more than a prefix say what they lead to', () => {
  const octets = tableOf(
    [
      { peer_ip_src: '192.0.2.1', afi: 25, evpn_route_type: 3, evpn_ethernet_tag: 100, evpn_originator: '192.0.2.9' },
      { peer_ip_src: '192.0.2.1', afi: 25, evpn_route_type: 2, evpn_mac: 'aa:bb:cc:dd:ee:04', mpls_label: 7 },
      { peer_ip_src: '192.0.2.1', afi: 1, safi: 133, flowspec: 'dst 192.0.2.0/24; proto =6' },
    ],
    false,
  )
  assert.deepEqual(cells(new TextDecoder().decode(octets)), [
    'destination',
    'route_type=3 ethernet_tag=100 originator=192.0.2.9',
    'route_type=2 mac=aa:bb:cc:dd:ee:04',
    'dst 192.0.2.0/24; proto =6',
  ])
})

test('prefixes alone have no such column', () => {
  const octets = tableOf([{ peer_ip_src: '192.0.2.1', ip_prefix: '192.0.2.0/24' }], false)
  assert.deepEqual(cells(new TextDecoder().decode(octets)), ['ip_prefix', '192.0.2.0/24'])
})
