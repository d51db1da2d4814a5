// The flags of grpc-recv, and what they mean.
import {
  type AllowList,
  Flags,
  flagFile,
  type ListenAddress,
  orThrow,
  type ParsedOptions,
  parseListenAddress,
  readAllowList,
} from 'netally'

export interface DialOutOptions {
  readonly listen: readonly ListenAddress[]
  readonly tls: ServerTls | undefined
  readonly allow: AllowList | undefined
  /** Connections at a time. */
  readonly maxPeers: number
  /** A call that is silent for so long is ended. */
  readonly silentMs: number
  readonly maxMessageOctets: number
}

export interface ServerTls {
  readonly certificate: Buffer
  readonly key: Buffer
  /** Who signs the nodes' certificates; undefined = they need none. */
  readonly clientCa: Buffer | undefined
}

const NETWORK = { helpGroup: 'NETWORK' }
const LIMITS = { helpGroup: 'LIMITS' }

export const GRPC_FLAGS = {
  listen: Flags.string({
    summary: 'TCP socket; repeat for more',
    helpValue: '[ADDRESS:]PORT',
    multiple: true,
    multipleNonGreedy: true,
    required: true,
    ...NETWORK,
  }),
  'tls-cert': Flags.file({
    summary: 'PEM file of our certificate',
    helpValue: 'FILE',
    dependsOn: ['tls-key'],
    ...NETWORK,
  }),
  'tls-key': Flags.file({ summary: 'PEM file of its key', helpValue: 'FILE', dependsOn: ['tls-cert'], ...NETWORK }),
  'tls-client-ca': Flags.file({
    summary: 'PEM file of who signs the nodes; without a certificate of theirs none may send',
    helpValue: 'FILE',
    dependsOn: ['tls-cert'],
    ...NETWORK,
  }),
  allow: Flags.string({
    summary: 'who may connect: an address or prefix a line; read again when it changes, and on SIGHUP',
    helpValue: 'FILE',
    ...NETWORK,
  }),
  'max-peers': Flags.integer({
    summary: 'connections at a time; more are refused',
    helpValue: 'N',
    default: 100,
    min: 1,
    max: 65_536,
    ...LIMITS,
  }),
  'peer-timeout': Flags.integer({
    summary: 'seconds after which a silent stream is ended',
    helpValue: 'SECONDS',
    default: 300,
    min: 1,
    max: 86_400,
    ...LIMITS,
  }),
  'max-message': Flags.integer({
    summary: 'octets of one message',
    helpValue: 'OCTETS',
    default: 16 * 1024 * 1024,
    min: 1024,
    max: 256 * 1024 * 1024,
    ...LIMITS,
  }),
}

const fileOf = (parsed: ParsedOptions, flag: string): Buffer => flagFile(flag, parsed[flag])

/** Throws a ProblemError. */
export async function dialOutOptions(parsed: ParsedOptions): Promise<DialOutOptions> {
  const clientCa = parsed['tls-client-ca'] === undefined ? undefined : fileOf(parsed, 'tls-client-ca')
  const isTls = parsed['tls-cert'] !== undefined
  return {
    listen: [parsed.listen].flat().map(where => orThrow(parseListenAddress(String(where)))),
    tls: isTls ? { certificate: fileOf(parsed, 'tls-cert'), key: fileOf(parsed, 'tls-key'), clientCa } : undefined,
    allow: parsed.allow === undefined ? undefined : orThrow(await readAllowList(String(parsed.allow))),
    maxPeers: Number(parsed['max-peers']),
    silentMs: Number(parsed['peer-timeout']) * 1000,
    maxMessageOctets: Number(parsed['max-message']),
  }
}
