// The flags of flow-recv, and what they mean.
import { Flags } from '@oclif/core'
import type { Host } from '../contract/host.ts'
import { orThrow, ProblemError } from '../contract/problem.ts'
import { readAllowList } from '../maps/allow-list.ts'
import { definePrimitives, readPrimitives } from '../maps/primitives.ts'
import { readSamplingMap } from '../maps/sampling-map.ts'
import { readAccount } from '../sources/drop-privileges.ts'
import type { FlowOptions } from '../sources/flow-options.ts'
import type { IpfixServerOptions } from '../sources/ipfix-server.ts'
import { type ListenAddress, parseListenAddress } from '../sources/listen-address.ts'
import { parseMulticastGroup } from '../sources/multicast.ts'
import type { UdpOptions } from '../sources/udp-sockets.ts'
import { EXPORTERS, HELD_OCTETS_PER_EXPORTER, TEMPLATES_PER_EXPORTER } from '../wire/flow/limits.ts'
import type { FlowDecoderOptions } from '../wire/flow/options.ts'
import { type ParsedOptions, text, texts } from './parsed.ts'
import { SAMPLED_FLAGS, sampledOptions } from './sampled-flags.ts'

/** nfacctd's own. */
const DEFAULT_PORT = 2100
const LARGEST_PORT = 65_535
/** More than the kernel of any machine gives. */
const LARGEST_BUFFER_OCTETS = 2 ** 30

/** More than one thread can feed. */
const MOST_WORKERS = 32

const NETWORK = { helpGroup: 'NETWORK' }
const SESSIONS = { helpGroup: 'IPFIX SESSIONS' }
const CAPTURE = { helpGroup: 'CAPTURE' }
const DECODING = { helpGroup: 'DECODING' }
const file = (summary: string, group: { helpGroup: string }) => Flags.string({ summary, helpValue: 'FILE', ...group })
const listen = (summary: string, group: { helpGroup: string }) =>
  Flags.string({ summary, helpValue: '[ADDRESS:]PORT', multiple: true, multipleNonGreedy: true, ...group })
const limit = (summary: string, usual: number, max: number, min = 1) =>
  Flags.integer({ summary, default: usual, min, max, helpValue: 'N', helpGroup: 'LIMITS' })

export const FLOW_FLAGS = {
  listen: listen(`UDP socket; repeat for more (default: port ${DEFAULT_PORT} of all addresses)`, NETWORK),
  'ipv6-only': Flags.boolean({ summary: 'a socket on all addresses takes IPv6 only', ...NETWORK }),
  'receive-buffer': Flags.integer({
    summary: "octets of the kernel's receive buffer (default 4194304, as far as net.core.rmem_max allows)",
    helpValue: 'OCTETS',
    min: 1024,
    max: LARGEST_BUFFER_OCTETS,
    ...NETWORK,
  }),
  multicast: Flags.string({
    summary: 'multicast group to join; repeat for more',
    helpValue: 'GROUP[%INTERFACE]',
    multiple: true,
    multipleNonGreedy: true,
    ...NETWORK,
  }),
  allow: file('who may send: an address or prefix a line; read again when it changes, and on SIGHUP', NETWORK),
  user: Flags.string({ summary: 'become this user once the sockets are open', helpValue: 'NAME', ...NETWORK }),
  workers: Flags.integer({
    summary: 'threads that decode, each its share of the exporters; more than 1 pays where one cannot keep up',
    helpValue: 'N',
    default: 1,
    min: 1,
    max: MOST_WORKERS,
    ...NETWORK,
  }),
  'listen-tcp': listen('IPFIX over TCP; repeat for more', SESSIONS),
  'listen-tls': listen('IPFIX over TLS; repeat for more', SESSIONS),
  'tls-cert': file('certificate chain of the listener, PEM', SESSIONS),
  'tls-key': file('its key, PEM', SESSIONS),
  'tls-ca': file('exporters must have a certificate signed by this authority, PEM', SESSIONS),
  'max-sessions': Flags.integer({
    summary: 'sessions at a time; more are refused',
    helpValue: 'N',
    default: 256,
    min: 1,
    max: 65_536,
    ...SESSIONS,
  }),
  'idle-timeout': Flags.integer({
    summary: 'seconds after which a silent session is closed',
    helpValue: 'SECONDS',
    default: 1800,
    min: 1,
    max: 86_400,
    ...SESSIONS,
  }),
  pcap: Flags.string({
    summary: 'read a capture (pcap or pcapng, gz, zst) instead of the network; - is standard input; repeat for more',
    helpValue: 'FILE',
    multiple: true,
    multipleNonGreedy: true,
    ...CAPTURE,
  }),
  'udp-port': Flags.integer({
    summary:
      'destination port of flows in the capture (default: every UDP datagram that begins as NetFlow, IPFIX or sFlow do)',
    helpValue: 'N',
    min: 1,
    max: LARGEST_PORT,
    multiple: true,
    multipleNonGreedy: true,
    ...CAPTURE,
  }),
  'template-store': file('keep templates in this file, so that they are known after a restart', DECODING),
  'sampling-rate': Flags.integer({
    summary: 'sampling rate where nothing else says one',
    helpValue: 'N',
    min: 1,
    ...DECODING,
  }),
  'sampling-map': file(
    "sampling rates by exporter and interface (pmacct's sampling_map); read again when it changes, and on SIGHUP",
    DECODING,
  ),
  renormalize: Flags.boolean({ summary: 'multiply packets and bytes by the sampling rate', ...DECODING }),
  'uptime-seconds': Flags.boolean({
    summary: 'NetFlow v5 and v9: sysUptime, and the times of flows by it, count seconds instead of milliseconds',
    ...DECODING,
  }),
  'strict-padding': Flags.boolean({
    summary: 'drop and count sets that have something else than zeros behind their last record',
    ...DECODING,
  }),
  biflow: Flags.string({
    summary: 'RFC 5103 biflows: reverse counters as fields of their own, or a second record',
    options: ['fields', 'split'],
    default: 'fields',
    ...DECODING,
  }),
  primitives: file("elements of your own (pmacct's aggregate_primitives)", DECODING),
  elements: file('elements of your own, as CSV: name,pen,element,type[,summary]', DECODING),
  unknown: Flags.boolean({ summary: 'keep elements that have no field, as unknown: {"pen/id": "hex"}', ...DECODING }),
  ...SAMPLED_FLAGS,
  'account-options': Flags.boolean({ summary: 'write options records too', ...DECODING }),
  'template-id': Flags.boolean({ summary: 'write the template id of each record too, as flowset_id', ...DECODING }),
  'ignore-exporter-address': Flags.boolean({
    summary: 'the exporter is the sender of the datagram, whatever elements 130 and 131 or the sFlow agent say',
    ...DECODING,
  }),
  'max-exporters': limit('exporters that have state', EXPORTERS, 1_000_000),
  'max-templates': limit('templates of one exporter or session', TEMPLATES_PER_EXPORTER, 65_536),
  'hold-octets': limit('octets of one exporter that wait for their template', HELD_OCTETS_PER_EXPORTER, 2 ** 30, 0),
}

const addresses = (value: unknown): ListenAddress[] => texts(value).map(one => orThrow(parseListenAddress(one)))

function decoderOptions(parsed: ParsedOptions): FlowDecoderOptions {
  const rate = parsed['sampling-rate'] as number | undefined
  return {
    ...(parsed.compat === 'pmacct' ? { compat: 'pmacct' as const } : {}),
    ...(rate === undefined ? {} : { staticSamplingRate: rate }),
    strictPadding: parsed['strict-padding'] === true,
    uptimeSeconds: parsed['uptime-seconds'] === true,
    wholeSeconds: parsed['timestamps-secs'] === true,
    unknown: parsed.unknown === true,
    biflow: parsed.biflow as 'fields' | 'split',
    renormalize: parsed.renormalize === true,
    ...sampledOptions(parsed),
    accountOptions: parsed['account-options'] === true,
    templateId: parsed['template-id'] === true,
    ignoreExporterAddress: parsed['ignore-exporter-address'] === true,
    limits: {
      exporters: parsed['max-exporters'] as number,
      templatesPerExporter: parsed['max-templates'] as number,
      heldOctetsPerExporter: parsed['hold-octets'] as number,
    },
  }
}

function sessionOptions(parsed: ParsedOptions): IpfixServerOptions {
  const [cert, key] = [text(parsed['tls-cert']), text(parsed['tls-key'])]
  return {
    tcp: addresses(parsed['listen-tcp']),
    tls: addresses(parsed['listen-tls']),
    tlsFiles: cert !== undefined && key !== undefined ? { cert, key, ca: text(parsed['tls-ca']) } : undefined,
    ipv6Only: parsed['ipv6-only'] === true,
    maxSessions: parsed['max-sessions'] as number,
    idleMs: (parsed['idle-timeout'] as number) * 1000,
  }
}

export function udpOptions(parsed: ParsedOptions, others: boolean): UdpOptions {
  const listen = addresses(parsed.listen)
  return {
    listen: listen.length > 0 || others ? listen : [{ address: undefined, port: DEFAULT_PORT }],
    ipv6Only: parsed['ipv6-only'] === true,
    multicast: texts(parsed.multicast).map(one => orThrow(parseMulticastGroup(one))),
    receiveBufferOctets: parsed['receive-buffer'] as number | undefined,
  }
}

function workers(parsed: ParsedOptions, { tcp, tls }: IpfixServerOptions): number {
  const count = parsed.workers as number
  if (count > 1 && tcp.length + tls.length > 0) {
    throw new ProblemError({
      code: 'usage/workers-and-sessions',
      message: '--workers shares out UDP datagrams; sessions of TCP and TLS belong to one thread',
      hint: 'run a flow-recv for --listen-tcp and --listen-tls beside this one',
    })
  }
  return count
}

/** Must be done before the decoder is made, which looks at the dictionary. */
async function defineElements(parsed: ParsedOptions, host: Host): Promise<void> {
  for (const path of [text(parsed.primitives), text(parsed.elements)]) {
    if (path === undefined) continue
    const primitives = orThrow(await readPrimitives(path))
    for (const problem of primitives.unused) host.report(problem)
    orThrow(definePrimitives(primitives))
  }
}

/** Options of the source from parsed flags and the files that they name; throws a ProblemError. */
export async function flowOptions(parsed: ParsedOptions, host: Host): Promise<FlowOptions> {
  const sessions = sessionOptions(parsed)
  const captures = texts(parsed.pcap)
  const network = captures.length > 0 ? (parsed.listen ?? parsed['listen-tcp'] ?? parsed['listen-tls']) : undefined
  if (network !== undefined) {
    throw new ProblemError({
      code: 'usage/capture-and-network',
      message: '--pcap reads a capture instead of the network',
      hint: 'leave out either --pcap or --listen',
    })
  }
  await defineElements(parsed, host)
  const [allow, map, user] = [text(parsed.allow), text(parsed['sampling-map']), text(parsed.user)]
  return {
    captures,
    udpPorts: (parsed['udp-port'] as number[] | undefined) ?? [],
    udp: udpOptions(parsed, sessions.tcp.length + sessions.tls.length > 0),
    sessions,
    account: user === undefined ? undefined : orThrow(readAccount(user)),
    decoder: decoderOptions(parsed),
    allow: allow === undefined ? undefined : orThrow(await readAllowList(allow)),
    samplingMap: map === undefined ? undefined : orThrow(await readSamplingMap(map)),
    templateStore: text(parsed['template-store']),
    workers: workers(parsed, sessions),
  }
}
