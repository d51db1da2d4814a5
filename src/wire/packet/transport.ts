// TCP (RFC 9293), UDP (RFC 768), SCTP, DCCP, UDP-Lite (ports come first), ICMP (RFC 792, RFC 4443).
import { type Layer, STOP, tunnelLayer } from './layer.ts'
import type { Packet } from './packet.ts'
import { NO_TUNNEL } from './tunnel-ports.ts'

const UDP_OCTETS = 8

function readPorts(view: DataView, { at, end, here }: Packet): boolean {
  if (end - at < 4) return false
  here.sourcePort = view.getUint16(at)
  here.destinationPort = view.getUint16(at + 2)
  return true
}

export const tcp: Layer = (view, packet) => {
  const { at, end, here } = packet
  if (!readPorts(view, packet) || end - at < 14) return STOP
  here.tcpFlags = view.getUint8(at + 13)
  packet.at = Math.min(end, at + (view.getUint8(at + 12) >>> 4) * 4)
  return STOP
}

export const udp: Layer = (view, packet) => {
  const { at, end, here } = packet
  if (!readPorts(view, packet) || end - at < UDP_OCTETS) return STOP
  packet.at = at + UDP_OCTETS
  const tunnel = packet.tunnelOf(here.sourcePort, here.destinationPort)
  return tunnel === NO_TUNNEL ? STOP : tunnelLayer(tunnel)
}

export const portsOnly: Layer = (view, packet) => {
  readPorts(view, packet)
  return STOP
}

export const icmp: Layer = (view, { at, end, here }) => {
  if (end - at >= 2) {
    here.icmpType = view.getUint8(at)
    here.icmpCode = view.getUint8(at + 1)
  }
  return STOP
}
