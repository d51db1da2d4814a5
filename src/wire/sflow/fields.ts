// Fields of the dictionary that a flow sample fills.
import type { Value } from '../../contract/record.ts'
import { ABSENT, type AddressColumn, type Column } from '../../fields/column.ts'
import { DATAGRAM_NUMBER } from '../flow/datagram-number.ts'
import type { MessageHeader } from '../flow/message.ts'
import { isPacketField, packetWriter } from '../packet/parts.ts'
import type { Agent } from './agents.ts'
import { AS_COUNT, AS_IFINDEX, AS_REASON, type Sample } from './sample.ts'
import type { Address } from './xdr.ts'

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
function direction({ sample }: Row): number {
  const { sourceClass, sourceIndex, input, inputForm, output, outputForm } = sample
  if (sourceClass !== 0) return UNDEFINED
  if (inputForm === AS_IFINDEX && sourceIndex === input) return INGRESS
  return outputForm === AS_IFINDEX && sourceIndex === output ? EGRESS : UNDEFINED
}

const packetVlan = ({ sample }: Row): number => sample.packet.outer.vlan
const first = (...numbers: number[]): number => numbers.find(number => number > 0) ?? numbers[0] ?? ABSENT

type NumberOf = (row: Row) => number

const NUMBERS: { readonly [field: string]: NumberOf } = {
  timestamp_arrival: row => row.header.arrivalUs,
  [DATAGRAM_NUMBER]: row => row.header.datagram,
  export_proto_version: row => row.header.version,
  export_proto_sysid: row => row.header.sysid,
  export_proto_seqno: row => row.header.sequence,
  source_id_class: ({ sample }) => sample.sourceClass,
  source_id_index: ({ sample }) => sample.sourceIndex,
  sample_seqno: ({ sample }) => sample.sequence,
  vlan: row => known(first(row.sample.vlanIn, packetVlan(row), row.sample.vlanOut)),
  vlan_in: row => known(first(row.sample.vlanIn, packetVlan(row))),
  vlan_out: ({ sample }) => known(sample.vlanOut),
  cos: ({ sample }) => (Number.isNaN(sample.priorityIn) ? sample.packet.outer.cos : sample.priorityIn),
  as_src: ({ sample }) => sample.asSource,
  as_dst: ({ sample }) => sample.asDestination,
  peer_as_src: ({ sample }) => sample.peerAsSource,
  peer_as_dst: ({ sample }) => sample.peerAsDestination,
  local_pref: ({ sample }) => sample.localPref,
  iface_in: ({ sample }) => (sample.inputForm === AS_IFINDEX ? known(sample.input) : ABSENT),
  iface_out: ({ sample }) => (sample.outputForm === AS_IFINDEX ? known(sample.output) : ABSENT),
  ifaces_out: ({ sample }) => (sample.outputForm === AS_COUNT ? known(sample.output) : ABSENT),
  discard_reason: ({ sample }) => (sample.outputForm === AS_REASON ? sample.output : sample.discardReason),
  mpls_pw_id: ({ sample }) => sample.pseudowire,
  mask_src: ({ sample }) => sample.maskSource,
  mask_dst: ({ sample }) => sample.maskDestination,
  sampling_rate: row => known(row.rate),
  sampling_rate_effective: row => (row.effectiveRate > 0 ? Math.round(row.effectiveRate * 1000) / 1000 : ABSENT),
  sampling_pool: row => (row.isDiscard ? ABSENT : row.sample.pool),
  sampling_drops: row => row.sample.drops,
  sampling_direction: direction,
  post_nat_port_src: ({ sample }) => sample.natSourcePort,
  post_nat_port_dst: ({ sample }) => sample.natDestinationPort,
  vxlan: ({ sample }) => (sample.packet.tunnels > 0 && sample.packet.vxlan >= 0 ? sample.packet.vxlan : sample.vni),
  queue: ({ sample }) => sample.queue,
  queue_depth: ({ sample }) => sample.queueDepth,
  transit_delay_nsec: ({ sample }) => sample.transitNs,
  frame_bytes: ({ sample }) => sample.frameOctets,
  packets: row => (row.isDiscard ? ABSENT : row.packets),
  bytes: row => (row.isDiscard ? ABSENT : row.bytes),
  bytes_ip: row => (row.isDiscard ? ABSENT : row.ipBytes),
  packets_dropped: row => (row.isDiscard ? 1 : ABSENT),
  bytes_dropped: row => (row.isDiscard ? row.bytes : ABSENT),
}

type AddressOf = (row: Row) => { readonly words: Uint32Array; readonly family: number }

const ADDRESSES: { readonly [field: string]: AddressOf } = {
  peer_ip_src: row => row.exporter,
  peer_ip_dst: ({ sample }): Address => sample.bgpNextHop,
  ip_next_hop: ({ sample }): Address => sample.nextHop,
  mpls_top_label_ip: ({ sample }): Address => sample.mplsNextHop,
  post_nat_ip_src: ({ sample }): Address => sample.natSource,
  post_nat_ip_dst: ({ sample }): Address => sample.natDestination,
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

function addressWriter({ words, family }: AddressColumn, addressOf: AddressOf): RowWriter {
  return (row, at) => {
    const address = addressOf(row)
    family[at] = address.family
    for (let word = 0; word < 4; word++) words[4 * at + word] = address.words[word] as number
  }
}

const numberWriter = (column: Column, numberOf: NumberOf): RowWriter => {
  if (column.lane !== 'number') throw new TypeError('the field is no number')
  return (row, at) => {
    column.numbers[at] = numberOf(row)
  }
}

/** How a field's column is filled; undefined when samples do not have the field. `inner` as packetWriter has it. */
export function sampleWriter(field: string, column: Column, inner: boolean): RowWriter | undefined {
  // What the packet in the tunnel says goes before what was said of the outer one.
  const own = !(inner && (field === 'vlan' || field === 'vlan_in' || field === 'cos'))
  if (own && Object.hasOwn(NUMBERS, field)) return numberWriter(column, NUMBERS[field] as NumberOf)
  if (Object.hasOwn(ADDRESSES, field) && column.lane === 'address') {
    return addressWriter(column, ADDRESSES[field] as AddressOf)
  }
  if (OTHER_NUMBERS.has(field)) return numberWriter(column, row => Number(row.sample.others?.[field] ?? ABSENT))
  const texts = valueWriter(field, column)
  if (texts) return texts
  if (!isPacketField(field)) return undefined
  const write = packetWriter(field, column, inner)
  return write && ((row, at) => write(row.sample.packet, at))
}

type TextOf = (row: Row) => Value | undefined

const TEXTS: { readonly [field: string]: TextOf } = {
  event_type: row => (row.isDiscard ? 'discard' : undefined),
  sampling_source: row => (row.rate > 0 ? row.rateSource : undefined),
}

function valueWriter(field: string, column: Column): RowWriter | undefined {
  if (column.lane !== 'value') return undefined
  const textOf = OTHERS.has(field) ? (row: Row) => row.sample.others?.[field] : TEXTS[field]
  if (!textOf) return undefined
  return (row, at) => {
    column.values[at] = textOf(row)
  }
}
