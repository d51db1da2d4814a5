// Every kind of map by pmacct's name: what `netally map` knows about them.
import { BGP_AGENT_GRAMMAR, BMP_AGENT_GRAMMAR, parseBgpAgentMap, parseBmpAgentMap } from './agent-map.ts'
import { parseAllowList } from './allow-list.ts'
import { parseCounterMap } from './counter-map.ts'
import { parseCrossConnectMap } from './cross-connect-map.ts'
import { FLOW_TO_RD_GRAMMAR, parseFlowToRdMap } from './flow-to-rd-map.ts'
import { parseInterfaceNames } from './interface-names.ts'
import { parseInterfacesMap } from './interfaces-map.ts'
import { parseIsisKeys } from './isis-keys.ts'
import { parseMd5Keys } from './md5-keys.ts'
import { parseNetworksFile } from './networks-file.ts'
import { PEER_DST_IP_GRAMMAR, parsePeerDstIpMap } from './peer-dst-ip-map.ts'
import {
  PRE_TAG_GRAMMAR,
  type PreTagMap,
  parseBmpTagMap,
  parsePreTagMap,
  parseTelemetryTagMap,
  TELEMETRY_TAG_GRAMMAR,
} from './pre-tag-map.ts'
import { parsePrimitives } from './primitives.ts'
import type { Parse } from './read-map.ts'
import type { RuleMap } from './rule-map.ts'
import type { RuleGrammar } from './rules.ts'
import { parseSamplingMap, SAMPLING_GRAMMAR } from './sampling-map.ts'
import {
  PEER_SRC_AS_GRAMMAR,
  parsePeerSrcAsMap,
  parseSrcLocalPrefMap,
  parseSrcMedMap,
  SRC_LOCAL_PREF_GRAMMAR,
  SRC_MED_GRAMMAR,
} from './source-maps.ts'
import { parseTeeReceivers } from './tee-receivers.ts'
import { listParser, PORTS, PROTOCOLS, TOS } from './value-list.ts'

/** A map whose rows are rules. */
export type Ruled = PreTagMap | RuleMap<unknown, unknown>

interface RuledKind {
  readonly summary: string
  readonly grammar: Pick<RuleGrammar<never>, 'matchKeys' | 'setKeys' | 'example'>
  readonly parse: Parse<Ruled>
}

interface ListedKind {
  readonly summary: string
  readonly parse: Parse<object>
  /** It reads CSV by itself. */
  readonly ownCsv?: true
}

const RULED_NAMES = [
  'pre_tag_map',
  'bgp_daemon_tag_map',
  'bmp_daemon_tag_map',
  'telemetry_daemon_tag_map',
  'sampling_map',
  'flow_to_rd_map',
  'bgp_agent_map',
  'bmp_agent_map',
  'bgp_peer_src_as_map',
  'bgp_src_local_pref_map',
  'bgp_src_med_map',
  'bgp_peer_dst_ip_map',
] as const
const LISTED_NAMES = [
  'networks_file',
  'ports_file',
  'protos_file',
  'tos_file',
  'allow_file',
  'aggregate_primitives',
  'bgp_daemon_xconnect_map',
  'bgp_daemon_md5_file',
  'tee_receivers',
  'pcap_interfaces_map',
  'interface_map',
  'counter_map',
  'isis_keys',
] as const

export const KIND_NAMES = [...RULED_NAMES, ...LISTED_NAMES] as const
export type KindName = (typeof KIND_NAMES)[number]

const RULED_KINDS: { readonly [name in (typeof RULED_NAMES)[number]]: RuledKind } = {
  pre_tag_map: { summary: 'tags, labels and TOS of records', grammar: PRE_TAG_GRAMMAR, parse: parsePreTagMap },
  bgp_daemon_tag_map: { summary: 'tags of BGP records', grammar: PRE_TAG_GRAMMAR, parse: parsePreTagMap },
  bmp_daemon_tag_map: { summary: 'tags of BMP records', grammar: PRE_TAG_GRAMMAR, parse: parseBmpTagMap },
  telemetry_daemon_tag_map: {
    summary: 'tags of telemetry',
    grammar: TELEMETRY_TAG_GRAMMAR,
    parse: parseTelemetryTagMap,
  },
  sampling_map: { summary: 'sampling rates of exporters', grammar: SAMPLING_GRAMMAR, parse: parseSamplingMap },
  flow_to_rd_map: { summary: 'VPN table of a flow', grammar: FLOW_TO_RD_GRAMMAR, parse: parseFlowToRdMap },
  bgp_agent_map: { summary: 'BGP peer of an exporter', grammar: BGP_AGENT_GRAMMAR, parse: parseBgpAgentMap },
  bmp_agent_map: { summary: 'BMP station of an exporter', grammar: BMP_AGENT_GRAMMAR, parse: parseBmpAgentMap },
  bgp_peer_src_as_map: { summary: 'AS a flow came from', grammar: PEER_SRC_AS_GRAMMAR, parse: parsePeerSrcAsMap },
  bgp_src_local_pref_map: {
    summary: 'local preference of the source',
    grammar: SRC_LOCAL_PREF_GRAMMAR,
    parse: parseSrcLocalPrefMap,
  },
  bgp_src_med_map: { summary: 'MED of the source', grammar: SRC_MED_GRAMMAR, parse: parseSrcMedMap },
  bgp_peer_dst_ip_map: {
    summary: 'BGP next hop to choose paths by',
    grammar: PEER_DST_IP_GRAMMAR,
    parse: parsePeerDstIpMap,
  },
}

const LISTED_KINDS: { readonly [name in (typeof LISTED_NAMES)[number]]: ListedKind } = {
  networks_file: { summary: 'networks with AS and next hop', parse: parseNetworksFile },
  ports_file: { summary: 'ports that are kept apart', parse: listParser(PORTS) },
  protos_file: { summary: 'protocols that are kept apart', parse: listParser(PROTOCOLS) },
  tos_file: { summary: 'TOS values that are kept apart', parse: listParser(TOS) },
  allow_file: { summary: 'who may send or connect', parse: parseAllowList },
  aggregate_primitives: { summary: 'elements of your own', parse: parsePrimitives, ownCsv: true },
  bgp_daemon_xconnect_map: { summary: 'collector of a BGP peer', parse: parseCrossConnectMap },
  bgp_daemon_md5_file: { summary: 'keys of TCP MD5 signatures', parse: parseMd5Keys, ownCsv: true },
  tee_receivers: { summary: 'pools of receivers of tee', parse: parseTeeReceivers },
  pcap_interfaces_map: { summary: 'interfaces to capture from', parse: parseInterfacesMap },
  interface_map: { summary: 'ifIndex of interfaces by their names', parse: parseInterfaceNames },
  counter_map: { summary: 'counters of interfaces in telemetry', parse: parseCounterMap },
  isis_keys: { summary: 'keys of IS-IS', parse: parseIsisKeys },
}

export const KINDS: { readonly [name in KindName]: RuledKind | ListedKind } = { ...RULED_KINDS, ...LISTED_KINDS }

export function isRuled(map: object): map is Ruled {
  return 'explain' in map
}
