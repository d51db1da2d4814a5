// The flags of bgp-recv, and what they mean.
import { isIP } from 'node:net'
import { Flags } from '@oclif/core'
import { isProblem, orThrow, ProblemError } from '../contract/problem.ts'
import { readAllowList } from '../maps/allow-list.ts'
import { readMd5Keys } from '../maps/md5-keys.ts'
import { parseDotted } from '../octets/address.ts'
import type { BgpOptions, SpeakerOptions } from '../sources/bgp/bgp-options.ts'
import { ALL_FAMILIES } from '../sources/bgp/our-open.ts'
import { parseListenAddress } from '../sources/listen-address.ts'
import type { CallAddress } from '../sources/session-server.ts'
import { FAMILY_NAMES, parseFamily } from '../wire/bgp/family-names.ts'
import { numbers, type ParsedOptions, text, texts } from './parsed.ts'

const BGP_PORT = 179
const LARGEST_PORT = 65_535
const LARGEST_AS = 2 ** 32 - 1
/** Keepalives at the rate that RFC 4271 section 10 suggests. */
const HOLD_SECONDS = 90
const ROLES = ['provider', 'route-server', 'route-server-client', 'customer', 'peer']

const NETWORK = { helpGroup: 'NETWORK' }
const SESSION = { helpGroup: 'SESSIONS' }
const CAPTURE = { helpGroup: 'CAPTURE' }
const repeated = { multiple: true, multipleNonGreedy: true } as const

export const BGP_FLAGS = {
  listen: Flags.string({
    summary: `TCP socket that peers connect to; repeat for more (default: port ${BGP_PORT} of all addresses)`,
    helpValue: '[ADDRESS:]PORT',
    ...repeated,
    ...NETWORK,
  }),
  connect: Flags.string({
    summary: 'connect to this peer, again and again; repeat for more',
    helpValue: 'ADDRESS[:PORT]',
    ...repeated,
    ...NETWORK,
  }),
  'local-address': Flags.string({
    summary: 'source address of connections that --connect opens',
    helpValue: 'ADDRESS',
    ...NETWORK,
  }),
  'ipv6-only': Flags.boolean({ summary: 'a socket on all addresses takes IPv6 only', ...NETWORK }),
  allow: Flags.string({
    summary: 'who may connect: an address or prefix a line; read again when it changes, and on SIGHUP',
    helpValue: 'FILE',
    ...NETWORK,
  }),
  'md5-file': Flags.string({
    summary: 'keys of TCP MD5 signatures (RFC 2385), `address,key` a line; read again when it changes, and on SIGHUP',
    helpValue: 'FILE',
    ...NETWORK,
  }),
  'ttl-security': Flags.integer({
    summary: 'take only what comes from at most so many hops away (RFC 5082): 1 = neighbours',
    helpValue: 'HOPS',
    min: 1,
    max: 254,
    ...NETWORK,
  }),
  'max-peers': Flags.integer({
    summary: 'sessions at a time; more are refused',
    helpValue: 'N',
    default: 256,
    min: 1,
    max: 65_536,
    ...NETWORK,
  }),
  as: Flags.integer({
    summary: 'our AS (default: that of each peer, so that the session is internal)',
    helpValue: 'ASN',
    min: 1,
    max: LARGEST_AS,
    ...SESSION,
  }),
  'peer-as': Flags.integer({
    summary: 'AS that a peer must have; repeat for more (default: any)',
    helpValue: 'ASN',
    min: 1,
    max: LARGEST_AS,
    ...repeated,
    ...SESSION,
  }),
  'router-id': Flags.string({
    summary: 'our BGP identifier (default: our IPv4 address of the session, else 1.2.3.4)',
    helpValue: 'A.B.C.D',
    ...SESSION,
  }),
  'hold-time': Flags.integer({
    summary: 'seconds after which a silent peer is given up; 0 = never; the lower of both sides counts',
    helpValue: 'SECONDS',
    default: HOLD_SECONDS,
    min: 0,
    max: 65_535,
    ...SESSION,
  }),
  families: Flags.string({
    summary: 'families that are asked for, with commas (default: all): ipv4-unicast, evpn, ..., or AFI/SAFI',
    helpValue: 'LIST',
    ...SESSION,
  }),
  'no-add-path': Flags.boolean({ summary: 'do not ask for several paths of a prefix (RFC 7911)', ...SESSION }),
  role: Flags.string({ summary: 'our role (RFC 9234)', options: ROLES, ...SESSION }),
  pcap: Flags.string({
    summary: 'read a capture (pcap or pcapng, gz, zst) instead of the network; - is standard input; repeat for more',
    helpValue: 'FILE',
    ...repeated,
    ...CAPTURE,
  }),
  'tcp-port': Flags.integer({
    summary: `port of BGP in the capture (default ${BGP_PORT})`,
    helpValue: 'N',
    min: 1,
    max: LARGEST_PORT,
    ...repeated,
    ...CAPTURE,
  }),
}

/** `192.0.2.1`, `192.0.2.1:1179`, `2001:db8::1`, `[2001:db8::1]:1179`. */
function connectAddress(word: string): CallAddress {
  if (isIP(word) !== 0) return { address: word, port: BGP_PORT }
  const parsed = parseListenAddress(word)
  if (!isProblem(parsed) && parsed.address !== undefined && parsed.port > 0) {
    return { address: parsed.address, port: parsed.port }
  }
  throw new ProblemError({
    code: 'usage/bad-address',
    message: `--connect "${word}" is no address of a peer`,
    hint: 'give ADDRESS, ADDRESS:PORT or [IPV6]:PORT; names are not looked up',
  })
}

function familiesOf(list: string | undefined): readonly number[] {
  if (list === undefined) return ALL_FAMILIES
  return list.split(',').map(word => {
    const family = parseFamily(word.trim())
    if (family !== undefined) return family
    throw new ProblemError({
      code: 'usage/bad-family',
      message: `--families: "${word}" is no family that netally reads`,
      hint: `one of ${[...FAMILY_NAMES.keys()].join(', ')}`,
    })
  })
}

function speakerOptions(parsed: ParsedOptions): SpeakerOptions {
  const routerId = text(parsed['router-id'])
  if (routerId !== undefined && parseDotted(routerId) <= 0) {
    throw new ProblemError({
      code: 'usage/bad-router-id',
      message: `--router-id "${routerId}" is no BGP identifier`,
      hint: 'it looks like an IPv4 address, and is not 0.0.0.0',
    })
  }
  const holdSeconds = parsed['hold-time'] as number
  if (holdSeconds === 1 || holdSeconds === 2) {
    throw new ProblemError({ code: 'usage/bad-hold-time', message: '--hold-time is 0, or 3 and more (RFC 4271)' })
  }
  const role = text(parsed.role)
  return {
    as: parsed.as as number | undefined,
    peerAs: new Set(numbers(parsed['peer-as'])),
    routerId,
    holdSeconds,
    families: familiesOf(text(parsed.families)),
    addPath: parsed['no-add-path'] !== true,
    role: role === undefined ? undefined : ROLES.indexOf(role),
  }
}

/** Options of the source from parsed flags and the files that they name; throws a ProblemError. */
export async function bgpOptions(parsed: ParsedOptions): Promise<BgpOptions> {
  const captures = texts(parsed.pcap)
  if (captures.length > 0 && (parsed.listen ?? parsed.connect) !== undefined) {
    throw new ProblemError({
      code: 'usage/capture-and-network',
      message: '--pcap reads a capture instead of the network',
      hint: 'leave out either --pcap or --listen and --connect',
    })
  }
  const listen = texts(parsed.listen).map(word => orThrow(parseListenAddress(word)))
  const connect = texts(parsed.connect).map(connectAddress)
  const tcpPorts = numbers(parsed['tcp-port'])
  const allow = text(parsed.allow)
  const md5File = text(parsed['md5-file'])
  return {
    captures,
    tcpPorts: tcpPorts.length > 0 ? tcpPorts : [BGP_PORT],
    listen: listen.length > 0 || connect.length > 0 ? listen : [{ address: undefined, port: BGP_PORT }],
    ipv6Only: parsed['ipv6-only'] === true,
    connect,
    localAddress: text(parsed['local-address']),
    maxPeers: parsed['max-peers'] as number,
    speaker: speakerOptions(parsed),
    allow: allow === undefined ? undefined : orThrow(await readAllowList(allow)),
    md5: md5File === undefined ? undefined : orThrow(await readMd5Keys(md5File)),
    ttlHops: parsed['ttl-security'] as number | undefined,
    compat: parsed.compat === 'pmacct',
  }
}
