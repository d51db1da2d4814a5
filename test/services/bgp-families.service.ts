// Families and path identifiers beyond unicast, as real speakers have them.
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { freeTcpPort } from '../support/free-port.ts'
import { bird, exabgp, Gobgp, Receiver } from './bgp-peers.ts'
import { gobgpText } from './gobgp-configuration.ts'
import { without } from './programs.ts'

const update = { event_type: 'log', log_type: 'update' }

const gobgp = (port: number, families: readonly string[], addPath: readonly string[] = []) =>
  gobgpText(
    { as: 64500, id: '192.0.2.2' },
    { address: '127.0.0.1', port, from: '127.0.0.31', as: 64500, families, addPath },
  )

describe('families of GoBGP', { skip: without('gobgpd', 'gobgp') }, () => {
  it('route target membership: we ask for every target, so that VPN routes come', async context => {
    const port = await freeTcpPort()
    const receiver = await Receiver.listening(context, port)
    const peer = await Gobgp.start(context, gobgp(port, ['l3vpn-ipv4-unicast', 'rtc']))
    await receiver.has({ event_type: 'log_init' })
    await peer.say('vrf add red rd 64500:5 rt both 64500:5')
    await peer.say('vrf red rib add 10.32.0.0/16')
    await receiver.has(
      { ...update, afi: 1, safi: 132, rtc_origin_as: 64500, rtc_target: 'RT:64500:5' },
      { ...update, afi: 1, safi: 128, rd: '0:64500:5', ip_prefix: '10.32.0.0/16' },
    )
    assert.equal((await receiver.stop()).said, '')
  })

  it('labelled unicast and VPNv6, with path identifiers', async context => {
    const port = await freeTcpPort()
    const receiver = await Receiver.listening(context, port)
    const families = ['ipv4-labelled-unicast', 'l3vpn-ipv6-unicast']
    const peer = await Gobgp.start(context, gobgp(port, families, families))
    await receiver.has({ event_type: 'log_init' })
    await peer.say('global rib add -a ipv4-mpls 10.33.0.0/16 100 nexthop 192.0.2.2')
    await peer.say('global rib add -a vpnv6 2001:db8:33::/48 label 33 rd 64500:33 rt 64500:33 nexthop 2001:db8::2')
    await receiver.has(
      { ...update, afi: 1, safi: 4, ip_prefix: '10.33.0.0/16', mpls_label: 100, as_path_id: 1 },
      { ...update, afi: 2, safi: 128, ip_prefix: '2001:db8:33::/48', mpls_label: 33, rd: '0:64500:33', as_path_id: 1 },
    )
    assert.equal((await receiver.stop()).said, '')
  })

  it('EVPN of types 1, 4 and 5, FlowSpec of IPv6 and of a VPN, AIGP', async context => {
    const port = await freeTcpPort()
    const receiver = await Receiver.listening(context, port)
    const families = ['ipv4-unicast', 'l2vpn-evpn', 'ipv6-flowspec', 'l3vpn-ipv4-flowspec']
    const peer = await Gobgp.start(context, gobgp(port, families))
    await receiver.has({ event_type: 'log_init' })
    const target = 'rd 64500:4 rt 64500:4'
    const segment = 'ARBITRARY 11:22:33:44:55:66:77:88:99'
    await peer.say(`global rib add -a evpn a-d esi ${segment} etag 10 label 300 ${target}`)
    await peer.say(`global rib add -a evpn esi 192.0.2.2 esi ${segment} ${target}`)
    await peer.say(
      `global rib add -a evpn prefix 10.50.0.0/24 etag 5 label 77 ${target} encap vxlan router-mac 02:00:00:00:00:09`,
    )
    await peer.say('global rib add -a ipv6-flowspec match destination 2001:db8::/48 protocol tcp then discard')
    await peer.say(
      'global rib add -a ipv4-l3vpn-flowspec rd 64500:7 match destination 10.9.0.0/24 then redirect 64500:9',
    )
    await peer.say('global rib add 10.60.0.0/16 aigp metric 55')
    const evpn = { ...update, afi: 25, safi: 70, rd: '0:64500:4' }
    const esi = '00:11:22:33:44:55:66:77:88:99'
    await receiver.has(
      { ...evpn, evpn_route_type: 1, evpn_esi: esi, evpn_ethernet_tag: 10 },
      { ...evpn, evpn_route_type: 4, evpn_esi: esi, evpn_originator: '192.0.2.2' },
      { ...evpn, evpn_route_type: 5, ip_prefix: '10.50.0.0/24', evpn_vni: 77 },
      { ...update, afi: 2, safi: 133, flowspec: 'dst 2001:db8::/48; proto =6' },
      { ...update, afi: 1, safi: 134, rd: '0:64500:7', ecomms: ['Redirect:64500:9'], flowspec: 'dst 10.9.0.0/24' },
      { ...update, ip_prefix: '10.60.0.0/16', aigp: 55 },
    )
    assert.equal((await receiver.stop()).said, '')
  })

  it('only the families of --families are agreed on', async context => {
    const port = await freeTcpPort()
    const receiver = await Receiver.listening(context, port, '--families', 'ipv6-unicast,1/128')
    const families = ['ipv4-unicast', 'ipv6-unicast', 'l3vpn-ipv4-unicast']
    const peer = await Gobgp.start(context, gobgp(port, families))
    await receiver.has({ event_type: 'log_init' })
    await peer.say('global rib add 10.34.0.0/16')
    await peer.say('global rib add -a ipv6 2001:db8:34::/48 nexthop 2001:db8::2')
    await peer.say('global rib add -a vpnv4 10.35.0.0/16 label 25 rd 64500:2 rt 64500:3 nexthop 192.0.2.2')
    await receiver.has(
      { ...update, ip_prefix: '2001:db8:34::/48' },
      { ...update, safi: 128, ip_prefix: '10.35.0.0/16' },
    )
    const { rows } = await receiver.stop()
    assert.ok(rows.every(({ afi, safi }) => !(afi === 1 && safi === 1)))
  })
})

describe('families of BIRD', { skip: without('bird') }, () => {
  it('FlowSpec of both families and multicast, with path identifiers', async context => {
    const port = await freeTcpPort()
    const receiver = await Receiver.listening(context, port)
    bird(
      context,
      `router id 192.0.2.35;
flow4 table flow4tab; flow6 table flow6tab; ipv4 table multi4;
protocol device {}
protocol static f4 { flow4 { table flow4tab; }; route flow4 { dst 10.36.0.0/24; proto = 17; dport 53; }; }
protocol static f6 { flow6 { table flow6tab; }; route flow6 { dst 2001:db8:36::/48; next header 6; }; }
protocol static m4 { ipv4 { table multi4; }; route 10.37.0.0/16 blackhole; }
protocol bgp netally { local 127.0.0.35 as 64501; neighbor 127.0.0.1 port ${port} as 64501; multihop; strict bind yes;
 connect retry time 1; connect delay time 1; hold time 9;
 flow4 { table flow4tab; add paths tx; import none; export all; };
 flow6 { table flow6tab; add paths tx; import none; export all; };
 ipv4 multicast { table multi4; add paths tx; import none; export all; next hop self; }; }
`,
    )
    await receiver.has(
      { ...update, afi: 1, safi: 133, flowspec: 'dst 10.36.0.0/24; proto =17; dst_port =53' },
      { ...update, afi: 2, safi: 133, flowspec: 'dst 2001:db8:36::/48; proto =6' },
      { ...update, afi: 1, safi: 2, ip_prefix: '10.37.0.0/16' },
      ...[133, 2].map(safi => ({ log_type: 'end-of-rib', afi: 1, safi })),
    )
    const { rows, said } = await receiver.stop()
    assert.equal(said, '')
    const routes = rows.filter(({ log_type }) => log_type === 'update')
    assert.ok(routes.every(({ as_path_id }) => typeof as_path_id === 'number'))
  })
})

describe('families of ExaBGP', { skip: without('exabgp') }, () => {
  it('labelled, VPN of both, FlowSpec of a VPN', async context => {
    const port = await freeTcpPort()
    const receiver = await Receiver.listening(context, port)
    exabgp(
      context,
      `neighbor 127.0.0.1 {
 router-id 192.0.2.36; local-address 127.0.0.36; local-as 64503; peer-as 64503; hold-time 9;
 family { ipv4 nlri-mpls; ipv4 mpls-vpn; ipv6 mpls-vpn; ipv4 flow-vpn; }
 static {
  route 10.38.0.0/16 next-hop 192.0.2.36 label [ 800 ];
  route 10.39.0.0/16 next-hop 192.0.2.36 label [ 801 ] rd 64503:39 extended-community [ target:64503:39 ];
  route 2001:db8:39::/48 next-hop 2001:db8::36 label [ 802 ] rd 64503:39;
 }
 flow { route v { rd 64503:40; match { destination 10.40.0.0/24; } then { discard; } } }
}
`,
      port,
    )
    await receiver.has(
      { ...update, safi: 4, ip_prefix: '10.38.0.0/16', mpls_label: 800 },
      {
        ...update,
        afi: 1,
        safi: 128,
        ip_prefix: '10.39.0.0/16',
        mpls_label: 801,
        rd: '0:64503:39',
        ecomms: ['RT:64503:39'],
      },
      { ...update, afi: 2, safi: 128, ip_prefix: '2001:db8:39::/48', mpls_label: 802, bgp_nexthop: '2001:db8::36' },
      { ...update, afi: 1, safi: 134, rd: '0:64503:40', flowspec: 'dst 10.40.0.0/24' },
    )
    assert.equal((await receiver.stop()).said, '')
  })
})
