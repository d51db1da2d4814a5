// Fields of the dictionary that a packet's headers fill.
import type { Value } from '../../contract/record.ts'
import { ABSENT, type AddressColumn, type Column } from '../../fields/column.ts'
import type { Headers } from './headers.ts'
import type { Packet } from './packet.ts'

type Part = (packet: Packet) => number | Uint32Array | Value | undefined
type HeaderPart = (headers: Headers) => number | Uint32Array

const ETYPES: { readonly [family: number]: number } = { 4: 0x800, 6: 0x86dd }

/** Of one set of headers, with the field that has the same of the packet in the tunnel. */
const HEADER_PARTS: readonly (readonly [field: string, part: HeaderPart, tunnel?: string])[] = [
  ['mac_src', headers => headers.macSource, 'tunnel_mac_src'],
  ['mac_dst', headers => headers.macDestination, 'tunnel_mac_dst'],
  ['vlan', headers => headers.vlan],
  ['vlan_in', headers => headers.vlan],
  ['cvlan_in', headers => headers.innerVlan],
  ['cos', headers => headers.cos],
  ['etype', headers => ETYPES[headers.family] ?? headers.etype],
  ['ip_src', headers => headers.source, 'tunnel_ip_src'],
  ['ip_dst', headers => headers.destination, 'tunnel_ip_dst'],
  ['port_src', headers => headers.sourcePort, 'tunnel_port_src'],
  ['port_dst', headers => headers.destinationPort, 'tunnel_port_dst'],
  ['tcp_flags', headers => headers.tcpFlags, 'tunnel_tcp_flags'],
  ['ip_proto', headers => headers.protocol, 'tunnel_ip_proto'],
  ['tos', headers => headers.tos, 'tunnel_tos'],
  ['flow_label', headers => headers.flowLabel, 'tunnel_flow_label'],
  ['ttl', headers => headers.ttl],
  ['icmp_type', headers => headers.icmpType],
  ['icmp_code', headers => headers.icmpCode],
  ['bytes', headers => headers.ipOctets],
]

/** Of the packet as a whole. */
const PACKET_PARTS: { readonly [field: string]: Part } = {
  mpls_label_stack: packet => (packet.labels.length > 0 ? packet.labels : undefined),
  mpls_label_top: packet => packet.labels[0] ?? ABSENT,
  mpls_label_bottom: packet => packet.labels.at(-1) ?? ABSENT,
  srv6_seg_ipv6_list: packet => (packet.segments.length > 0 ? packet.segments : undefined),
  vxlan: packet => (packet.tunnels > 0 ? packet.vxlan : ABSENT),
  nvgre: packet => (packet.tunnels > 0 ? packet.nvgre : ABSENT),
  tunnel_type: packet => (packet.tunnels > 0 ? packet.tunnelType : undefined),
  tunnel_id: packet => (packet.tunnels > 0 ? packet.tunnelId : ABSENT),
}

/** Whose headers a field takes. */
type Choose = (packet: Packet) => Headers | undefined

const outer: Choose = packet => packet.outer
const innermost: Choose = packet => packet.here
const tunnelled: Choose = packet => (packet.tunnels > 0 ? packet.inner : undefined)

/** Writes one field of a packet into a row. */
export type Writer = (packet: Packet, row: number) => void

interface Choice {
  readonly part: HeaderPart
  readonly choose: Choose
}

function choiceOf(field: string, inner: boolean): Choice | undefined {
  for (const [name, part, tunnel] of HEADER_PARTS) {
    if (name === field) return { part, choose: inner ? innermost : outer }
    if (tunnel === field && !inner) return { part, choose: tunnelled }
  }
  return undefined
}

export function isPacketField(field: string): boolean {
  return (
    Object.hasOwn(PACKET_PARTS, field) || HEADER_PARTS.some(([name, , tunnel]) => name === field || tunnel === field)
  )
}

/**
 * How a field's column is filled; undefined when packets do not have the field. `inner`: the header in the tunnel takes
 * the place of the outer, and tunnel_* are left out.
 */
export function packetWriter(field: string, column: Column, inner = false): Writer | undefined {
  if (Object.hasOwn(PACKET_PARTS, field)) return wholeWriter(column, PACKET_PARTS[field] as Part)
  const choice = choiceOf(field, inner)
  if (!choice) return undefined
  return column.lane === 'address' ? addressWriter(column, choice) : numberWriter(column, choice)
}

function wholeWriter(column: Column, part: Part): Writer {
  if (column.lane === 'number') {
    return (packet, row) => {
      column.numbers[row] = part(packet) as number
    }
  }
  if (column.lane === 'address') throw new TypeError('no packet as a whole has an address')
  return (packet, row) => {
    column.values[row] = part(packet) as Value | undefined
  }
}

function numberWriter(column: Column, { part, choose }: Choice): Writer {
  if (column.lane !== 'number') throw new TypeError('headers are numbers and addresses')
  return (packet, row) => {
    const headers = choose(packet)
    column.numbers[row] = headers ? (part(headers) as number) : ABSENT
  }
}

function addressWriter({ words, family }: AddressColumn, { part, choose }: Choice): Writer {
  return (packet, row) => {
    const headers = choose(packet)
    family[row] = headers ? headers.family : 0
    if (!headers || headers.family === 0) return
    const from = part(headers) as Uint32Array
    const at = 4 * row
    words[at] = from[0] as number
    if (headers.family !== 6) return
    words[at + 1] = from[1] as number
    words[at + 2] = from[2] as number
    words[at + 3] = from[3] as number
  }
}
