// The flags of sink-cassandra, and what they mean.
import {
  Args,
  CREDENTIAL_FLAGS,
  credentials,
  durationMs,
  type Endpoint,
  Flags,
  fieldsOf,
  type ParsedOptions,
  ProblemError,
  parseEndpoints,
  sizeOctets,
  TLS_FLAGS,
  type TlsOptions,
  tlsOptions,
  words,
} from 'netally'

/** By the names of the CQL protocol. */
export const CONSISTENCIES = [
  'any',
  'one',
  'two',
  'three',
  'quorum',
  'all',
  'local-quorum',
  'each-quorum',
  'local-one',
] as const
export type ConsistencyName = (typeof CONSISTENCIES)[number]

export interface CassandraOptions {
  /** HOST:PORT of nodes that are asked first. */
  readonly servers: readonly string[]
  readonly user: string | undefined
  readonly password: string | undefined
  readonly tls: TlsOptions | undefined
  readonly datacenter: string | undefined
  readonly keyspace: string
  /** Of a keyspace that is made: factor, or factor by data centre. */
  readonly replication: { readonly [name: string]: string }
  readonly table: string
  readonly bucketMs: number
  /** Fields of the partition key, besides the time. */
  readonly partition: readonly string[]
  /** Parts of a span of time, so that one node need not take all of it; 1 = not parted. */
  readonly spread: number
  /** Fields of the key; undefined = ids are of the batch; `auto` = all that are not counters. */
  readonly key: readonly string[] | 'auto' | undefined
  readonly ttlSeconds: number
  readonly consistency: ConsistencyName
  readonly chunkOctets: number
  readonly isVarint: boolean
}

const TABLE = { helpGroup: 'TABLE' }

export const ARGS = {
  servers: Args.string({
    description: 'HOST[:PORT] of one or more nodes of a cluster, with commas between them',
    default: '127.0.0.1',
  }),
}

export const FLAGS = {
  keyspace: Flags.string({
    summary: 'keyspace, made if it is not there',
    helpValue: 'NAME',
    default: 'netally',
    ...TABLE,
  }),
  replication: Flags.string({
    summary: 'of a keyspace that is made: copies, or copies by data centre (dc1:3,dc2:2)',
    helpValue: 'N',
    default: '1',
    ...TABLE,
  }),
  table: Flags.string({ summary: 'table, made if it is not there', helpValue: 'NAME', default: 'flows', ...TABLE }),
  bucket: Flags.string({ summary: 'span of time of a partition', helpValue: '1h', default: '1h', ...TABLE }),
  partition: Flags.string({
    summary: 'fields that part the span further; a read names a value of each',
    helpValue: 'FIELDS',
    ...TABLE,
  }),
  spread: Flags.integer({
    summary: 'parts of each partition, told by their number, for nodes to share; a read asks for each',
    helpValue: 'N',
    default: 1,
    min: 1,
    max: 1024,
    ...TABLE,
  }),
  key: Flags.string({
    summary:
      'fields that are, with the bin, what a row is told by: a second one replaces the first. auto: all that are not counters',
    helpValue: 'FIELDS',
    ...TABLE,
  }),
  ttl: Flags.string({ summary: 'how long rows are kept; default: for ever', helpValue: '30d', ...TABLE }),
  varint: Flags.boolean({
    summary: 'whole numbers of any size in all columns that we make, not only in counters',
    ...TABLE,
  }),
  consistency: Flags.string({
    summary: 'which copies must have a row before it counts as written',
    options: [...CONSISTENCIES],
    default: 'local-quorum',
    helpGroup: 'WRITING',
  }),
  chunk: Flags.string({
    summary: 'octets of one batch of Cassandra, which is of one partition: it warns above 5K and refuses above 50K',
    helpValue: '5K',
    default: '5K',
    helpGroup: 'WRITING',
  }),
  datacenter: Flags.string({
    summary: 'nodes of this data centre alone are written to',
    helpValue: 'NAME',
    helpGroup: 'CONNECTION',
  }),
  ...CREDENTIAL_FLAGS,
  ...TLS_FLAGS,
}

const usage = (what: string, message: string, hint: string): ProblemError =>
  new ProblemError({ code: `usage/${what}`, message, hint })

/** Lower case, so that it needs no quotes in cqlsh. */
const NAME = /^[a-z][a-z0-9_]{0,47}$/

function named(what: string, text: unknown): string {
  const name = String(text)
  if (NAME.test(name)) return name
  throw usage(`bad-${what}`, `"${name}" is no name of a ${what}`, 'use a-z, 0-9 and _, first a letter, 48 at most')
}

function replicationOf(text: string): { [name: string]: string } {
  if (/^[1-9]\d?$/.test(text)) return { class: 'SimpleStrategy', replication_factor: text }
  const parts = text.split(',').map(part => /^([\w.-]+):([1-9]\d?)$/.exec(part.trim()))
  if (parts.some(part => !part)) {
    throw usage('bad-replication', `--replication ${text} is no number of copies`, 'write 3, or dc1:3,dc2:2')
  }
  return {
    class: 'NetworkTopologyStrategy',
    ...Object.fromEntries(parts.map(part => [part?.[1] as string, part?.[2] as string])),
  }
}

const names = (text: unknown): string[] =>
  words(text)
    .flatMap(fieldsOf)
    .map(({ name }) => name)

const LONGEST_TTL_SECONDS = 20 * 365 * 86_400
const SHORTEST_BUCKET_MS = 1000

function secondsOf(ttl: unknown): number {
  if (ttl === undefined) return 0
  const seconds = Math.round(durationMs('ttl', ttl) / 1000)
  if (seconds >= 1 && seconds <= LONGEST_TTL_SECONDS) return seconds
  throw usage('bad-ttl', `--ttl ${String(ttl)} is not what Cassandra takes`, 'from 1s to 20 years (7300d)')
}

export function cassandraOptions(parsed: ParsedOptions): CassandraOptions {
  const endpoints: (Endpoint & { user?: string })[] = parseEndpoints(String(parsed.servers), {
    ports: { cassandra: 9042, cassandras: 9042 },
    secure: ['cassandras'],
  })
  if (endpoints.length === 0) throw usage('no-server', 'no server is named', 'write HOST:9042')
  const { user = endpoints.find(({ user: one }) => one !== undefined)?.user, password } = credentials(
    parsed,
    'NETALLY_CASSANDRA',
  )
  const wantsTls = endpoints.some(({ isSecure }) => isSecure)
  const key = parsed.key === undefined ? undefined : String(parsed.key)
  return {
    servers: endpoints.map(({ host, port }) => (host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`)),
    user,
    password,
    tls: tlsOptions(parsed, wantsTls),
    datacenter: parsed.datacenter === undefined ? undefined : String(parsed.datacenter),
    keyspace: named('keyspace', parsed.keyspace),
    replication: replicationOf(String(parsed.replication)),
    table: named('table', parsed.table),
    bucketMs: Math.max(durationMs('bucket', parsed.bucket), SHORTEST_BUCKET_MS),
    partition: parsed.partition === undefined ? [] : names(parsed.partition),
    spread: Number(parsed.spread),
    key: key === undefined || key === 'auto' ? key : names(key),
    ttlSeconds: secondsOf(parsed.ttl),
    consistency: parsed.consistency as ConsistencyName,
    chunkOctets: sizeOctets('chunk', parsed.chunk),
    isVarint: parsed.varint === true,
  }
}
