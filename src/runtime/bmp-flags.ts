// The flags of bmp-recv, and what they mean.
import { Flags } from '@oclif/core'
import { isProblem, orThrow, ProblemError } from '../contract/problem.ts'
import { readAllowList } from '../maps/allow-list.ts'
import type { BmpOptions } from '../sources/bmp/options.ts'
import { type ListenAddress, parseListenAddress } from '../sources/listen-address.ts'
import { type ParsedOptions, texts } from './parsed.ts'

/** pmbmpd's own. */
const DEFAULT_PORT = 1790
const LARGEST_PORT = 65_535

const NETWORK = { helpGroup: 'NETWORK' }
const CAPTURE = { helpGroup: 'CAPTURE' }
const many = { multiple: true as const, multipleNonGreedy: true }

export const BMP_FLAGS = {
  listen: Flags.string({
    summary: `where routers come to; repeat for more (default: port ${DEFAULT_PORT} of all addresses)`,
    helpValue: '[ADDRESS:]PORT',
    ...many,
    ...NETWORK,
  }),
  connect: Flags.string({
    summary: 'a router that waits for the station to come; repeat for more',
    helpValue: 'ADDRESS:PORT',
    ...many,
    ...NETWORK,
  }),
  'ipv6-only': Flags.boolean({ summary: 'a socket on all addresses takes IPv6 only', ...NETWORK }),
  'max-peers': Flags.integer({
    summary: 'routers at a time; more are refused',
    helpValue: 'N',
    default: 256,
    min: 1,
    max: 65_536,
    ...NETWORK,
  }),
  allow: Flags.string({
    summary: 'who may send: an address or prefix a line; read again when it changes, and on SIGHUP',
    helpValue: 'FILE',
    ...NETWORK,
  }),
  'proxy-protocol': Flags.boolean({
    summary: 'connections begin with a PROXY header of version 2, which names the router',
    ...NETWORK,
  }),
  pcap: Flags.string({
    summary: 'read a capture (pcap or pcapng, gz, zst) instead of the network; - is standard input; repeat for more',
    helpValue: 'FILE',
    ...many,
    ...CAPTURE,
  }),
  'tcp-port': Flags.integer({
    summary: "the station's port in the capture (default: every TCP connection that begins like BMP)",
    helpValue: 'N',
    min: 1,
    max: LARGEST_PORT,
    ...many,
    ...CAPTURE,
  }),
  'peer-distinguisher': Flags.string({
    summary: 'the key that a peer distinguisher goes to',
    options: ['rd', 'pd'],
    default: 'rd',
    helpGroup: 'DECODING',
  }),
}

const addresses = (value: unknown): ListenAddress[] => texts(value).map(one => orThrow(parseListenAddress(one)))

function connectAddresses(value: unknown): ListenAddress[] {
  return texts(value).map(text => {
    const found = parseListenAddress(text)
    if (!isProblem(found) && found.address !== undefined && found.port !== 0) return found
    throw new ProblemError({
      code: 'usage/bad-address',
      message: `--connect "${text}" is no address and port of a router`,
      hint: 'give ADDRESS:PORT or [IPV6]:PORT; names are not looked up',
    })
  })
}

function listenAddresses(parsed: ParsedOptions, connect: readonly ListenAddress[]): ListenAddress[] {
  const listen = addresses(parsed.listen)
  return listen.length > 0 || connect.length > 0 ? listen : [{ address: undefined, port: DEFAULT_PORT }]
}

/** Options of the source from parsed flags and the files that they name; throws a ProblemError. */
export async function bmpOptions(parsed: ParsedOptions): Promise<BmpOptions> {
  const captures = texts(parsed.pcap)
  const network = parsed.listen ?? parsed.connect ?? (parsed['proxy-protocol'] || undefined)
  if (captures.length > 0 && network !== undefined) {
    throw new ProblemError({
      code: 'usage/capture-and-network',
      message: '--pcap reads a capture instead of the network',
      hint: 'leave out either --pcap or --listen, --connect and --proxy-protocol',
    })
  }
  const connect = connectAddresses(parsed.connect)
  return {
    captures,
    tcpPorts: (parsed['tcp-port'] as number[] | undefined) ?? [],
    decoder: {
      compat: parsed.compat === 'pmacct' ? 'pmacct' : undefined,
      distinguisher: parsed['peer-distinguisher'] as 'rd' | 'pd',
    },
    station: {
      listen: listenAddresses(parsed, connect),
      connect,
      ipv6Only: parsed['ipv6-only'] === true,
      maxRouters: parsed['max-peers'] as number,
      proxyProtocol: parsed['proxy-protocol'] === true,
    },
    allow: typeof parsed.allow === 'string' ? orThrow(await readAllowList(parsed.allow)) : undefined,
  }
}
