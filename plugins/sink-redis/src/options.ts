// The flags of sink-redis, and what they mean.
import {
  Args,
  CREDENTIAL_FLAGS,
  credentials,
  durationMs,
  type Endpoint,
  Flags,
  type ParsedOptions,
  ProblemError,
  parseEndpoint,
  type RecordName,
  recordName,
  TLS_FLAGS,
  type TlsOptions,
  tlsOptions,
} from 'netally'

/** What a record becomes: an entry of a stream, an element of a list, a message of a channel. */
export type Target = 'stream' | 'list' | 'channel'
const TARGETS: readonly Target[] = ['stream', 'list', 'channel']

export interface RedisOptions {
  readonly endpoint: Endpoint
  readonly database: number
  readonly user: string | undefined
  readonly password: string | undefined
  readonly tls: TlsOptions | undefined
  readonly target: Target
  readonly key: RecordName
  /** Entries that a stream or list keeps, about; 0 = all. */
  readonly keep: number
  /** How long batches are remembered by the server, so that none is stored twice; 0 = not at all. */
  readonly rememberMs: number
}

const key = (target: Target, summary: string) =>
  Flags.string({
    summary,
    helpValue: 'KEY',
    exclusive: TARGETS.filter(other => other !== target),
    helpGroup: 'WHERE TO',
  })

export const ARGS = {
  server: Args.string({ description: 'HOST[:PORT] or redis[s]://[USER@]HOST[:PORT][/DATABASE]', default: '127.0.0.1' }),
}

export const FLAGS = {
  stream: key('stream', 'stream that gets an entry a record (the default, "netally"); $FIELD and %Y%m%d make it many'),
  list: key('list', 'list that each record is put at the end of'),
  channel: key('channel', 'channel that each record is published on; nobody keeps what nobody hears'),
  keep: Flags.integer({
    summary: 'entries that a stream or list keeps, about; default: all',
    helpValue: 'N',
    min: 1,
    helpGroup: 'WHERE TO',
  }),
  remember: Flags.string({
    summary: 'how long the server remembers batches, so that none is stored twice; 0s = not at all',
    helpValue: '1d',
    default: '1d',
    helpGroup: 'WHERE TO',
  }),
  ...CREDENTIAL_FLAGS,
  ...TLS_FLAGS,
}

/** A colon is what parts of Redis keys are told by. */
const KEY_LETTERS = /[A-Za-z0-9._:@+-]/

export function redisOptions(parsed: ParsedOptions): RedisOptions {
  const endpoint = parseEndpoint(String(parsed.server), { ports: { redis: 6379, rediss: 6379 }, secure: ['rediss'] })
  if (!/^\d{0,4}$/.test(endpoint.path)) {
    throw new ProblemError({
      code: 'usage/bad-database',
      message: `"${endpoint.path}" is no number of a database of Redis`,
      hint: 'write redis://HOST:PORT/0',
    })
  }
  const target = TARGETS.find(name => parsed[name] !== undefined) ?? 'stream'
  const { user = endpoint.user, password } = credentials(parsed, 'NETALLY_REDIS')
  return {
    endpoint,
    database: Number(endpoint.path),
    user,
    password,
    tls: tlsOptions(parsed, endpoint.isSecure),
    target,
    key: recordName(String(parsed[target] ?? 'netally'), { allowed: KEY_LETTERS }),
    keep: Number(parsed.keep ?? 0),
    rememberMs: durationMs('remember', parsed.remember),
  }
}
