// Fields of the dictionary that a flow sample fills.
import { ABSENT, type Column } from '../../fields/column.ts'
import type { Field } from '../../fields/field.ts'
import { DATAGRAM_NUMBER } from '../flow/datagram-number.ts'
import type { MessageHeader } from '../flow/message.ts'
import { addressSource, partSource } from '../packet/parts.ts'
import type { Agent } from './agents.ts'
import { AS_COUNT, AS_IFINDEX, AS_REASON, type Sample } from './sample.ts'

/** A sample with what is known of it. */
export interface Row {
  readonly header: MessageHeader
  readonly agent: Agent
  readonly sample: Sample
  /** Who is the exporter: the agent, or the sender of the datagram. */
  readonly exporter: { readonly words: Uint32Array; readonly family: number }
  readonly rate: number
  readonly rateSource: string
  /** By the pool; 0 = unknown. */
  readonly effectiveRate: number
  readonly packets: number
  readonly bytes: number
  /** From the IP header on. */
  readonly ipBytes: number
  readonly isDiscard: boolean
}

export type RowWriter = (row: Row, at: number) => void

const known = (number: number): number => (number > 0 ? number : ABSENT)
const INGRESS = 'i'.charCodeAt(0)
const EGRESS = 'e'.charCodeAt(0)
const UNDEFINED = 'u'.charCodeAt(0)

/** Of a data source that is an interface: the one that the packet came in by, or left by. */
function direction({ sourceClass, sourceIndex, input, inputForm, output, outputForm }: Sample): number {
  if (sourceClass !== 0) return UNDEFINED
  if (inputForm === AS_IFINDEX && sourceIndex === input) return INGRESS
  return outputForm === AS_IFINDEX && sourceIndex === output ? EGRESS : UNDEFINED
}

/** The VLAN of the first that says one; it may be 0, which is none. */
const vlanOf = (first: number, second: number, third: number): number =>
  known(first > 0 ? first : second > 0 ? second : third)

/** What the expressions below call. */
const HELPERS = { known, direction, vlanOf, AS_IFINDEX, AS_COUNT, AS_REASON }

/** Expressions in `row`, its header `h`, its sample `s` and the packet `p` of that. */
const NUMBERS: { readonly [field: string]: string } = {
  timestamp_arrival: 'h.arrivalUs',
  [DATAGRAM_NUMBER]: 'h.datagram',
  export_proto_version: 'h.version',
  export_proto_sysid: 'h.sysid',
  export_proto_seqno: 'h.sequence',
  source_id_class: 's.sourceClass',
  source_id_index: 's.sourceIndex',
  sample_seqno: 's.sequence',
  vlan: 'vlanOf(s.vlanIn, p.outer.vlan, s.vlanOut)',
  vlan_in: 'vlanOf(s.vlanIn, p.outer.vlan, NaN)',
  vlan_out: 'known(s.vlanOut)',
  cos: 's.priorityIn === s.priorityIn ? s.priorityIn : p.outer.cos',
  as_src: 's.asSource',
  as_dst: 's.asDestination',
  peer_as_src: 's.peerAsSource',
  peer_as_dst: 's.peerAsDestination',
  local_pref: 's.localPref',
  iface_in: 's.inputForm === AS_IFINDEX ? known(s.input) : NaN',
  iface_out: 's.outputForm === AS_IFINDEX ? known(s.output) : NaN',
  ifaces_out: 's.outputForm === AS_COUNT ? known(s.output) : NaN',
  discard_reason: 's.outputForm === AS_REASON ? s.output : s.discardReason',
  mpls_pw_id: 's.pseudowire',
  mask_src: 's.maskSource',
  mask_dst: 's.maskDestination',
  sampling_rate: 'known(row.rate)',
  sampling_rate_effective: 'row.effectiveRate > 0 ? Math.round(row.effectiveRate * 1000) / 1000 : NaN',
  sampling_pool: 'row.isDiscard ? NaN : s.pool',
  sampling_drops: 's.drops',
  sampling_direction: 'direction(s)',
  post_nat_port_src: 's.natSourcePort',
  post_nat_port_dst: 's.natDestinationPort',
  vxlan: 'p.vxlan >= 0 ? p.vxlan : s.vni',
  queue: 's.queue',
  queue_depth: 's.queueDepth',
  transit_delay_nsec: 's.transitNs',
  frame_bytes: 's.frameOctets',
  packets: 'row.isDiscard ? NaN : row.packets',
  bytes: 'row.isDiscard ? NaN : row.bytes',
  bytes_ip: 'row.isDiscard ? NaN : row.ipBytes',
  packets_dropped: 'row.isDiscard ? 1 : NaN',
  bytes_dropped: 'row.isDiscard ? row.bytes : NaN',
}

/** The same, of what has words and a family. */
const ADDRESSES: { readonly [field: string]: string } = {
  peer_ip_src: 'row.exporter',
  peer_ip_dst: 's.bgpNextHop',
  ip_next_hop: 's.nextHop',
  mpls_top_label_ip: 's.mplsNextHop',
  post_nat_ip_src: 's.natSource',
  post_nat_ip_dst: 's.natDestination',
}

/** Fields that few samples have, as they stand in Sample.others. */
const OTHERS: ReadonlySet<string> = new Set([
  'comms',
  'as_path',
  'username',
  'username_dst',
  'url',
  'url_host',
  'mpls_label_stack_out',
  'mpls_tunnel_name',
  'mpls_vc_name',
  'mpls_ftn_name',
  'vlan_stack',
  'acl_name',
  'function_name',
  'drop_group',
  'drop_reason',
])
const OTHER_NUMBERS: ReadonlySet<string> = new Set([
  'mpls_tunnel_id',
  'mpls_ftn_mask',
  'mpls_fec_prefix_length',
  'acl_number',
])

const TEXTS: { readonly [field: string]: string } = {
  event_type: "row.isDiscard ? 'discard' : undefined",
  sampling_source: 'row.rate > 0 ? row.rateSource : undefined',
}

type Lane = Field['type']['lane']

/** Expressions of one lane; of addresses, of what has words and a family. */
function ownSource(field: string, lane: Lane): string | undefined {
  const other = `s.others === undefined ? undefined : s.others.${field}`
  if (OTHER_NUMBERS.has(field)) return `s.others === undefined ? NaN : s.others.${field} ?? NaN`
  if (OTHERS.has(field)) return other
  const table = lane === 'number' ? NUMBERS : lane === 'address' ? ADDRESSES : TEXTS
  return Object.hasOwn(table, field) ? table[field] : undefined
}

/** A statement that puts the field into column `c` of its lane; undefined when samples do not have the field. */
function statement({ name, type }: Field, c: string, inner: boolean): string | undefined {
  // What the packet in the tunnel says goes before what was said of the outer one.
  const isInner = inner && (name === 'vlan' || name === 'vlan_in' || name === 'cos')
  const own = isInner ? undefined : ownSource(name, type.lane)
  const part = own === undefined ? partSource(name, inner) : undefined
  if (part?.headers !== undefined) return addressSource(part, `${c}.words`, '4 * at', `${c}.family[at]`)
  const text = own ?? part?.text
  if (text === undefined) return undefined
  if (type.lane === 'number') return `${c}.numbers[at] = ${text}`
  if (type.lane === 'value') return `${c}.values[at] = ${text}`
  const words = [0, 1, 2, 3].map(word => `${c}.words[4 * at + ${word}] = a.words[${word}]`)
  return `{ const a = ${text}; if ((${c}.family[at] = a.family) !== 0) { ${words.join('; ')} } }`
}

/** Whether samples have the field. `inner`: the packet in the tunnel takes the place of the outer. */
export const isSampleField = (field: Field, inner: boolean): boolean => statement(field, '', inner) !== undefined

/** Writes these fields of a sample into a row of their columns; generated from the tables above. */
export function sampleWriter(fields: readonly Field[], columns: readonly Column[], inner: boolean): RowWriter {
  const names = columns.map((_, index) => `c${index}`)
  const lines = fields.map((field, index) => statement(field, `c${index}`, inner))
  const body = `'use strict'; const { ${Object.keys(HELPERS).join(', ')} } = helpers, [${names.join(', ')}] = columns;
  return (row, at) => { const h = row.header, s = row.sample, p = s.packet;\n${lines.join(';\n')} }`
  return new Function('columns', 'helpers', body)(columns, HELPERS) as RowWriter
}
