// Sampled packets: their first octets (sampled_header), or what a switch knows of them (sampled_ethernet, _ipv4, _ipv6).
import { dissect } from '../../packet/dissect.ts'
import { ETHERNET_LAYER, IP_LAYER, MPLS_LAYER, PPP_LAYER } from '../../packet/layer.ts'
import type { Sample } from '../sample.ts'
import type { Xdr } from '../xdr.ts'

/** header_protocol: Ethernet, PPP, IPv4, IPv6, MPLS, PPP over SONET. 802.11 and older ones are counted by their length alone. */
const LAYERS: { readonly [protocol: number]: number } = {
  1: ETHERNET_LAYER,
  7: PPP_LAYER,
  11: IP_LAYER,
  12: IP_LAYER,
  13: MPLS_LAYER,
  14: PPP_LAYER,
}

/** `stripped` is in version 5 only: octets that were taken off before, of which the frame's length still knows. */
export function sampledHeader(xdr: Xdr, sample: Sample, hasStripped: boolean): void {
  const protocol = xdr.unsigned()
  const frame = xdr.unsigned()
  const stripped = hasStripped ? xdr.unsigned() : 0
  const octets = Math.min(xdr.unsigned(), xdr.end - xdr.at)
  const layer = LAYERS[protocol]
  const start = xdr.at
  if (xdr.broken) return
  sample.frameOctets = frame
  sample.bytes = frame
  const { packet } = sample
  if (layer !== undefined) {
    dissect(layer, xdr.view, start, start + octets, packet)
    const { ipOctets, ipAt } = packet.outer
    if (ipOctets > 0) sample.ipOctets = ipOctets
    else if (ipAt >= 0) sample.ipOctets = Math.max(0, frame - stripped - (ipAt - start))
    sample.headerAt = start
    sample.headerEnd = start + octets
  }
  xdr.at = Math.min(xdr.end, start + octets + (-octets & 3))
}

/** The agent knows where the packet in the tunnel begins (extended_decapsulate), though not every tunnel can be told from outside. */
export function enterDecapsulated(view: DataView, sample: Sample): void {
  const { packet, headerAt, headerEnd, innerOffset } = sample
  const at = headerAt + innerOffset
  if (!(innerOffset > 0 && at < headerEnd) || packet.tunnels > 0 || !packet.enter('decapsulated', sample.vni)) return
  const nibble = view.getUint8(at) >>> 4
  dissect(nibble === 4 || nibble === 6 ? IP_LAYER : ETHERNET_LAYER, view, at, headerEnd, packet)
}

export function sampledEthernet(xdr: Xdr, sample: Sample): void {
  const { outer } = sample.packet
  const frame = xdr.unsigned()
  const [source, destination, etype] = [xdr.mac(), xdr.mac(), xdr.unsigned()]
  if (xdr.broken || outer.ipAt >= 0) return
  outer.macSource = source
  outer.macDestination = destination
  if (Number.isNaN(outer.etype)) outer.etype = etype
  if (!Number.isNaN(sample.frameOctets)) return
  sample.frameOctets = frame
  sample.bytes = frame
}

const IPV4_OCTETS = 32
const IPV6_OCTETS = 56

export function sampledIp(family: 4 | 6, xdr: Xdr, sample: Sample): void {
  const { outer } = sample.packet
  if (outer.family !== 0 || !xdr.has(family === 4 ? IPV4_OCTETS : IPV6_OCTETS)) return
  const octets = xdr.unsigned()
  outer.family = family
  outer.ipOctets = octets
  sample.ipOctets = octets
  if (Number.isNaN(sample.frameOctets)) sample.bytes = octets
  outer.protocol = xdr.unsigned()
  xdr.words(outer.source, family === 4 ? 1 : 4)
  xdr.words(outer.destination, family === 4 ? 1 : 4)
  const hasPorts = outer.protocol === 6 || outer.protocol === 17 || outer.protocol === 132
  const [source, destination, flags, tos] = [xdr.unsigned(), xdr.unsigned(), xdr.unsigned(), xdr.unsigned()]
  if (hasPorts) {
    outer.sourcePort = source
    outer.destinationPort = destination
  }
  if (outer.protocol === 6) outer.tcpFlags = flags
  outer.tos = tos
}
