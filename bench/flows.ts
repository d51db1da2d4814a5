import { below, randomSource, zipf } from './random.ts'

/** The traffic of the benches: hosts inside a network talk to hosts outside of it, through four exporters. */

export interface Host {
  readonly ipv4: number
  readonly ipv6: Uint8Array
  readonly as: number
  readonly mask4: number
  readonly mask6: number
  readonly interface: number
}
export interface Flow {
  exporter: number
  source: Host
  destination: Host
  sourcePort: number
  destinationPort: number
  protocol: number
  tos: number
  tcpFlags: number
  octets: number
  packets: number
  durationMs: number
  /** 0 ingress, 1 egress (IPFIX flowDirection). */
  direction: number
  /** Milliseconds after the start of the capture. */
  endMs: number
}

export const EXPORTERS = 4
export const CAPTURE_START_MS = Date.UTC(2026, 0, 5)
export const CAPTURE_SPAN_MS = 600_000
const HOSTS_INSIDE = 10_000
const HOSTS_OUTSIDE = 40_000
const NETWORKS_INSIDE = 16
const NETWORKS_OUTSIDE = 8_000
const SYSTEMS_OUTSIDE = 5_000
const RECURRING_FLOWS = 40_000
const RECURRING_SHARE = 0.3
const FIRST_INSIDE_INTERFACE = 100
const SERVICES = [443, 443, 443, 443, 443, 80, 80, 53, 22, 25, 993, 123, 8080, 3478, 5060, 1935] as const
const UDP_SERVICES: ReadonlySet<number> = new Set([53, 123, 3478, 5060])
const MASKS_OUTSIDE = [24, 24, 24, 24, 24, 24, 23, 22, 22, 21, 20, 19, 18, 17, 16] as const

/** Flows that enter through an inside interface; about half of all. `flowFilter` is the same as a netally filter. */
export const flowFilter = `iface_in >= ${FIRST_INSIDE_INTERFACE}`
export const passesFilter = (flow: Flow): boolean => flow.source.interface >= FIRST_INSIDE_INTERFACE

interface Network {
  readonly prefix: number
  readonly mask: number
  readonly as: number
}

function networks(random: () => number, count: number, inside: boolean): Network[] {
  const publicOctets = Array.from({ length: 180 }, (_, index) => index + 11).filter(octet => octet !== 127)
  const systems = Array.from({ length: SYSTEMS_OUTSIDE }, () => 1 + below(random, 400_000))
  const pickSystem = zipf(random, systems.length, 0.5)
  return Array.from({ length: count }, (_, index) => {
    if (inside) return { prefix: (10 << 24) | ((index + 16) << 16), mask: 16, as: 64512 + index }
    const first = publicOctets[below(random, publicOctets.length)] ?? 11
    const mask = MASKS_OUTSIDE[below(random, MASKS_OUTSIDE.length)] ?? 24
    const prefix = ((first << 24) | below(random, 2 ** 24)) & (-1 << (32 - mask))
    return { prefix: prefix >>> 0, mask, as: systems[pickSystem()] ?? 1 }
  })
}

function hosts(random: () => number, count: number, inside: boolean): Host[] {
  const known = networks(random, inside ? NETWORKS_INSIDE : NETWORKS_OUTSIDE, inside)
  const pick = zipf(random, known.length, 0.8)
  const taken = new Set<number>()
  const made: Host[] = []
  while (made.length < count) {
    const network = known[pick()]
    if (network === undefined) continue
    const ipv4 = (network.prefix | below(random, 2 ** (32 - network.mask))) >>> 0
    if (taken.has(ipv4)) continue
    taken.add(ipv4)
    made.push({
      ipv4,
      ipv6: ipv6Of(random, network.prefix, ipv4),
      as: network.as,
      mask4: network.mask,
      mask6: inside ? 48 : 32,
      interface: inside ? FIRST_INSIDE_INTERFACE + below(random, 24) : 1 + below(random, 8),
    })
  }
  return made
}

/** 2a0a:<prefix>:<0-3>::<host>, one to one with the IPv4 address. */
function ipv6Of(random: () => number, prefix: number, ipv4: number): Uint8Array {
  const address = Buffer.alloc(16)
  address.writeUInt16BE(0x2a0a, 0)
  address.writeUInt32BE(prefix >>> 0, 2)
  address.writeUInt16BE(below(random, 4), 6)
  address.writeUInt32BE(ipv4, 12)
  return address
}

function shape(random: () => number): Pick<Flow, 'octets' | 'packets' | 'durationMs'> {
  const packets = random() < 0.3 ? 1 : Math.max(1, Math.floor(Math.exp(random() * 7.6)))
  return {
    packets,
    octets: packets * (40 + below(random, 1460)),
    durationMs: packets === 1 ? 0 : below(random, 60_000),
  }
}

function protocolOf(random: () => number, service: number): number {
  if (UDP_SERVICES.has(service) || (service === 443 && random() < 0.35)) return 17
  return random() < 0.01 ? 1 : 6
}

const tcpFlagsOf = (random: () => number): number => (random() < 0.7 ? 0x1b : random() < 0.5 ? 0x18 : 0x02)

/** The same `count` gives the same flows, in order of their end; a smaller count is not a prefix of a larger one. */
export function* flows(count: number, seed = 20260105): Generator<Flow> {
  const random = randomSource(seed)
  const inside = hosts(random, HOSTS_INSIDE, true)
  const outside = hosts(random, HOSTS_OUTSIDE, false)
  const pickInside = zipf(random, inside.length, 0.9)
  const pickOutside = zipf(random, outside.length, 1)
  const pickRecurring = zipf(random, RECURRING_FLOWS, 0.7)
  const fresh = (): Flow => {
    const local = inside[pickInside()] as Host
    const remote = outside[pickOutside()] as Host
    const service = random() < 0.06 ? 1024 + below(random, 60_000) : (SERVICES[below(random, SERVICES.length)] ?? 443)
    const ephemeral = 1024 + below(random, 64_511)
    const protocol = protocolOf(random, service)
    const outbound = random() < 0.5
    const ports = protocol === 1 ? [0, 2048] : outbound ? [ephemeral, service] : [service, ephemeral]
    return {
      exporter: below(random, EXPORTERS),
      source: outbound ? local : remote,
      destination: outbound ? remote : local,
      sourcePort: ports[0] ?? 0,
      destinationPort: ports[1] ?? 0,
      protocol,
      tos: random() < 0.85 ? 0 : below(random, 64) << 2,
      tcpFlags: protocol === 6 ? tcpFlagsOf(random) : 0,
      direction: outbound ? 0 : 1,
      endMs: 0,
      ...shape(random),
    }
  }
  const recurring = Array.from({ length: RECURRING_FLOWS }, fresh)
  for (let index = 0; index < count; index++) {
    const flow = random() < RECURRING_SHARE ? { ...(recurring[pickRecurring()] as Flow), ...shape(random) } : fresh()
    flow.endMs = Math.floor((CAPTURE_SPAN_MS * index) / count)
    yield flow
  }
}
