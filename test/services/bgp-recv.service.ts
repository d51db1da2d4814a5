// Sessions with real speakers: they come up, and what the speakers announce is what is received.
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { describe, it } from 'node:test'
import { freeTcpPort } from '../support/free-port.ts'
import { bird, exabgp, frr, Gobgp, Receiver } from './bgp-peers.ts'
import { gobgpText } from './gobgp-configuration.ts'
import { without } from './programs.ts'

const update = { event_type: 'log', log_type: 'update' }

/** GoBGP 3.10 writes path identifiers into FlowSpec once a session has ADD-PATH: so that has sessions of its own. */
const gobgpConfiguration = (port: number, addPath = false) =>
  gobgpText(
    { as: 64500, id: '192.0.2.2' },
    {
      address: '127.0.0.1',
      port,
      from: '127.0.0.2',
      as: 64500,
      families: ['ipv4-unicast', 'ipv6-unicast', 'l3vpn-ipv4-unicast', 'l2vpn-evpn', 'ipv4-flowspec'],
      addPath: addPath ? ['ipv4-unicast'] : [],
      timers: '  hold-time = 9\n  keepalive-interval = 3',
    },
  )

describe('GoBGP', { skip: without('gobgpd', 'gobgp') }, () => {
  it('unicast with ADD-PATH, VPNv4, EVPN, withdrawals', async context => {
    const port = await freeTcpPort()
    const receiver = await Receiver.listening(context, port)
    const gobgp = await Gobgp.start(context, gobgpConfiguration(port, true))
    await receiver.has({ event_type: 'log_init', peer_ip_src: '127.0.0.2', peer_id: '192.0.2.2', peer_as: 64500 })
    await gobgp.say('global rib add 10.1.0.0/16 med 5 community 64500:1')
    await gobgp.say('global rib add -a ipv4 10.1.0.0/16 nexthop 192.0.2.77 identifier 2')
    await gobgp.say('global rib add -a ipv6 2001:db8:1::/48 nexthop 2001:db8::2')
    await gobgp.say('global rib add -a vpnv4 10.2.0.0/16 label 25 rd 64500:2 rt 64500:3 nexthop 192.0.2.2')
    const evpn = 'etag 5 rd 64500:4 rt 64500:4'
    await gobgp.say(
      `global rib add -a evpn macadv 02:00:00:00:00:01 192.0.2.9 etag 5 label 500 rd 64500:4 rt 64500:4 encap vxlan`,
    )
    await gobgp.say(`global rib add -a evpn multicast 192.0.2.2 ${evpn}`)
    const rd = { rd: '0:64500:4', rd_origin: 'bgp' }
    await receiver.has(
      { ...update, afi: 1, safi: 1, ip_prefix: '10.1.0.0/16', as_path_id: 1, med: 5, comms: ['64500:1'] },
      { ...update, afi: 1, safi: 1, ip_prefix: '10.1.0.0/16', as_path_id: 2, bgp_nexthop: '192.0.2.77' },
      { ...update, afi: 2, safi: 1, ip_prefix: '2001:db8:1::/48', bgp_nexthop: '2001:db8::2' },
      {
        ...update,
        afi: 1,
        safi: 128,
        ip_prefix: '10.2.0.0/16',
        rd: '0:64500:2',
        mpls_label: 25,
        ecomms: ['RT:64500:3'],
      },
      {
        ...update,
        afi: 25,
        safi: 70,
        ...rd,
        evpn_route_type: 2,
        evpn_mac: '02:00:00:00:00:01',
        evpn_ip: '192.0.2.9',
        evpn_vni: 500,
      },
      { ...update, afi: 25, safi: 70, ...rd, evpn_route_type: 3, evpn_originator: '192.0.2.2' },
    )
    await gobgp.say('global rib del -a vpnv4 10.2.0.0/16 label 25 rd 64500:2')
    await gobgp.say('global rib del -a ipv4 10.1.0.0/16 identifier 2')
    await receiver.has(
      { log_type: 'withdraw', afi: 1, safi: 128, ip_prefix: '10.2.0.0/16', rd: '0:64500:2' },
      { log_type: 'withdraw', afi: 1, safi: 1, ip_prefix: '10.1.0.0/16', as_path_id: 2 },
    )
    const { rows, said } = await receiver.stop()
    assert.equal(said, '')
    assert.deepEqual(
      rows.map(({ seq }) => seq),
      rows.map((_, index) => index),
    )
    assert.equal(rows.at(-1)?.event_type, 'log_close')
  })

  it('FlowSpec; a flap: the session goes with a NOTIFICATION and comes back with its routes', async context => {
    const port = await freeTcpPort()
    const receiver = await Receiver.listening(context, port)
    const gobgp = await Gobgp.start(context, gobgpConfiguration(port))
    await gobgp.say('global rib add 10.1.0.0/16')
    await gobgp.say('global rib add -a ipv4-flowspec match destination 10.9.0.0/24 then discard')
    await receiver.has({ ...update, ip_prefix: '10.1.0.0/16' }, { ...update, safi: 133, flowspec: 'dst 10.9.0.0/24' })
    await gobgp.say('neighbor 127.0.0.1 disable')
    await receiver.count({ event_type: 'log_close' }, 1)
    await gobgp.say('neighbor 127.0.0.1 enable')
    await receiver.count({ log_type: 'update', ip_prefix: '10.1.0.0/16' }, 2)
    const { said } = await receiver.stop()
    assert.match(said, /the peer ended it: Cease \/ Administrative Shutdown/)
  })

  it('a peer that hangs: the hold timer expires; it comes back when it goes on', async context => {
    const port = await freeTcpPort()
    const receiver = await Receiver.listening(context, port, '--hold-time', '3')
    const gobgp = await Gobgp.start(context, gobgpConfiguration(port))
    await receiver.count({ event_type: 'log_init' }, 1)
    gobgp.child.kill('SIGSTOP')
    await receiver.count({ event_type: 'log_close' }, 1)
    gobgp.child.kill('SIGCONT')
    await receiver.count({ event_type: 'log_init' }, 2)
    const { said } = await receiver.stop()
    assert.match(said, /nothing was heard for 3 s/)
  })

  it('the AS that it wants is not ours: it says so', async context => {
    const port = await freeTcpPort()
    const receiver = await Receiver.listening(context, port, '--as', '64999')
    await Gobgp.start(context, gobgpConfiguration(port))
    await receiver.says(/OPEN Message Error \/ Bad Peer AS/)
    assert.deepEqual((await receiver.stop()).rows, [])
  })

  it('we call it', async context => {
    const port = await freeTcpPort()
    const passive = gobgpText(
      { as: 64500, id: '192.0.2.2', listen: { address: '127.0.0.2', port } },
      { address: '127.0.0.9', port: 1, from: '127.0.0.2', as: 64500, transport: '  passive-mode = true' },
    )
    const gobgp = await Gobgp.start(context, passive)
    await gobgp.say('global rib add 10.1.0.0/16')
    const receiver = Receiver.connecting(context, `127.0.0.2:${port}`, '--local-address', '127.0.0.9', '--as', '64500')
    await receiver.has({ ...update, peer_ip_src: '127.0.0.2', peer_tcp_port: port, ip_prefix: '10.1.0.0/16' })
    await receiver.stop()
  })
})

describe('BIRD', { skip: without('bird') }, () => {
  it('both families, with ADD-PATH, communities, the end of the RIB', async context => {
    const port = await freeTcpPort()
    const receiver = await Receiver.listening(context, port)
    bird(
      context,
      `router id 192.0.2.3;
protocol device {}
protocol static s4 { ipv4; route 10.3.0.0/16 blackhole { bgp_community.add((64501,7)); bgp_large_community.add((64501,1,2)); }; route 10.4.0.0/24 blackhole; }
protocol static s6 { ipv6; route 2001:db8:3::/48 blackhole; }
protocol bgp netally { local 127.0.0.3 as 64501; neighbor 127.0.0.1 port ${port} as 64501; multihop; strict bind yes; connect retry time 1; connect delay time 1; hold time 9;
 ipv4 { add paths tx; import none; export all; next hop self; };
 ipv6 { import none; export all; next hop address 2001:db8::3; }; }
`,
    )
    const peer = { ...update, peer_ip_src: '127.0.0.3' }
    await receiver.has(
      {
        ...peer,
        ip_prefix: '10.3.0.0/16',
        bgp_nexthop: '127.0.0.3',
        comms: ['64501:7'],
        lcomms: ['64501:1:2'],
        local_pref: 100,
      },
      { ...peer, ip_prefix: '10.4.0.0/24' },
      { ...peer, ip_prefix: '2001:db8:3::/48', bgp_nexthop: '2001:db8::3' },
      { log_type: 'end-of-rib', afi: 1, safi: 1 },
      { log_type: 'end-of-rib', afi: 2, safi: 1 },
    )
    const { rows, said } = await receiver.stop()
    assert.equal(said, '')
    assert.equal(typeof rows.find(({ ip_prefix }) => ip_prefix === '10.3.0.0/16')?.as_path_id, 'number')
  })
})

describe('FRR', { skip: !existsSync('/usr/lib/frr/bgpd') && 'not installed: frr' }, () => {
  it('unicast, VPNv4 and EVPN', async context => {
    const port = await freeTcpPort()
    const receiver = await Receiver.listening(context, port)
    frr(
      context,
      `router bgp 64502
 bgp router-id 192.0.2.4
 no bgp default ipv4-unicast
 no bgp network import-check
 neighbor 127.0.0.1 remote-as 64502
 neighbor 127.0.0.1 port ${port}
 neighbor 127.0.0.1 update-source 127.0.0.4
 neighbor 127.0.0.1 timers 3 9
 neighbor 127.0.0.1 timers connect 1
 address-family ipv4 unicast
  network 10.5.0.0/16
  neighbor 127.0.0.1 activate
  neighbor 127.0.0.1 addpath-tx-all-paths
 exit-address-family
 address-family ipv6 unicast
  network 2001:db8:5::/48
  neighbor 127.0.0.1 activate
 exit-address-family
 address-family ipv4 vpn
  network 10.6.0.0/16 rd 64502:6 label 600
  neighbor 127.0.0.1 activate
 exit-address-family
 address-family l2vpn evpn
  network 10.7.0.0/16 rd 64502:7 ethtag 0 label 700 esi 00:00:00:00:00:00:00:00:00:00 gwip 192.0.2.4 routermac 02:00:00:00:00:07
  neighbor 127.0.0.1 activate
 exit-address-family
`,
    )
    const peer = { ...update, peer_ip_src: '127.0.0.4', as_path: [], local_pref: 100 }
    await receiver.has(
      { ...peer, afi: 1, safi: 1, ip_prefix: '10.5.0.0/16', bgp_nexthop: '127.0.0.4' },
      { ...peer, afi: 2, safi: 1, ip_prefix: '2001:db8:5::/48' },
      { ...peer, afi: 1, safi: 128, ip_prefix: '10.6.0.0/16', rd: '0:64502:6', mpls_label: 600 },
      { ...peer, afi: 25, safi: 70, ip_prefix: '10.7.0.0/16', evpn_route_type: 5, ecomms: ['RMAC:02:00:00:00:00:07'] },
      { log_type: 'end-of-rib', afi: 25, safi: 70 },
    )
    assert.equal((await receiver.stop()).said, '')
  })
})

describe('ExaBGP', { skip: without('exabgp') }, () => {
  it('several paths of a prefix, communities, FlowSpec', async context => {
    const port = await freeTcpPort()
    const receiver = await Receiver.listening(context, port)
    exabgp(
      context,
      `neighbor 127.0.0.1 {
 router-id 192.0.2.5; local-address 127.0.0.5; local-as 64503; peer-as 64503; hold-time 9;
 capability { add-path send; }
 family { ipv4 unicast; ipv6 unicast; ipv4 flow; }
 static {
  route 10.8.0.0/16 next-hop 192.0.2.5 path-information 1 community [64503:8] large-community [64503:8:9] med 8;
  route 10.8.0.0/16 next-hop 192.0.2.6 path-information 2;
  route 2001:db8:8::/48 next-hop 2001:db8::5;
 }
 flow { route r1 { match { destination 192.0.2.0/24; protocol tcp; destination-port =80; } then { discard; } } }
}
`,
      port,
    )
    const path = { ...update, ip_prefix: '10.8.0.0/16' }
    await receiver.has(
      { ...path, as_path_id: 1, bgp_nexthop: '192.0.2.5', comms: ['64503:8'], lcomms: ['64503:8:9'], med: 8 },
      { ...path, as_path_id: 2, bgp_nexthop: '192.0.2.6' },
      { ...update, ip_prefix: '2001:db8:8::/48', bgp_nexthop: '2001:db8::5' },
      { ...update, safi: 133, flowspec: 'dst 192.0.2.0/24; proto =6; dst_port =80' },
    )
    assert.equal((await receiver.stop()).said, '')
  })
})
