// The flags of telemetry-recv, and what they mean.
import { Flags } from '@oclif/core'
import { orThrow, ProblemError } from '../contract/problem.ts'
import { readAllowList } from '../maps/allow-list.ts'
import { readAccount } from '../sources/drop-privileges.ts'
import { type ListenAddress, parseListenAddress } from '../sources/listen-address.ts'
import type { TelemetryNetworkOptions, TelemetryOptions } from '../sources/telemetry/options.ts'
import { TELEMETRY_DECODERS, type TelemetryDecoderName } from '../wire/telemetry/options.ts'
import { numbers, type ParsedOptions, text, texts } from './parsed.ts'

const LARGEST_PORT = 65_535
const LARGEST_BUFFER_OCTETS = 2 ** 30
/** Forms in which nothing says where a message ends. */
const DATAGRAMS_ONLY: ReadonlySet<string> = new Set(['gpb', 'udp-notif', 'jti'])
const NETWORK = { helpGroup: 'NETWORK' }
const CAPTURE = { helpGroup: 'CAPTURE' }
const LIMITS = { helpGroup: 'LIMITS' }
const many = { multiple: true as const, multipleNonGreedy: true }

export const TELEMETRY_FLAGS = {
  listen: Flags.string({ summary: 'UDP socket; repeat for more', helpValue: '[ADDRESS:]PORT', ...many, ...NETWORK }),
  'listen-tcp': Flags.string({
    summary: 'TCP socket, for JSON and Cisco dial-out; repeat for more',
    helpValue: '[ADDRESS:]PORT',
    ...many,
    ...NETWORK,
  }),
  'listen-tls': Flags.string({
    summary: 'the same over TLS; repeat for more',
    helpValue: '[ADDRESS:]PORT',
    ...many,
    ...NETWORK,
  }),
  'listen-https': Flags.string({
    summary: 'HTTPS-notif: notifications come to /.../relay-notification; repeat for more',
    helpValue: '[ADDRESS:]PORT',
    ...many,
    ...NETWORK,
  }),
  'tls-cert': Flags.string({ summary: 'certificate chain of TLS and HTTPS, PEM', helpValue: 'FILE', ...NETWORK }),
  'tls-key': Flags.string({ summary: 'its key, PEM', helpValue: 'FILE', ...NETWORK }),
  'tls-ca': Flags.string({
    summary: 'nodes must have a certificate signed by this authority, PEM',
    helpValue: 'FILE',
    ...NETWORK,
  }),
  'ipv6-only': Flags.boolean({ summary: 'a socket on all addresses takes IPv6 only', ...NETWORK }),
  'receive-buffer': Flags.integer({
    summary: "octets of the kernel's receive buffer (default 4194304, as far as net.core.rmem_max allows)",
    helpValue: 'OCTETS',
    min: 1024,
    max: LARGEST_BUFFER_OCTETS,
    ...NETWORK,
  }),
  allow: Flags.string({
    summary: 'who may send: an address or prefix a line; read again when it changes, and on SIGHUP',
    helpValue: 'FILE',
    ...NETWORK,
  }),
  user: Flags.string({ summary: 'become this user once the sockets are open', helpValue: 'NAME', ...NETWORK }),
  pcap: Flags.string({
    summary: 'read a capture (pcap or pcapng, gz, zst) instead of the network; - is standard input; repeat for more',
    helpValue: 'FILE',
    ...many,
    ...CAPTURE,
  }),
  'udp-port': Flags.integer({
    summary: 'destination port in the capture; repeat for more (default: every datagram that begins like telemetry)',
    helpValue: 'N',
    min: 1,
    max: LARGEST_PORT,
    ...many,
    ...CAPTURE,
  }),
  'tcp-port': Flags.integer({
    summary: 'read TCP connections to this port of the capture, instead of datagrams; repeat for more',
    helpValue: 'N',
    min: 1,
    max: LARGEST_PORT,
    ...many,
    ...CAPTURE,
  }),
  decoder: Flags.string({
    summary: 'how messages come; auto: told by their first octets',
    options: [...TELEMETRY_DECODERS],
    default: 'auto',
    helpGroup: 'DECODING',
  }),
  'max-peers': Flags.integer({
    summary: 'nodes at a time; more are refused',
    helpValue: 'N',
    default: 100,
    min: 1,
    max: 65_536,
    ...LIMITS,
  }),
  'peer-timeout': Flags.integer({
    summary: 'seconds after which a silent node is closed',
    helpValue: 'SECONDS',
    default: 300,
    min: 1,
    max: 86_400,
    ...LIMITS,
  }),
  'max-message': Flags.integer({
    summary: 'octets of one message',
    helpValue: 'OCTETS',
    default: 1024 * 1024,
    min: 1024,
    max: 64 * 1024 * 1024,
    ...LIMITS,
  }),
}

const addresses = (value: unknown): ListenAddress[] => texts(value).map(one => orThrow(parseListenAddress(one)))

function networkOptions(parsed: ParsedOptions): TelemetryNetworkOptions {
  const [user, cert, key] = [text(parsed.user), text(parsed['tls-cert']), text(parsed['tls-key'])]
  return {
    udp: {
      listen: addresses(parsed.listen),
      ipv6Only: parsed['ipv6-only'] === true,
      multicast: [],
      receiveBufferOctets: parsed['receive-buffer'] as number | undefined,
    },
    sessions: {
      tcp: addresses(parsed['listen-tcp']),
      tls: addresses(parsed['listen-tls']),
      https: addresses(parsed['listen-https']),
      tlsFiles: cert !== undefined && key !== undefined ? { cert, key, ca: text(parsed['tls-ca']) } : undefined,
      ipv6Only: parsed['ipv6-only'] === true,
      maxSessions: parsed['max-peers'] as number,
      idleMs: (parsed['peer-timeout'] as number) * 1000,
      maxMessageOctets: parsed['max-message'] as number,
    },
    account: user === undefined ? undefined : orThrow(readAccount(user)),
  }
}

const LISTEN = ['listen', 'listen-tcp', 'listen-tls', 'listen-https'] as const

/** Telemetry has no port of its own: where to listen must be said. */
function checkInput(parsed: ParsedOptions, captures: readonly string[]): void {
  const network = LISTEN.flatMap(flag => texts(parsed[flag]))
  if (captures.length > 0 && network.length > 0) {
    throw new ProblemError({
      code: 'usage/capture-and-network',
      message: '--pcap reads a capture instead of the network',
      hint: 'leave out either --pcap or --listen, --listen-tcp, --listen-tls and --listen-https',
    })
  }
  if (captures.length + network.length > 0) return
  throw new ProblemError({
    code: 'usage/no-input',
    message: 'telemetry has no port of its own: say where to listen',
    hint: '--listen PORT for UDP, --listen-tcp PORT for TCP, --listen-https PORT for HTTPS-notif, --pcap FILE for a capture',
  })
}

/** Datagrams or connections; and over TCP messages must say where they end. */
function checkTcp(parsed: ParsedOptions): void {
  const ports = numbers(parsed['tcp-port'])
  if (ports.length > 0 && parsed['udp-port'] !== undefined) {
    throw new ProblemError({
      code: 'usage/udp-and-tcp-port',
      message: 'a capture is read for datagrams or for connections',
      hint: 'leave out either --udp-port or --tcp-port, and read the capture twice',
    })
  }
  const { decoder } = parsed
  if (
    ports.length + texts(parsed['listen-tcp']).length + texts(parsed['listen-tls']).length === 0 ||
    !DATAGRAMS_ONLY.has(String(decoder))
  )
    return
  throw new ProblemError({
    code: 'usage/decoder-of-datagrams',
    message: `--decoder ${decoder} is for datagrams: over TCP nothing says where such a message ends`,
    hint: '--decoder json or cisco for TCP; leave it out, and both are told by their first octet',
  })
}

/** Options of the source from parsed flags and the files that they name; throws a ProblemError. */
export async function telemetryOptions(parsed: ParsedOptions): Promise<TelemetryOptions> {
  const captures = texts(parsed.pcap)
  checkInput(parsed, captures)
  checkTcp(parsed)
  const allow = text(parsed.allow)
  return {
    captures,
    udpPorts: numbers(parsed['udp-port']),
    tcpPorts: captures.length > 0 ? numbers(parsed['tcp-port']) : [],
    network: networkOptions(parsed),
    decoder: {
      decoder: parsed.decoder as TelemetryDecoderName,
      maxPeers: parsed['max-peers'] as number,
      peerTimeoutMs: (parsed['peer-timeout'] as number) * 1000,
      maxMessageOctets: parsed['max-message'] as number,
    },
    allow: allow === undefined ? undefined : orThrow(await readAllowList(allow)),
  }
}
