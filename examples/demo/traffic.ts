import { below, zipf } from '../../bench/random.ts'

/** The traffic of three made-up sites. Addresses and AS numbers are those set aside for documents and benchmarks. */

export interface DemoFlow {
  readonly inbound: boolean
  readonly inside: Endpoint
  readonly outside: Endpoint
  readonly family: 4 | 6
  readonly service: Service
  readonly tcpFlags: number
  readonly octets: number
  readonly packets: number
  /** Milliseconds after the start of the capture; the first packet may be from before it. */
  readonly startMs: number
  readonly endMs: number
}
export interface Endpoint {
  readonly network: Network
  readonly host: number
  readonly port: number
}
export interface Network {
  readonly as: number
  readonly ipv4: string
  readonly mask4: number
  readonly ipv6: string
  readonly mask6: number
}
export interface Service {
  readonly name: string
  readonly port: number
  readonly protocol: number
  readonly tos: number
  readonly weight: number
  readonly octetsPerPacket: number
  readonly longestPackets: number
}

const TCP = 6
const UDP = 17
const ICMP = 1

const service = (
  name: string,
  port: number,
  protocol: number,
  weight: number,
  octetsPerPacket: number,
  longestPackets: number,
  tos = 0,
): Service => ({ name, port, protocol, weight, octetsPerPacket, longestPackets, tos })

export const SERVICES: readonly Service[] = [
  service('https', 443, TCP, 40, 900, 4000),
  service('quic', 443, UDP, 22, 1100, 6000),
  service('domain', 53, UDP, 14, 90, 2),
  service('http', 80, TCP, 6, 800, 600),
  service('ntp', 123, UDP, 4, 76, 2),
  service('ssh', 22, TCP, 3, 180, 900, 16),
  service('imaps', 993, TCP, 3, 400, 300),
  service('smtp', 25, TCP, 3, 700, 200),
  service('sip', 5060, UDP, 2, 420, 8, 96),
  service('rtmp', 1935, TCP, 1, 1200, 9000),
  service('bgp', 179, TCP, 1, 85, 20, 192),
  service('icmp', 0, ICMP, 1, 84, 10),
]

const network = (as: number, ipv4: string, mask4: number, ipv6: string, mask6: number): Network => ({
  as,
  ipv4,
  mask4,
  ipv6,
  mask6,
})

/** In the order of how much they are used. */
const OUTSIDE: readonly Network[] = [
  network(64496, '198.18.0.0', 18, '2001:db8:a000::', 36),
  network(64497, '198.18.64.0', 19, '2001:db8:b000::', 36),
  network(64511, '203.0.113.0', 24, '2001:db8:c000::', 40),
  network(65536, '198.19.0.0', 20, '2001:db8:d000::', 36),
  network(65537, '198.19.16.0', 21, '2001:db8:d100::', 40),
  network(65538, '198.19.32.0', 22, '2001:db8:d200::', 40),
  network(65539, '198.19.64.0', 24, '2001:db8:d300::', 44),
  network(64499, '198.18.128.0', 22, '2001:db8:e000::', 44),
  network(65540, '198.19.128.0', 23, '2001:db8:e100::', 48),
  network(65551, '198.19.200.0', 24, '2001:db8:e200::', 48),
]

/** One network for each exporter. */
export const SITES: readonly Network[] = [
  network(64500, '10.1.0.0', 16, '2001:db8:1::', 48),
  network(64501, '10.2.0.0', 16, '2001:db8:2::', 48),
  network(64502, '10.3.0.0', 20, '2001:db8:3::', 48),
]

const HOSTS_OF_A_SITE = 60
const HOSTS_OF_A_NETWORK = 200
const LONGEST_MS = 45_000
const SYN_ACK_PSH_FIN = 0x1b
const SYN = 0x02

export interface TrafficOptions {
  readonly random: () => number
  readonly site: Network
  /** Share of IPv6 flows. */
  readonly ipv6: number
}

/** Draws flows that end at a given time; hosts, networks and services are zipf-like. */
export function trafficOf({ random, site, ipv6 }: TrafficOptions): (endMs: number) => DemoFlow {
  const pickInside = zipf(random, HOSTS_OF_A_SITE, 0.9)
  const pickOutside = zipf(random, HOSTS_OF_A_NETWORK, 1)
  const pickNetwork = zipf(random, OUTSIDE.length, 0.8)
  const pickService = weighted(random, SERVICES)
  return endMs => {
    const used = pickService()
    const packets = Math.max(1, Math.round(used.longestPackets ** random()))
    const answered = used.protocol === TCP && packets > 2
    const ports = used.protocol === ICMP ? [0, 8 << 8] : [1024 + below(random, 64_000), used.port]
    return {
      inbound: random() < 0.55,
      inside: { network: site, host: 1 + pickInside(), port: ports[0] ?? 0 },
      outside: { network: OUTSIDE[pickNetwork()] as Network, host: 1 + pickOutside(), port: ports[1] ?? 0 },
      family: used.protocol !== ICMP && random() < ipv6 ? 6 : 4,
      service: used,
      tcpFlags: used.protocol === TCP ? (answered ? SYN_ACK_PSH_FIN : SYN) : 0,
      packets,
      octets: packets * (40 + below(random, 2 * (used.octetsPerPacket - 40))),
      startMs: endMs - (packets === 1 ? 0 : below(random, LONGEST_MS)),
      endMs,
    }
  }
}

/** Many clocks answer one host that never asked: what an attack by reflection looks like. */
export function reflectedNtp(random: () => number, site: Network, endMs: number): DemoFlow {
  const packets = 400 + below(random, 4000)
  return {
    inbound: true,
    inside: { network: site, host: 80, port: 1024 + below(random, 64_000) },
    outside: { network: OUTSIDE[below(random, OUTSIDE.length)] as Network, host: 1 + below(random, 250), port: 123 },
    family: 4,
    service: SERVICES.find(({ name }) => name === 'ntp') as Service,
    tcpFlags: 0,
    packets,
    octets: packets * 468,
    startMs: endMs - below(random, 4000),
    endMs,
  }
}

function weighted(random: () => number, services: readonly Service[]): () => Service {
  const repeated = services.flatMap(one => Array<Service>(one.weight).fill(one))
  return () => repeated[below(random, repeated.length)] as Service
}

/** The address of a host: its number is added to the network's. */
export function addressOf({ network: { ipv4, ipv6 }, host }: Endpoint, family: 4 | 6): string {
  if (family === 6) return `${ipv6}${host.toString(16)}`
  const [a, b, c, d] = ipv4.split('.').map(Number) as [number, number, number, number]
  return `${a}.${b}.${c}.${d + host}`
}
