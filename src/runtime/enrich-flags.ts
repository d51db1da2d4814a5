// The flags of enrich: where tables come from, and which of them gives what.
import { Flags } from '@oclif/core'

const TABLES = { helpGroup: 'TABLES' }
const SOURCE = { multiple: true as const, helpValue: 'SRC', ...TABLES }
const CHOICE = { helpGroup: 'WHICH SOURCE GIVES WHAT' }
const MAPS = { helpGroup: 'MAPS', helpValue: 'FILE' }
const ROUTES = { helpGroup: 'ROUTES' }
const ATTRIBUTES = { helpGroup: 'ATTRIBUTES' }
const TIMES = { helpGroup: 'TIME' }

const TABLE_FLAGS = {
  bgp: Flags.string({ summary: 'records of bgp-recv, or a dump: a file, a FIFO, unix:PATH, <(COMMAND)', ...SOURCE }),
  bmp: Flags.string({ summary: 'records of bmp-recv, or a dump', ...SOURCE }),
  igp: Flags.string({
    summary:
      'records of isis-recv or ospf-read, or BGP-LS of bgp-recv: prefixes, next hops and egress routers of the IGP',
    ...SOURCE,
  }),
  'bgp-ls': Flags.string({ summary: 'the same records, of which only the prefixes are used', ...SOURCE }),
  rpki: Flags.string({
    summary: "records of rpki-recv, or a validator's JSON file: fills roa and aspa fields",
    helpValue: 'SRC',
    ...TABLES,
  }),
  geoip: Flags.string({
    summary: 'MaxMind DB file: country, postal code, city, coordinates, AS of addresses; repeat for more',
    multiple: true as const,
    multipleNonGreedy: true as const,
    helpValue: 'FILE.mmdb',
    ...TABLES,
  }),
  networks: Flags.string({ summary: "networks with their AS, pmacct's networks_file", helpValue: 'FILE', ...TABLES }),
  'networks-mask': Flags.integer({
    summary: 'look up only so many bits; with --net mask it is the prefix length',
    helpValue: 'BITS',
    min: 0,
    max: 128,
    default: 0,
    ...TABLES,
  }),
  'networks-first': Flags.boolean({ summary: 'a network of the file wins whatever its length', ...TABLES }),
  'networks-filter': Flags.boolean({ summary: 'leave out addresses that are in no network', ...TABLES }),
  'host-without-net': Flags.boolean({
    summary: 'an address without prefix, or under the default route, is its own net',
    ...TABLES,
  }),
}

const METHOD_SUMMARY = 'netflow, file, bgp, bmp, longest; or several: the first that knows'
const CHOICE_FLAGS = {
  as: Flags.string({
    summary: `AS of both ends: ${METHOD_SUMMARY}`,
    description: 'Default: bgp where --bgp or --bmp is given, file where --networks is, longest where both are.',
    helpValue: 'METHOD',
    ...CHOICE,
  }),
  net: Flags.string({
    summary: `prefix and next hop: as --as, and mask, igp`,
    description: 'Default: as --as, and longest with --igp.',
    helpValue: 'METHOD',
    ...CHOICE,
  }),
  'peer-src-as': Flags.option({
    summary: 'peer AS of the source: by the exporter, by --peer-src-as-map, by the route to the source',
    options: ['netflow', 'map', 'bgp', 'longest'] as const,
    ...CHOICE,
  })(),
  src: Flags.string({
    summary: 'attributes of the route to the source: as_path,std_comm,ext_comm,lrg_comm,local_pref,med,roa; or all',
    helpValue: 'a,b',
    ...CHOICE,
  }),
  'provider-as': Flags.integer({
    summary: 'neighbour that is our provider, for ASPA; repeat for more (default: all may be)',
    multiple: true as const,
    multipleNonGreedy: true as const,
    helpValue: 'AS',
    min: 1,
    max: 2 ** 32 - 1,
    ...CHOICE,
  }),
  'pdu-peer-as': Flags.boolean({ summary: 'AS fields of the exporters mean the neighbour AS', ...CHOICE }),
  'inner-first': Flags.boolean({
    summary: "flows in SRv6 tunnels as pmacct writes them: the customer's packet in ip_src..., the tunnel in tunnel_*",
    ...CHOICE,
  }),
  why: Flags.boolean({ summary: 'say for each record where values came from, or why there are none', ...CHOICE }),
}

const MAP_FLAGS = {
  'bgp-agent-map': Flags.string({ summary: 'whose BGP routes an exporter is looked up in', ...MAPS }),
  'bmp-agent-map': Flags.string({ summary: 'whose BMP tables an exporter is looked up in', ...MAPS }),
  'flow-to-rd-map': Flags.string({ summary: 'route distinguisher of flows', ...MAPS }),
  'peer-src-as-map': Flags.string({ summary: 'peer AS of the source', ...MAPS }),
  'src-local-pref-map': Flags.string({ summary: 'local preference of the source', ...MAPS }),
  'src-med-map': Flags.string({ summary: 'MED of the source', ...MAPS }),
  'peer-dst-ip-map': Flags.string({ summary: 'another BGP next hop, before a path is chosen by it', ...MAPS }),
}

const ROUTE_FLAGS = {
  'router-id': Flags.boolean({
    summary: 'an exporter is also the peer whose BGP identifier is its address',
    default: true,
    allowNo: true,
    ...ROUTES,
  }),
  'ip-next-hop': Flags.boolean({ summary: 'choose paths by the IP next hop where the flow has no BGP one', ...ROUTES }),
  'vpn-fallback': Flags.boolean({
    summary: 'BGP: look VPN flows without a VPN route up in the global table',
    ...ROUTES,
  }),
  'follow-default': Flags.integer({
    summary: 'follow a default route to the table of its next hop, so often',
    helpValue: 'N',
    min: 0,
    max: 20,
    default: 0,
    ...ROUTES,
  }),
  'follow-next-hop': Flags.string({
    summary: 'prefixes of the own routers: peer_ip_dst is the last of them on the way, router by router',
    helpValue: 'PREFIXES',
    ...ROUTES,
  }),
  'follow-external': Flags.boolean({
    summary: 'with --follow-next-hop: the first next hop outside instead',
    dependsOn: ['follow-next-hop'],
    ...ROUTES,
  }),
}

const PATTERNS = { helpValue: 'LIST', ...ATTRIBUTES }
const ATTRIBUTE_FLAGS = {
  'as-path-radius': Flags.integer({
    summary: 'hops of the AS path that are kept',
    helpValue: 'N',
    min: 0,
    default: 0,
    ...ATTRIBUTES,
  }),
  'std-comm': Flags.string({ summary: 'communities that are kept; "." is any character: 64496:1..', ...PATTERNS }),
  'ext-comm': Flags.string({ summary: 'the same for extended communities', ...PATTERNS }),
  'lrg-comm': Flags.string({ summary: 'the same for large communities', ...PATTERNS }),
  'std-comm-to-as': Flags.string({
    summary: 'communities P:O give peer AS and AS of routes without a path',
    ...PATTERNS,
  }),
  'lrg-comm-to-as': Flags.string({ summary: 'the same for large communities P:x:O', ...PATTERNS }),
  'skip-sub-as': Flags.boolean({ summary: 'confederation members are no peer ASes', ...ATTRIBUTES }),
  'own-as': Flags.integer({
    summary: 'AS of routes with an empty path',
    helpValue: 'AS',
    min: 0,
    default: 0,
    ...ATTRIBUTES,
  }),
  blackhole: Flags.string({ summary: 'communities that mark routes as blackholes: fills blackhole', ...PATTERNS }),
}

const TIME_FLAGS = {
  'wait-for': Flags.option({
    summary: 'flows wait until the tables are complete: end-of-RIB of all peers, a whole dump, the end of the stream',
    options: ['eor', 'dump', 'end'] as const,
    ...TIMES,
  })(),
  hold: Flags.integer({
    summary: 'live flows that wait at most',
    helpValue: 'N',
    min: 0,
    default: 1_000_000,
    ...TIMES,
  }),
  'hold-time': Flags.string({
    summary: 'how long live flows wait at most',
    helpValue: '60s',
    default: '60s',
    ...TIMES,
  }),
}

export const ENRICH_FLAGS = {
  ...TABLE_FLAGS,
  ...CHOICE_FLAGS,
  ...MAP_FLAGS,
  ...ROUTE_FLAGS,
  ...ATTRIBUTE_FLAGS,
  ...TIME_FLAGS,
}

/** Flags of files that are read again when they change. */
export const FOLLOWED_FLAGS = ['networks', 'geoip', ...Object.keys(MAP_FLAGS)]
