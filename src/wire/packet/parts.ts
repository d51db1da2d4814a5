// Fields of the dictionary that a packet's headers fill, and how their columns are filled: generated from this table, so that no
// number is boxed on its way. Generated source holds what stands here, never a name or a value from outside.
import type { Column } from '../../fields/column.ts'
import type { Headers } from './headers.ts'
import type { Packet } from './packet.ts'

/** Of one set of headers, with the field that has the same of the packet in the tunnel. */
const HEADER_PARTS: readonly (readonly [field: string, name: keyof Headers, tunnel?: string])[] = [
  ['mac_src', 'macSource', 'tunnel_mac_src'],
  ['mac_dst', 'macDestination', 'tunnel_mac_dst'],
  ['vlan', 'vlan'],
  ['vlan_in', 'vlan'],
  ['cvlan_in', 'innerVlan'],
  ['cos', 'cos'],
  ['etype', 'payloadEtype'],
  ['ip_src', 'source', 'tunnel_ip_src'],
  ['ip_dst', 'destination', 'tunnel_ip_dst'],
  ['port_src', 'sourcePort', 'tunnel_port_src'],
  ['port_dst', 'destinationPort', 'tunnel_port_dst'],
  ['tcp_flags', 'tcpFlags', 'tunnel_tcp_flags'],
  ['ip_proto', 'protocol', 'tunnel_ip_proto'],
  ['tos', 'tos', 'tunnel_tos'],
  ['flow_label', 'flowLabel', 'tunnel_flow_label'],
  ['ttl', 'ttl'],
  ['icmp_type', 'icmpType'],
  ['icmp_code', 'icmpCode'],
  ['bytes', 'ipOctets'],
]

/** Of the packet `p` as a whole. */
const PACKET_PARTS: { readonly [field: string]: string } = {
  mpls_label_stack: 'p.labels.length > 0 ? p.labels : undefined',
  mpls_label_top: 'p.labels.length > 0 ? p.labels[0] : NaN',
  mpls_label_bottom: 'p.labels.length > 0 ? p.labels[p.labels.length - 1] : NaN',
  srv6_seg_ipv6_list: 'p.segments.length > 0 ? p.segments : undefined',
  vxlan: 'p.vxlan',
  nvgre: 'p.nvgre',
  tunnel_type: 'p.tunnels > 0 ? p.tunnelType : undefined',
  tunnel_id: 'p.tunnelId',
}

/** Where a field stands in a packet `p`: an expression, or addresses of headers. */
export interface PartSource {
  readonly text: string
  /** Addresses: the headers, undefined where the packet is in no tunnel; `text` is the name of the address in them. */
  readonly headers?: string
}

const TUNNELLED = '(p.tunnels > 0 ? p.inner : undefined)'

function headerSource(name: keyof Headers, headers: string, isTunnel: boolean): PartSource {
  if (name === 'source' || name === 'destination') return { text: name, headers }
  return { text: isTunnel ? `p.tunnels > 0 ? p.inner.${name} : NaN` : `${headers}.${name}` }
}

/** Undefined when packets do not have the field. `inner`: the header in the tunnel takes the place of the outer, and tunnel_* are left out. */
export function partSource(field: string, inner: boolean): PartSource | undefined {
  if (Object.hasOwn(PACKET_PARTS, field)) return { text: PACKET_PARTS[field] as string }
  for (const [own, name, tunnel] of HEADER_PARTS) {
    if (own === field) return headerSource(name, inner ? 'p.here' : 'p.outer', false)
    if (tunnel === field && !inner) return headerSource(name, TUNNELLED, true)
  }
  return undefined
}

/** Whether a packet may have the field that is in no tunnel, and has no labels and segments. */
export const isPlainField = (field: string): boolean =>
  !Object.hasOwn(PACKET_PARTS, field) && !HEADER_PARTS.some(([, , tunnel]) => tunnel === field)

export const isPacketField = (field: string): boolean => partSource(field, false) !== undefined

/** A statement that puts an address of a packet `p` into words from `at` on, and its family into `family`. */
export const addressSource = ({ headers, text }: PartSource, words: string, at: string, family: string): string =>
  `{ const h = ${headers}, f = h ? h.family : 0; ${family} = f;
  if (f !== 0) { const a = h.${text}, w = ${at}; ${words}[w] = a[0];
    if (f === 6) { ${words}[w + 1] = a[1]; ${words}[w + 2] = a[2]; ${words}[w + 3] = a[3] } } }`

/** Writes one field of a packet into a row. */
export type Writer = (packet: Packet, row: number) => void

type MakeWriter = (column: Column) => Writer
/** One for each source, of which there are few. */
const makers = new Map<string, MakeWriter>()

const BODIES: { readonly [lane in Column['lane']]: (source: PartSource) => string } = {
  number: ({ text }) => `const { numbers } = column; return (p, row) => { numbers[row] = ${text} }`,
  value: ({ text }) => `const { values } = column; return (p, row) => { values[row] = ${text} }`,
  address: source =>
    `const { words, family } = column; return (p, row) => ${addressSource(source, 'words', '4 * row', 'family[row]')}`,
}

/** How a field's column is filled; undefined when packets do not have the field. */
export function packetWriter(field: string, column: Column, inner = false): Writer | undefined {
  const source = partSource(field, inner)
  if (!source) return undefined
  if ((source.headers !== undefined) !== (column.lane === 'address'))
    throw new TypeError(`${field} is no ${column.lane}`)
  const body = BODIES[column.lane](source)
  let make = makers.get(body)
  if (!make) {
    make = new Function('column', `'use strict'; ${body}`) as MakeWriter
    makers.set(body, make)
  }
  return make(column)
}
