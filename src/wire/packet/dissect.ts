// The layers of a packet, one after another: each says which comes next, this table says who reads it.
import { ETHERNET_TYPES, ethernet } from './ethernet.ts'
import { geneve } from './geneve.ts'
import { ethernetInIp, gre, ipInIp } from './gre.ts'
import { gtp } from './gtp.ts'
import { ipv4 } from './ipv4.ts'
import { EXTENSION_HEADERS, ipv6 } from './ipv6.ts'
import { l2tp } from './l2tp.ts'
import {
  ETHERNET_LAYER,
  ETYPE_ETHERNET,
  ETYPE_IPV4,
  ETYPE_IPV6,
  ETYPE_MPLS,
  ETYPE_MPLS_MULTICAST,
  ETYPE_PPPOE,
  etypeLayer,
  IP_LAYER,
  type Layer,
  MPLS_LAYER,
  PPP_LAYER,
  PSEUDOWIRE_LAYER,
  pppLayer,
  protocolLayer,
  STOP,
  TUNNEL_LAYER,
  tunnelLayer,
} from './layer.ts'
import { mpls, pseudowire } from './mpls.ts'
import type { Packet } from './packet.ts'
import { ppp, pppoeSession } from './ppp.ts'
import { icmp, portsOnly, tcp, udp } from './transport.ts'
import { vxlan, vxlanGpe } from './vxlan.ts'

/** IP of the version that the first nibble says. */
const ip: Layer = (view, packet) => {
  if (packet.at >= packet.end) return STOP
  const version = view.getUint8(packet.at) >>> 4
  if (version === 4) return ipv4(view, packet)
  return version === 6 ? ipv6(view, packet) : STOP
}

const LAYERS: ReadonlyMap<number, Layer> = new Map([
  [ETHERNET_LAYER, ethernet],
  [IP_LAYER, ip],
  [MPLS_LAYER, mpls],
  [PPP_LAYER, ppp],
  [PSEUDOWIRE_LAYER, pseudowire],
  [etypeLayer(ETYPE_IPV4), ip],
  [etypeLayer(ETYPE_IPV6), ip],
  [etypeLayer(ETYPE_MPLS), mpls],
  [etypeLayer(ETYPE_MPLS_MULTICAST), mpls],
  [etypeLayer(ETYPE_ETHERNET), ethernet],
  [etypeLayer(ETYPE_PPPOE), pppoeSession],
  [pppLayer(0x0021), ip],
  [pppLayer(0x0057), ip],
  [pppLayer(0x0281), mpls],
  [pppLayer(0x0283), mpls],
  ...ETHERNET_TYPES.map(([etype, layer]) => [etypeLayer(etype), layer] as const),
  ...EXTENSION_HEADERS.map(([protocol, layer]) => [protocolLayer(protocol), layer] as const),
  [protocolLayer(1), icmp],
  [protocolLayer(4), ipInIp],
  [protocolLayer(6), tcp],
  [protocolLayer(17), udp],
  [protocolLayer(33), portsOnly],
  [protocolLayer(41), ipInIp],
  [protocolLayer(47), gre],
  [protocolLayer(58), icmp],
  [protocolLayer(132), portsOnly],
  [protocolLayer(136), portsOnly],
  [protocolLayer(137), mpls],
  [protocolLayer(143), ethernetInIp],
  [tunnelLayer(TUNNEL_LAYER.vxlan), vxlan],
  [tunnelLayer(TUNNEL_LAYER['vxlan-gpe']), vxlanGpe],
  [tunnelLayer(TUNNEL_LAYER.geneve), geneve],
  [tunnelLayer(TUNNEL_LAYER.gtp), gtp],
  [tunnelLayer(TUNNEL_LAYER.l2tp), l2tp],
])

/** More headers are no packet. */
const DEPTH = 64

/** Reads the packet in view[at..end) into a cleared one, `layer` first. Headers that are cut off leave what is there. */
export function dissect(layer: number, view: DataView, at: number, end: number, packet: Packet): void {
  packet.at = at
  packet.end = end
  let next = layer
  for (let depth = 0; next !== STOP && depth < DEPTH; depth++) {
    const read = LAYERS.get(next)
    if (!read) return
    next = read(view, packet)
  }
}
