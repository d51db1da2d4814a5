// The flags of sink-nats, and what they mean.
import {
  Args,
  CREDENTIAL_FLAGS,
  credentials,
  durationMs,
  type Endpoint,
  Flags,
  type ParsedOptions,
  ProblemError,
  parseEndpoints,
  type RecordName,
  recordName,
  sizeOctets,
  TLS_FLAGS,
  type TlsOptions,
  tlsOptions,
} from 'netally'

export interface StreamOptions {
  readonly name: string
  /** Limits of a stream that is made; 0 = none. */
  readonly maxOctets: number
  readonly maxAgeMs: number
  /** How long its message ids are remembered. */
  readonly windowMs: number
}

export interface NatsOptions {
  readonly endpoints: readonly Endpoint[]
  readonly user: string | undefined
  readonly password: string | undefined
  readonly tls: TlsOptions | undefined
  readonly subject: RecordName
  /** Subjects that a stream made here takes. */
  readonly subjects: string
  readonly stream: StreamOptions | undefined
}

const STREAM = { helpGroup: 'JETSTREAM' }

export const ARGS = {
  servers: Args.string({
    description: 'HOST[:PORT] or nats|tls://[USER@]HOST[:PORT], several with commas',
    default: '127.0.0.1',
  }),
}

export const FLAGS = {
  subject: Flags.string({
    summary: 'subject of each message; $FIELD and %Y%m%d make it many',
    helpValue: 'SUBJECT',
    default: 'netally',
    helpGroup: 'WHERE TO',
  }),
  stream: Flags.string({
    summary: 'JetStream stream that keeps the messages; made if it is not there',
    helpValue: 'NAME',
    ...STREAM,
  }),
  'stream-size': Flags.string({
    summary: 'octets that a stream made here keeps',
    helpValue: '1G',
    dependsOn: ['stream'],
    ...STREAM,
  }),
  'stream-age': Flags.string({
    summary: 'how long a stream made here keeps messages',
    helpValue: '7d',
    dependsOn: ['stream'],
    ...STREAM,
  }),
  'stream-window': Flags.string({
    summary: 'how long a stream made here remembers message ids: what comes again later than that is stored twice',
    helpValue: '10m',
    default: '10m',
    ...STREAM,
  }),
  ...CREDENTIAL_FLAGS,
  ...TLS_FLAGS,
}

/** A value must not bring in another token, a wildcard or a space. */
const TOKEN_LETTERS = /[A-Za-z0-9_:@=+-]/
const STREAM_NAME = /^[A-Za-z0-9_-]{1,255}$/

function streamOptions(parsed: ParsedOptions): StreamOptions | undefined {
  if (parsed.stream === undefined) return undefined
  const name = String(parsed.stream)
  if (!STREAM_NAME.test(name)) {
    throw new ProblemError({
      code: 'usage/bad-stream',
      message: `"${name}" is no name of a stream`,
      hint: 'letters, digits, _ and - make one',
    })
  }
  const size = parsed['stream-size']
  const age = parsed['stream-age']
  return {
    name,
    maxOctets: size === undefined ? 0 : sizeOctets('stream-size', size),
    maxAgeMs: age === undefined ? 0 : durationMs('stream-age', age),
    windowMs: durationMs('stream-window', parsed['stream-window']),
  }
}

/** The template with every token that varies as a wildcard. */
function subjectsOf(template: string): string {
  return template
    .split('.')
    .map(token => (/[$%]/.test(token) ? '*' : token))
    .join('.')
}

function checkSubject(template: string): void {
  if (/^[^\s*>]+$/.test(template) && !/^\.|\.\.|\.$/.test(template)) return
  throw new ProblemError({
    code: 'usage/bad-subject',
    message: `"${template}" is no subject`,
    hint: 'write tokens with dots between them, without spaces, * and >: flows.$peer_ip_src',
  })
}

export function natsOptions(parsed: ParsedOptions): NatsOptions {
  const endpoints = parseEndpoints(String(parsed.servers), { ports: { nats: 4222, tls: 4222 }, secure: ['tls'] })
  const template = String(parsed.subject)
  checkSubject(template)
  const { user, password } = credentials(parsed, 'NETALLY_NATS')
  return {
    endpoints,
    user,
    password,
    tls: tlsOptions(
      parsed,
      endpoints.some(({ isSecure }) => isSecure),
    ),
    subject: recordName(template, { allowed: TOKEN_LETTERS }),
    subjects: subjectsOf(template),
    stream: streamOptions(parsed),
  }
}
