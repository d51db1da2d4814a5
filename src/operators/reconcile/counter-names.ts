// Counters of interfaces by the names that models and MIBs give them: a row each. What is not here a map names (--counter-map).
import { type CounterName, type CounterRule, pathPattern } from '../../maps/counter-map.ts'
import type { Direction } from './series.ts'

export interface CounterKind {
  readonly direction: Direction
  readonly what: 'bytes' | 'packets' | 'ipv4' | 'ipv6'
  /** Where it grows, packets were counted: of the parts of a sum one. */
  readonly covers: boolean
}

const kinds = (direction: Direction): (readonly [CounterName, CounterKind])[] => [
  [`${direction}_octets`, { direction, what: 'bytes', covers: true }],
  [`${direction}_packets`, { direction, what: 'packets', covers: true }],
  [`${direction}_unicast_packets`, { direction, what: 'packets', covers: true }],
  [`${direction}_multicast_packets`, { direction, what: 'packets', covers: false }],
  [`${direction}_broadcast_packets`, { direction, what: 'packets', covers: false }],
  [`${direction}_octets_ipv4`, { direction, what: 'ipv4', covers: false }],
  [`${direction}_octets_ipv6`, { direction, what: 'ipv6', covers: false }],
]

export const KINDS: ReadonlyMap<CounterName, CounterKind> = new Map([...kinds('in'), ...kinds('out')])

/** Members of records (sFlow, IF-MIB), the best first: 64 bits before 32. */
export const MEMBERS: readonly (readonly [counter: CounterName, names: readonly string[]])[] = [
  ['in_octets', ['ifHCInOctets', 'ifInOctets']],
  ['out_octets', ['ifHCOutOctets', 'ifOutOctets']],
  ['in_unicast_packets', ['ifHCInUcastPkts', 'ifInUcastPkts']],
  ['out_unicast_packets', ['ifHCOutUcastPkts', 'ifOutUcastPkts']],
  ['in_multicast_packets', ['ifHCInMulticastPkts', 'ifInMulticastPkts']],
  ['out_multicast_packets', ['ifHCOutMulticastPkts', 'ifOutMulticastPkts']],
  ['in_broadcast_packets', ['ifHCInBroadcastPkts', 'ifInBroadcastPkts']],
  ['out_broadcast_packets', ['ifHCOutBroadcastPkts', 'ifOutBroadcastPkts']],
  ['speed', ['ifSpeed']],
]

const both = (parent: string, leaf: string, counter: string) =>
  (['in', 'out'] as const).map(direction => [`${parent}/${direction}-${leaf}`, `${direction}_${counter}`] as const)
/** RFC 8343 and openconfig-interfaces have the same names of leaves. */
const statistics = (parent: string) => [
  ...both(parent, 'octets', 'octets'),
  ...both(parent, 'unicast-pkts', 'unicast_packets'),
  ...both(parent, 'multicast-pkts', 'multicast_packets'),
  ...both(parent, 'broadcast-pkts', 'broadcast_packets'),
]

const CISCO_XR = 'infra-statistics/interfaces/interface/*generic-counters'

/** Ends of paths, without modules. */
const PATHS: readonly (readonly [path: string, counter: string])[] = [
  // ietf-interfaces (RFC 8343, and its state tree of RFC 7223), which Cisco-IOS-XE-interfaces-oper follows.
  ...statistics('interface/statistics'),
  ['interface/if-index', 'ifindex'],
  ['interface/speed', 'speed'],
  // openconfig-interfaces, openconfig-if-ip
  ...statistics('interface/state/counters'),
  ...statistics('subinterface/state/counters'),
  ...both('subinterface/ipv4/state/counters', 'octets', 'octets_ipv4'),
  ...both('subinterface/ipv6/state/counters', 'octets', 'octets_ipv6'),
  ['interface/state/ifindex', 'ifindex'],
  ['subinterface/state/ifindex', 'ifindex'],
  // Cisco-IOS-XR-infra-statsd-oper: packets are all of them.
  [`${CISCO_XR}/bytes-received`, 'in_octets'],
  [`${CISCO_XR}/bytes-sent`, 'out_octets'],
  [`${CISCO_XR}/packets-received`, 'in_packets'],
  [`${CISCO_XR}/packets-sent`, 'out_packets'],
]

export const LEAF_RULES: readonly CounterRule[] = PATHS.map(([path, counter]) => ({
  counter: counter as CounterName,
  path: pathPattern(`*/${path}`),
  field: undefined,
  key: undefined,
}))
