// What each key of a BGP or BMP record is to a route table. A key that is not here is an attribute.

/** Kinds of members. */
export const ATTRIBUTE = 0
/** Of the message, not of the route: not kept. */
export const ENVELOPE = 1
/** Of the peer. */
export const PEER = 2
/** Which table: family and route distinguisher. */
export const SCOPE = 3
/** Part of what is announced, where that is more than a prefix. */
export const NLRI = 4
/** Of this route alone, while its attributes are shared by all routes of an UPDATE. */
export const OWN = 5
/** Read one by one. */
export const EVENT_TYPE = 6
export const LOG_TYPE = 7
export const BMP_MESSAGE = 8
export const SEQ = 9
export const TIMESTAMP = 10
export const ARRIVAL = 11
export const IP_PREFIX = 12
export const PATH_ID = 13
/** An Ethernet segment is announced (types 1 and 4) or said of what is announced. */
export const EVPN_TYPE = 14
export const EVPN_ESI = 15

const KINDS: readonly (readonly [kind: number, names: string])[] = [
  [ENVELOPE, 'timestamp_event writer_id dump_period entries tables'],
  [PEER, 'peer_ip_src peer_tcp_port peer_id peer_as bmp_router bmp_router_port peer_ip peer_asn bgp_id igp_domain'],
  [PEER, 'peer_type peer_type_str bmp_rib_type is_filtered is_in is_post is_loc is_out pd pd_origin'],
  [SCOPE, 'afi safi rd rd_origin'],
  [NLRI, 'evpn_ethernet_tag evpn_mac evpn_ip evpn_originator'],
  [NLRI, 'flowspec rtc_origin_as rtc_target nlri_unknown nlri_type proto bgp_ls_instance'],
  [NLRI, 'local_asn local_confed_asn local_bgp_ls_id local_area_id local_igp_rtr_id local_bgp_rtr_id'],
  [NLRI, 'remote_asn remote_confed_asn remote_bgp_ls_id remote_area_id remote_igp_rtr_id remote_bgp_rtr_id'],
  [NLRI, 'pseudonode local_addr_v4 neigh_addr_v4 local_addr_v6 neigh_addr_v6 link_local_id link_remote_id'],
  [NLRI, 'multi_topology_ids ospf_route_type ip_reach srv6_sid'],
  [OWN, 'mpls_label mpls_label_stack evpn_gateway evpn_vni evpn_label2 evpn_vni2 roa'],
  [EVENT_TYPE, 'event_type'],
  [LOG_TYPE, 'log_type'],
  [BMP_MESSAGE, 'bmp_msg_type'],
  [SEQ, 'seq'],
  [TIMESTAMP, 'timestamp'],
  [ARRIVAL, 'timestamp_arrival'],
  [IP_PREFIX, 'ip_prefix'],
  [PATH_ID, 'as_path_id'],
  [EVPN_TYPE, 'evpn_route_type'],
  [EVPN_ESI, 'evpn_esi'],
]

/** Texts to numbers by their octets, without making a string. */
export class Words {
  readonly #names: Uint8Array[] = []
  readonly #values: number[] = []
  /** Position + 1 by hash. */
  readonly #slots = new Uint16Array(1024)

  constructor(words: readonly (readonly [word: string, value: number])[]) {
    const encoder = new TextEncoder()
    for (const [word, value] of words) {
      const name = encoder.encode(word)
      this.#values.push(value)
      let slot = hashOf(name, 0, name.length) & 1023
      while (this.#slots[slot] !== 0) slot = (slot + 1) & 1023
      this.#slots[slot] = this.#names.push(name)
    }
  }

  /** The value of octets from..to, 0 when it is none of the words. */
  get(octets: Uint8Array, from: number, to: number): number {
    for (let slot = hashOf(octets, from, to) & 1023; ; slot = (slot + 1) & 1023) {
      const place = this.#slots[slot] as number
      if (place === 0) return 0
      const name = this.#names[place - 1] as Uint8Array
      if (name.length === to - from && equal(name, octets, from)) return this.#values[place - 1] as number
    }
  }
}

/** The length and four octets tell the names apart well enough. */
function hashOf(octets: Uint8Array, from: number, to: number): number {
  const first = (octets[from] as number) + 31 * (octets[to - 1] as number)
  const middle = 7 * (octets[(from + to) >> 1] as number) + 131 * (octets[from + ((to - from) >> 2)] as number)
  return Math.imul(first + middle, 0x2f) ^ Math.imul(to - from, 0x9d)
}

function equal(name: Uint8Array, octets: Uint8Array, from: number): boolean {
  for (let index = 0; index < name.length; index++) if (name[index] !== octets[from + index]) return false
  return true
}

export const MEMBERS = new Words(KINDS.flatMap(([kind, names]) => names.split(' ').map(name => [name, kind] as const)))

const encoder = new TextEncoder()

/** Whether a key says what is announced where that is more than a prefix: EVPN, FlowSpec, BGP-LS, RTC. */
export function isDestination(name: string): boolean {
  const octets = encoder.encode(name)
  return [NLRI, EVPN_TYPE, EVPN_ESI].includes(MEMBERS.get(octets, 0, octets.length))
}

/** Values of event_type and log_type, and what they mean for the table. */
export const LOG = 1
export const DUMP = 2
export const OPEN = 3
export const CLOSE = 4
export const DUMP_INIT = 5
export const DUMP_CLOSE = 6

export const EVENTS = new Words([
  ['log', LOG],
  ['dump', DUMP],
  ['lglass', DUMP],
  ['log_init', OPEN],
  ['log_close', CLOSE],
  ['dump_init', DUMP_INIT],
  ['dump_close', DUMP_CLOSE],
])

export const UPDATE = 1
export const WITHDRAW = 2
export const END_OF_RIB = 3

export const LOG_TYPES = new Words([
  ['update', UPDATE],
  ['withdraw', WITHDRAW],
  ['delete', WITHDRAW],
  ['end-of-rib', END_OF_RIB],
])

/** BMP messages that carry a route; the others are events of a peer or a router. */
export const ROUTE_MESSAGE = 1
export const OTHER_MESSAGE = 2
export const BMP_MESSAGES = new Words([
  ['route_monitor', ROUTE_MESSAGE],
  ['internal', ROUTE_MESSAGE],
  ['init', OTHER_MESSAGE],
  ['term', OTHER_MESSAGE],
  ['peer_up', OTHER_MESSAGE],
  ['peer_down', OTHER_MESSAGE],
  ['stats', OTHER_MESSAGE],
  ['route_mirror', OTHER_MESSAGE],
])
