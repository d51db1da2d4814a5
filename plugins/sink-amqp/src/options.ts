// What the flags mean.
import { readFileSync } from 'node:fs'
import {
  credentials,
  datagramOptions,
  fieldsOf,
  type Host,
  type ParsedOptions,
  type PresentOptions,
  ProblemError,
  parseEndpoint,
  presentationOptions,
  type RecordName,
  recordName,
  sizeOctets,
  type TlsOptions,
  tlsOptions,
  words,
} from 'netally'
import type { TYPES } from './flags.ts'

export interface ConnectionOptions {
  readonly host: string
  readonly port: number
  readonly virtualHost: string
  readonly user: string
  readonly password: string
  readonly tls: TlsOptions | undefined
  /** Seconds; undefined = what the broker wants. */
  readonly heartbeat: number | undefined
  readonly frameOctets: number
}

export interface Exchange {
  /** '' = the default exchange, where the routing key is a queue. */
  readonly name: string
  readonly type: (typeof TYPES)[number]
}

export type MessageFormat = 'json' | 'avro' | 'avro_json'

export interface SinkOptions {
  readonly connection: ConnectionOptions
  readonly exchange: Exchange
  readonly routingKey: RecordName
  readonly template: string
  /** Keys that are gone round: KEY_0 to KEY_(n-1); 0 = the key itself. */
  readonly routingKeys: number
  /** Fields that are headers. */
  readonly headers: readonly string[]
  readonly queue: string | undefined
  readonly declares: boolean
  readonly mandatory: boolean
  readonly isPersistent: boolean
  readonly recordsPerMessage: number
  readonly messageOctets: number
  readonly format: MessageFormat
  /** Avro's schema, made where the file is not there. */
  readonly schemaFile: string | undefined
  readonly present: PresentOptions
}

export interface RecvOptions {
  readonly connection: ConnectionOptions
  readonly queue: string | undefined
  readonly exchange: Exchange
  readonly bindings: readonly string[]
  readonly declares: boolean
  readonly prefetch: number
  readonly untilEnd: boolean
  /** Of messages that are Avro. */
  readonly schema: unknown
  readonly datagrams: Awaited<ReturnType<typeof datagramOptions>> | undefined
}

const RULES = { ports: { amqp: 5672, amqps: 5671 }, secure: ['amqps'] }
const USUAL_KEY = 'netally'
/** A dot separates the words of topics; * and # are wildcards. */
const KEY_LETTERS = /[A-Za-z0-9_:@=+-]/

function usage(code: string, message: string, hint: string): ProblemError {
  return new ProblemError({ code: `usage/${code}`, message, hint })
}

function connectionOptions(parsed: ParsedOptions): ConnectionOptions {
  const endpoint = parseEndpoint(String(parsed.server), RULES)
  const { user = endpoint.user ?? 'guest', password = 'guest' } = credentials(parsed, 'NETALLY_AMQP')
  return {
    host: endpoint.host,
    port: endpoint.port,
    virtualHost: endpoint.path === '' ? '/' : endpoint.path,
    user,
    password,
    tls: tlsOptions(parsed, endpoint.isSecure),
    heartbeat: parsed.heartbeat === undefined ? undefined : Number(parsed.heartbeat),
    frameOctets: Number(parsed['frame-max']),
  }
}

const text = (value: unknown): string | undefined => (value === undefined ? undefined : String(value))

const exchangeOf = (parsed: ParsedOptions): Exchange => ({
  name: text(parsed.exchange) ?? '',
  type: parsed.type as Exchange['type'],
})

/** What of the flags does not go together. */
function checkForm(parsed: ParsedOptions): void {
  const schemaFile = parsed['avro-schema-file']
  if (parsed.format === 'json' && schemaFile !== undefined) {
    throw usage('json-with-schema', '--avro-schema-file is of Avro, the format is json', 'add --format avro')
  }
  if (parsed.format === 'avro' && schemaFile === undefined) {
    throw usage('no-schema', 'who reads Avro must get the schema', 'give --avro-schema-file FILE')
  }
  const presents = ['compat', 'timestamps', 'encode'].find(flag => parsed[flag] !== undefined)
  if (parsed.format !== 'json' && presents) {
    throw usage('avro-form', `--${presents} is a form of JSON`, 'leave it out, or use --format json')
  }
}

export function sinkOptions(parsed: ParsedOptions): SinkOptions {
  checkForm(parsed)
  const template = text(parsed['routing-key']) ?? text(parsed.queue) ?? USUAL_KEY
  return {
    connection: connectionOptions(parsed),
    exchange: exchangeOf(parsed),
    template,
    routingKey: recordName(template, { allowed: KEY_LETTERS }),
    routingKeys: Number(parsed['routing-key-rr'] ?? 0),
    headers: words(parsed.headers)
      .flatMap(fieldsOf)
      .map(({ name }) => name),
    queue: text(parsed.queue),
    declares: parsed.declare === true,
    mandatory: parsed['allow-unroutable'] !== true,
    isPersistent: parsed.transient !== true,
    recordsPerMessage: Number(parsed['multi-values']),
    messageOctets: sizeOctets('max-message', parsed['max-message']),
    format: parsed.format as MessageFormat,
    schemaFile: text(parsed['avro-schema-file']),
    present: presentationOptions(parsed),
  }
}

function schemaOf(path: unknown): unknown {
  if (path === undefined) return undefined
  try {
    return JSON.parse(readFileSync(String(path), 'utf8'))
  } catch (error) {
    throw usage(
      'bad-schema',
      `--avro-schema-file cannot be read: ${(error as Error).message}`,
      'it is the file of sink-amqp',
    )
  }
}

export async function recvOptions(parsed: ParsedOptions, host: Host): Promise<RecvOptions> {
  const exchange = exchangeOf(parsed)
  if (parsed.queue === undefined && exchange.name === '') {
    throw usage('no-queue', 'there is nothing to read', 'name a queue with --queue, or an exchange with --exchange')
  }
  const bindings = (parsed.bind as string[] | undefined) ?? [exchange.type === 'topic' ? '#' : USUAL_KEY]
  return {
    connection: connectionOptions(parsed),
    queue: text(parsed.queue),
    exchange,
    bindings,
    declares: parsed.declare === true,
    prefetch: Number(parsed.prefetch),
    untilEnd: parsed['until-end'] === true,
    schema: schemaOf(parsed['avro-schema-file']),
    datagrams: parsed.raw === true ? await datagramOptions(parsed, host) : undefined,
  }
}
