// The flags of packet-recv, and what they mean.
import { Flags } from '@oclif/core'
import type { Host } from '../contract/host.ts'
import { orThrow, ProblemError } from '../contract/problem.ts'
import { isInterfaceName, readInterfacesMap } from '../maps/interfaces-map.ts'
import { durationSeconds } from '../operators/aggregate/bins.ts'
import { readAccount } from '../sources/drop-privileges.ts'
import type { PacketSourceOptions } from '../sources/packet/packet-options.ts'
import { FLOW_LIFETIMES, type FlowLifetimes } from '../wire/packet/flow-lifetimes.ts'
import { type ParsedOptions, text, texts } from './parsed.ts'
import { HEADER_FLAGS, tunnelOption } from './sampled-flags.ts'

const LIVE = { helpGroup: 'LIVE CAPTURE' }
const CAPTURE = { helpGroup: 'CAPTURE' }
const FLOWS = { helpGroup: 'FLOWS' }
const SAMPLING = { helpGroup: 'SAMPLING' }
const MOST_SNAP_OCTETS = 262_144
/** Times that of --sample, it is a whole number that is exact. */
const MOST_EXTERNAL_RATE = 1_000_000
const US = 1e6

export const PACKET_FLAGS = {
  interface: Flags.string({
    summary: 'capture from this interface (any, nflog:GROUP); repeat for more',
    helpValue: 'NAME',
    multiple: true,
    multipleNonGreedy: true,
    ...LIVE,
  }),
  'interfaces-map': Flags.string({
    summary: "interfaces, their numbers and directions (pmacct's pcap_interfaces_map)",
    helpValue: 'FILE',
    ...LIVE,
  }),
  filter: Flags.string({
    summary: 'pcap-filter expression; tcpdump filters, captures too',
    helpValue: 'EXPRESSION',
    ...CAPTURE,
  }),
  snaplen: Flags.integer({
    summary: 'octets of each packet that are captured; 256 without it, 2048 where fields of applications are asked for',
    min: 64,
    max: MOST_SNAP_OCTETS,
    helpValue: 'OCTETS',
    ...LIVE,
  }),
  'no-promiscuous': Flags.boolean({ summary: 'take only packets of this host', ...LIVE }),
  user: Flags.string({ summary: 'become this user once the interfaces are open', helpValue: 'NAME', ...LIVE }),
  pcap: Flags.string({
    summary: 'read a capture (pcap or pcapng, gz, zst); - is standard input; repeat for more',
    helpValue: 'FILE',
    multiple: true,
    multipleNonGreedy: true,
    ...CAPTURE,
  }),
  flows: Flags.boolean({ summary: 'one record a flow instead of one a packet', ...FLOWS }),
  bidirectional: Flags.boolean({
    summary: 'both directions are one flow; the other has fields that end in _reverse',
    dependsOn: ['flows'],
    ...FLOWS,
  }),
  'idle-timeout': Flags.string({
    summary: 'a flow without packets for so long is over',
    default: '15s',
    helpValue: 'DURATION',
    ...FLOWS,
  }),
  'active-timeout': Flags.string({
    summary: 'a flow that lasts is told of so often',
    default: '60s',
    helpValue: 'DURATION',
    ...FLOWS,
  }),
  'max-flows': Flags.integer({
    summary: 'flows at a time; the one idle for longest makes room',
    default: FLOW_LIFETIMES.limit,
    min: 1,
    max: 16_000_000,
    helpValue: 'N',
    ...FLOWS,
  }),
  sample: Flags.string({ summary: 'take one packet in N, at random', helpValue: '1:N', ...SAMPLING }),
  seed: Flags.integer({
    summary: 'another seed, another random choice; the same seed, the same',
    default: 1,
    ...SAMPLING,
  }),
  'sampling-rate': Flags.integer({
    summary: 'the packets were sampled before they came here, one in N; --sample multiplies it',
    helpValue: 'N',
    min: 1,
    max: MOST_EXTERNAL_RATE,
    ...SAMPLING,
  }),
  renormalize: Flags.boolean({
    summary: 'multiply packets and bytes by N',
    relationships: [{ type: 'some', flags: ['sample', 'sampling-rate'] }],
    ...SAMPLING,
  }),
  ...HEADER_FLAGS,
}

function seconds(flag: string, parsed: ParsedOptions): number {
  const duration = durationSeconds(String(parsed[flag]))
  if (duration !== undefined && duration > 0) return duration
  throw new ProblemError({
    code: 'usage/bad-duration',
    message: `--${flag} "${String(parsed[flag])}" is no duration`,
    hint: 'a number and a unit: 30s, 5m, 1h',
  })
}

function lifetimes(parsed: ParsedOptions): FlowLifetimes | undefined {
  if (parsed.flows !== true) return undefined
  return {
    idleUs: seconds('idle-timeout', parsed) * US,
    activeUs: seconds('active-timeout', parsed) * US,
    closedUs: FLOW_LIFETIMES.closedUs,
    bidirectional: parsed.bidirectional === true,
    limit: parsed['max-flows'] as number,
  }
}

function sampleRate(parsed: ParsedOptions): number {
  const words = text(parsed.sample)
  if (words === undefined) return 1
  const rate = Number(/^(?:1[:/])?(\d{1,9})$/.exec(words)?.[1] ?? 0)
  if (rate >= 1) return rate
  throw new ProblemError({
    code: 'usage/sample',
    message: `--sample "${words}" is no rate`,
    hint: 'one packet in a hundred is --sample 1:100',
  })
}

function interfaces(parsed: ParsedOptions, captures: readonly string[]): string[] {
  const names = texts(parsed.interface)
  const live = names.length > 0 || parsed['interfaces-map'] !== undefined
  if (live && captures.length > 0) {
    throw new ProblemError({
      code: 'usage/capture-and-network',
      message: '--pcap reads a capture instead of an interface',
      hint: 'leave out either --pcap or --interface',
    })
  }
  if (!live && captures.length === 0) {
    throw new ProblemError({
      code: 'usage/no-packets',
      message: 'no packets to read',
      hint: '--pcap FILE reads a capture, --interface NAME captures; `tcpdump -D` lists interfaces',
    })
  }
  const bad = names.find(name => !isInterfaceName(name))
  if (bad === undefined) return names
  throw new ProblemError({ code: 'usage/interface', message: `"${bad}" is no name of an interface` })
}

/** Options of the source from parsed flags and the files that they name; throws a ProblemError. */
export async function packetOptions(parsed: ParsedOptions, _host: Host): Promise<PacketSourceOptions> {
  const captures = texts(parsed.pcap)
  const names = interfaces(parsed, captures)
  const [map, user] = [text(parsed['interfaces-map']), text(parsed.user)]
  return {
    captures,
    interfaces: names,
    map: map === undefined ? undefined : orThrow(await readInterfacesMap(map)),
    filter: text(parsed.filter),
    snapOctets: parsed.snaplen as number | undefined,
    promiscuous: parsed['no-promiscuous'] !== true,
    account: user === undefined ? undefined : orThrow(readAccount(user)),
    packets: {
      compat: parsed.compat === 'pmacct',
      inner: parsed.inner === true,
      renormalize: parsed.renormalize === true,
      sampleRate: sampleRate(parsed),
      externalRate: parsed['sampling-rate'] as number | undefined,
      seed: parsed.seed as number,
      tunnelPorts: tunnelOption(parsed),
    },
    flows: lifetimes(parsed),
  }
}
