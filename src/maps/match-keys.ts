// The keys that rows of pmacct's maps match by, and which fields of a record answer them. Any other word that names a
// field (a JSON key or a pmacct primitive) is a key too: netally's extension.
import { isProblem } from '../contract/problem.ts'
import { fieldOf, fieldsOf, knownField } from '../fields/dictionary.ts'
import type { Field } from '../fields/field.ts'
import { compile } from '../filter/compile.ts'
import { parse } from '../filter/parse.ts'
import type { Match } from './condition.ts'
import {
  addressSlot,
  codeSlot,
  flagSlot,
  numberSlot,
  type Presence,
  type Texts,
  textSlot,
  zeroWhenAbsent,
} from './slot.ts'
import { decimal, hexadecimal, matchOf, numbers, prefixes, texts, words } from './value.ts'

export interface MatchKey {
  /** `ip` and `filter` take no minus. */
  readonly negatable: boolean
  /** What the value asks, or what is wrong with it. */
  readonly read: (value: string, known: Texts) => Match | string
  /** For docs. */
  readonly summary: string
}

export interface MatchKeys {
  readonly [key: string]: MatchKey
}

const fields = (...names: string[]): Field[] => names.map(fieldOf)

function key(summary: string, read: MatchKey['read'], negatable = true): MatchKey {
  return { negatable, read, summary }
}

/** A key answered by the first of some fields that the record has. */
function byNumber(summary: string, ...names: string[]): MatchKey {
  const slot = numberSlot(names[0] as string, fields(...names))
  return key(summary, value => numbers(slot, value, decimal, 'a whole number'))
}

/** A record without the fields counts as 0, as in pmacct. */
function byNumberOrZero(summary: string, ...names: string[]): MatchKey {
  const slot = zeroWhenAbsent(numberSlot(`${names[0]} or 0`, fields(...names)))
  return key(summary, value => numbers(slot, value, decimal, 'a whole number'))
}

function byPrefix(summary: string, ...names: string[]): MatchKey {
  const slot = addressSlot(names.join(), fields(...names))
  return key(summary, value => prefixes(slot, value))
}

function byField(summary: string, name: string): MatchKey {
  return key(summary, (value, known) => matchOf(fieldOf(name), value, known))
}

const FLAG = { true: [1], '1': [1], false: [0], '0': [0] }

function byFlag(summary: string, name: string, of: readonly Field[], test: (read: Presence) => boolean): MatchKey {
  const slot = flagSlot(name, of, test)
  return key(summary, value => words(slot, value, FLAG))
}

export const EXPORTER = addressSlot('exporter address', fields('peer_ip_src'))
const SYSTEM = fields('export_proto_version', 'export_proto_sysid')
/** NetFlow v5 alone has engines: type and id are the two octets of its source. */
const ENGINE_TYPE = codeSlot('engine type', SYSTEM, read => (read.number(0) === 5 ? read.number(1) >>> 8 : Number.NaN))
const ENGINE_ID = codeSlot('engine id', SYSTEM, read => (read.number(0) === 5 ? read.number(1) & 255 : read.number(1)))
const DIRECTION = numberSlot('direction 0 or 1', fields('sampling_direction'), letter =>
  letter === 105 ? 0 : letter === 101 ? 1 : 2,
)
const MULTICAST_FIELDS = fields('mac_dst', 'ip_dst')
const SAMPLE_FIELDS = fields(
  'event_type',
  'nat_event',
  'fw_event',
  'ip_src',
  'ip_dst',
  'mpls_label_top',
  'mpls_label_stack',
)

/** The group bit of the destination MAC address, or a destination in 224.0.0.0/4 or ff00::/8. */
function isMulticast(read: Presence): boolean {
  const mac = read.number(0)
  if (!Number.isNaN(mac)) return Math.floor(mac / 2 ** 40) % 2 === 1
  const top = read.word(1) >>> 24
  return read.family(1) === 4 ? top >= 224 && top < 240 : read.family(1) === 6 && top === 255
}

const OPTION = 1
const EVENT = 2
const OTHER_FLOW = 3
const IPV4_FLOW = 4
const IPV6_FLOW = 6
const MPLS = 10
const SAMPLE_TYPES = {
  option: [OPTION],
  event: [EVENT],
  flow: [OTHER_FLOW, IPV4_FLOW, IPV6_FLOW, MPLS + OTHER_FLOW, MPLS + IPV4_FLOW, MPLS + IPV6_FLOW],
  'flow-ipv4': [IPV4_FLOW],
  'flow-ipv6': [IPV6_FLOW],
  'flow-mpls-ipv4': [MPLS + IPV4_FLOW],
  'flow-mpls-ipv6': [MPLS + IPV6_FLOW],
}
const SAMPLE_TYPE = codeSlot('kind of flow', SAMPLE_FIELDS, sampleType)

function sampleType(read: Presence): number {
  if (read.value(0) === 'option') return OPTION
  if (read.has(1) || read.has(2)) return EVENT
  const family = read.family(3) || read.family(4)
  return (read.has(5) || read.has(6) ? MPLS : 0) + (family === 4 ? IPV4_FLOW : family === 6 ? IPV6_FLOW : OTHER_FLOW)
}

function readSampleType(value: string, known: Texts): Match | string {
  return /^\d+:\d+$/.test(value)
    ? texts(textSlot(fieldOf('sample_type')), value, known)
    : words(SAMPLE_TYPE, value, SAMPLE_TYPES)
}

function readFilter(value: string): Match | string {
  const expression = parse(value)
  return isProblem(expression) ? expression.message : { is: 'filter', filter: compile(expression) }
}

const SOURCE_ID_KEY = key('engine id of NetFlow v5, source id of v9, observation domain of IPFIX', value =>
  numbers(ENGINE_ID, value, decimal, 'a whole number'),
)

export const EXPORTER_KEY = key('exporter: address or prefix', value => prefixes(EXPORTER, value, true), false)
export const IN_KEY = byNumber('ifIndex of the ingress', 'iface_in')
export const OUT_KEY = byNumber('ifIndex of the egress', 'iface_out')
export const FILTER_KEY = key('a filter in quotes', readFilter, false)

const FLAG_BITS = numberSlot('tcp_flags', fields('tcp_flags'))

/** Every key of pre_tag_map that a flow record can answer. */
export const FLOW_KEYS: MatchKeys = {
  ip: EXPORTER_KEY,
  in: IN_KEY,
  out: OUT_KEY,
  filter: FILTER_KEY,
  engine_type: key('engine type of NetFlow v5', value => numbers(ENGINE_TYPE, value, decimal, 'a whole number')),
  engine_id: SOURCE_ID_KEY,
  source_id: SOURCE_ID_KEY,
  agent_id: byNumber('sFlow sub-agent id', 'export_proto_sysid'),
  flowset_id: byField('template id, where the record has it', 'flowset_id'),
  nexthop: byPrefix('IP next hop', 'ip_next_hop'),
  bgp_nexthop: byPrefix('BGP next hop, else the address of the top MPLS label', 'peer_ip_dst', 'mpls_top_label_ip'),
  sample_type: key('flow, flow-ipv4, flow-ipv6, flow-mpls-ipv4, flow-mpls-ipv6, event, option', readSampleType),
  sampling_rate: byNumber('sampling rate of the exporter', 'sampling_rate'),
  is_bi_flow: byFlag(
    'has counters of the other direction',
    'both directions?',
    fields('bytes_reverse', 'packets_reverse'),
    read => read.has(0) || read.has(1),
  ),
  is_nel: byFlag('is a NAT event', 'NAT event?', fields('nat_event'), read => read.has(0)),
  is_nsel: byFlag('is a firewall event', 'firewall event?', fields('fw_event'), read => read.has(0)),
  nat_event: byNumberOrZero('NAT event', 'nat_event'),
  direction: key('0 ingress, 1 egress', value => words(DIRECTION, value, { '0': [0], '1': [1] })),
  fwd_status: byNumber('forwarding status (RFC 7270)', 'fwd_status'),
  fwdstatus: byNumber('old name of fwd_status', 'fwd_status'),
  src_mac: byField('source MAC address', 'mac_src'),
  dst_mac: byField('destination MAC address', 'mac_dst'),
  vlan: byNumberOrZero('VLAN id', 'vlan', 'vlan_in', 'vlan_out'),
  cvlan: byNumberOrZero('customer VLAN id', 'cvlan_in'),
  post_cvlan: byNumberOrZero('customer VLAN id at the egress', 'cvlan_out'),
  src_net: byPrefix('prefix that holds the source', 'ip_src', 'net_src'),
  dst_net: byPrefix('prefix that holds the destination', 'ip_dst', 'net_dst'),
  ip_proto: byField('protocol, name or number', 'ip_proto'),
  src_port: byNumber('source port', 'port_src'),
  dst_port: byNumber('destination port', 'port_dst'),
  tcp_flags: key('TCP flags, exactly these, in hex', value => numbers(FLAG_BITS, value, hexadecimal, 'a hex number')),
  is_multicast: byFlag('goes to a multicast group', 'to a group?', MULTICAST_FIELDS, isMulticast),
  mpls_pw_id: byNumberOrZero('pseudowire id', 'mpls_pw_id'),
  mpls_vpn_id_in: byNumber('VRF id at the ingress', 'vrf_id_ingress'),
  mpls_vpn_id_out: byNumber('VRF id at the egress', 'vrf_id_egress'),
  mpls_vpn_rd: byField('route distinguisher', 'mpls_vpn_rd'),
  src_as: byNumberOrZero('source AS', 'as_src'),
  dst_as: byNumberOrZero('destination AS', 'as_dst'),
  peer_src_as: byNumberOrZero('AS that the traffic came from', 'peer_as_src'),
  peer_dst_as: byNumberOrZero('AS that the traffic goes to next', 'peer_as_dst'),
  local_pref: byNumberOrZero('local preference of the destination', 'local_pref'),
  src_local_pref: byNumberOrZero('local preference of the source', 'local_pref_src'),
  comms: byField('any of these communities of the destination', 'comms'),
  src_comms: byField('any of these communities of the source', 'comms_src'),
  src_roa: byField('RPKI state of the source', 'roa_src'),
  dst_roa: byField('RPKI state of the destination', 'roa_dst'),
}

/** The key of a word: of the table, or the field that it names. */
export function matchKey(keys: MatchKeys, word: string, extension: boolean): MatchKey | undefined {
  if (Object.hasOwn(keys, word)) return keys[word]
  if (!extension || !(knownField(word) || fieldsOf(word)[0]?.type.name !== 'any')) return undefined
  return byField('the field', word)
}
