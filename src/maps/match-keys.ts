// The keys that rows of pmacct's maps match by, and which fields of a record answer them.
import { isProblem } from '../contract/problem.ts'
import { fieldOf } from '../fields/dictionary.ts'
import { compile } from '../filter/compile.ts'
import { parse } from '../filter/parse.ts'
import type { Match } from './condition.ts'
import { byField, byFlag, byNumber, byNumberOrZero, byPrefix, fields, key, type MatchKeys } from './match-key.ts'
import { addressSlot, codeSlot, numberSlot, type Presence, type Texts, textSlot } from './slot.ts'
import { decimal, hexadecimal, numbers, prefixes, texts, words } from './value.ts'

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

/** Filters of one map by their text: many rows have the same. */
const filtersOf = new WeakMap<Texts, Map<string, Match>>()

function readFilter(value: string, known: Texts): Match | string {
  const filters = filtersOf.get(known) ?? new Map<string, Match>()
  filtersOf.set(known, filters)
  const before = filters.get(value)
  if (before) return before
  const expression = parse(value)
  if (isProblem(expression)) return expression.message
  const match: Match = { is: 'filter', filter: compile(expression) }
  filters.set(value, match)
  return match
}

const SOURCE_ID_KEY = key('engine id of NetFlow v5, source id of v9, observation domain of IPFIX', '0', value =>
  numbers(ENGINE_ID, value, decimal, 'a whole number'),
)

const DIRECTIONS = { '0': [0], '1': [1] }
const FLAG_BITS = numberSlot('tcp_flags', fields('tcp_flags'))

/** What every map of flows can ask. */
export const EXPORTER_KEYS = {
  ip: key('exporter: address or prefix', '192.0.2.1', value => prefixes(EXPORTER, value, true), false),
  in: byNumber('ifIndex of the ingress', '5', 'iface_in'),
  out: byNumber('ifIndex of the egress', '5', 'iface_out'),
} satisfies MatchKeys

/** Every key of pre_tag_map. */
export const FLOW_KEYS = {
  ...EXPORTER_KEYS,
  filter: key('a filter in quotes', "'src net 192.0.2.0/24 and tcp'", readFilter, false),
  engine_type: key('engine type of NetFlow v5', '0', value => numbers(ENGINE_TYPE, value, decimal, 'a whole number')),
  engine_id: SOURCE_ID_KEY,
  source_id: SOURCE_ID_KEY,
  agent_id: byNumber('sFlow sub-agent id', '0', 'export_proto_sysid'),
  flowset_id: byNumber('template id, where the record has it (flow-recv --template-id)', '256', 'flowset_id'),
  nexthop: byPrefix('IP next hop', '192.0.2.1', 'ip_next_hop'),
  bgp_nexthop: byPrefix(
    'BGP next hop, else the address of the top MPLS label',
    '192.0.2.1',
    'peer_ip_dst',
    'mpls_top_label_ip',
  ),
  sample_type: key('flow, flow-ipv4, flow-ipv6, flow-mpls-ipv4, flow-mpls-ipv6, event, option', 'flow', readSampleType),
  sampling_rate: byNumber('sampling rate of the exporter', '1000', 'sampling_rate'),
  is_bi_flow: byFlag(
    'has counters of the other direction',
    'both directions?',
    fields('bytes_reverse', 'packets_reverse'),
    read => read.has(0) || read.has(1),
  ),
  is_nel: byFlag('is a NAT event', 'NAT event?', fields('nat_event'), read => read.has(0)),
  is_nsel: byFlag('is a firewall event', 'firewall event?', fields('fw_event'), read => read.has(0)),
  nat_event: byNumberOrZero('NAT event', '1', 'nat_event'),
  direction: key('0 ingress, 1 egress', '0', value => words(DIRECTION, value, DIRECTIONS)),
  fwd_status: byNumber('forwarding status (RFC 7270)', '64', 'fwd_status'),
  fwdstatus: byNumber('old name of fwd_status', '64', 'fwd_status'),
  src_mac: byField('source MAC address', '00:11:22:33:44:55', 'mac_src'),
  dst_mac: byField('destination MAC address', '00:11:22:33:44:55', 'mac_dst'),
  vlan: byNumberOrZero('VLAN id', '10', 'vlan', 'vlan_in', 'vlan_out'),
  cvlan: byNumberOrZero('customer VLAN id', '10', 'cvlan_in'),
  post_cvlan: byNumberOrZero('customer VLAN id at the egress', '10', 'cvlan_out'),
  src_net: byPrefix('prefix that holds the source', '198.51.100.0/24', 'ip_src', 'net_src'),
  dst_net: byPrefix('prefix that holds the destination', '198.51.100.0/24', 'ip_dst', 'net_dst'),
  ip_proto: byField('protocol, name or number', 'tcp', 'ip_proto'),
  src_port: byNumber('source port', '443', 'port_src'),
  dst_port: byNumber('destination port', '443', 'port_dst'),
  tcp_flags: key('TCP flags, exactly these, in hex', '12', value =>
    numbers(FLAG_BITS, value, hexadecimal, 'a hex number'),
  ),
  is_multicast: byFlag('goes to a multicast group', 'to a group?', MULTICAST_FIELDS, isMulticast),
  mpls_pw_id: byNumberOrZero('pseudowire id', '100', 'mpls_pw_id'),
  mpls_vpn_id_in: byNumber('VRF id at the ingress', '5', 'vrf_id_ingress'),
  mpls_vpn_id_out: byNumber('VRF id at the egress', '5', 'vrf_id_egress'),
  mpls_vpn_rd: byField('route distinguisher', '0:65000:1', 'mpls_vpn_rd'),
  src_as: byNumberOrZero('source AS', '64496', 'as_src'),
  dst_as: byNumberOrZero('destination AS', '64496', 'as_dst'),
  peer_src_as: byNumberOrZero('AS that the traffic came from', '64496', 'peer_as_src'),
  peer_dst_as: byNumberOrZero('AS that the traffic goes to next', '64496', 'peer_as_dst'),
  local_pref: byNumberOrZero('local preference of the destination', '100', 'local_pref'),
  src_local_pref: byNumberOrZero('local preference of the source', '100', 'local_pref_src'),
  comms: byField('any of these communities of the destination', '65000:1,65000:2', 'comms'),
  src_comms: byField('any of these communities of the source', '65000:1,65000:2', 'comms_src'),
  src_roa: byField('RPKI state of the source', 'v', 'roa_src'),
  dst_roa: byField('RPKI state of the destination', 'v', 'roa_dst'),
} satisfies MatchKeys
