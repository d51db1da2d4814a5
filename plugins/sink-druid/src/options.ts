// The flags of sink-druid, and what they mean.
import {
  Args,
  CREDENTIAL_FLAGS,
  credentials,
  type Endpoint,
  Flags,
  fieldsOf,
  type ParsedOptions,
  ProblemError,
  parseEndpoint,
  TLS_FLAGS,
  type TlsOptions,
  tlsOptions,
  words,
} from 'netally'

const SEGMENTS = ['hour', 'six_hour', 'day', 'week', 'month', 'year'] as const
const QUERIES = ['none', 'second', 'minute', 'five_minute', 'fifteen_minute', 'hour', 'day'] as const

export interface Shape {
  readonly datasource: string
  /** Names of fields; undefined = those of the records. */
  readonly by: readonly string[] | undefined
  readonly metrics: readonly string[] | undefined
  /** The field of the time, for the Kafka supervisor. */
  readonly time: string | undefined
  readonly segments: string
  readonly queries: string
  readonly isRolledUp: boolean
}

export interface KafkaSource {
  readonly topic: string
  readonly brokers: string
  readonly tasks: number
  readonly replicas: number
}

export interface DruidOptions {
  readonly endpoint: Endpoint
  readonly user: string | undefined
  readonly password: string | undefined
  readonly tls: TlsOptions | undefined
  readonly shape: Shape
  readonly isPrinted: boolean
  readonly kafka: KafkaSource
}

const SOURCE = { helpGroup: 'DATA SOURCE' }
const KAFKA = { helpGroup: 'SPEC' }

export const ARGS = {
  server: Args.string({
    description: 'http[s]://HOST[:PORT] of the router (or of overlord and coordinator)',
    default: 'http://127.0.0.1:8888',
  }),
}

export const FLAGS = {
  datasource: Flags.string({
    summary: 'data source that takes the rows',
    helpValue: 'NAME',
    default: 'netally',
    ...SOURCE,
  }),
  by: Flags.string({
    summary: 'fields that are dimensions, as of aggregate --by; default: all that come and are not counters',
    helpValue: 'FIELDS',
    ...SOURCE,
  }),
  metrics: Flags.string({
    summary: 'fields that are rolled up, by their role; default: all counters that come (of a spec: packets,bytes)',
    helpValue: 'FIELDS',
    ...SOURCE,
  }),
  'segment-granularity': Flags.string({
    summary: 'time of one segment',
    options: [...SEGMENTS],
    default: 'day',
    ...SOURCE,
  }),
  'query-granularity': Flags.string({
    summary: 'times are rounded down to this before rows are rolled up',
    options: [...QUERIES],
    default: 'none',
    ...SOURCE,
  }),
  'roll-up': Flags.boolean({
    summary: 'rows of the same time and dimensions are one',
    default: true,
    allowNo: true,
    ...SOURCE,
  }),
  'print-spec': Flags.boolean({
    summary: 'print the spec of a Kafka supervisor, from --by or the records on standard input, and send nothing',
    ...KAFKA,
  }),
  topic: Flags.string({ summary: 'topic; default: the name of the data source', helpValue: 'NAME', ...KAFKA }),
  brokers: Flags.string({
    summary: 'brokers of Kafka, with commas between them',
    helpValue: 'HOST:PORT',
    default: '127.0.0.1:9092',
    ...KAFKA,
  }),
  time: Flags.string({
    summary:
      'field with the time of a record; default: stamp_inserted, or timestamp_arrival of records that have no bin',
    helpValue: 'FIELD',
    dependsOn: ['print-spec'],
    ...KAFKA,
  }),
  tasks: Flags.integer({ summary: 'tasks that read the topic', helpValue: 'N', default: 1, min: 1, ...KAFKA }),
  replicas: Flags.integer({ summary: 'copies of each', helpValue: 'N', default: 1, min: 1, ...KAFKA }),
  ...CREDENTIAL_FLAGS,
  ...TLS_FLAGS,
}

/** Druid takes others too; these need no escapes in SQL, paths or ids of tasks. */
const NAME = /^[A-Za-z_][A-Za-z0-9_-]{0,99}$/

const names = (text: unknown): string[] | undefined =>
  text === undefined
    ? undefined
    : words(text)
        .flatMap(fieldsOf)
        .map(({ name }) => name)

export function druidOptions(parsed: ParsedOptions): DruidOptions {
  const endpoint = parseEndpoint(String(parsed.server), { ports: { http: 8888, https: 9088 }, secure: ['https'] })
  const { user = endpoint.user, password } = credentials(parsed, 'NETALLY_DRUID')
  const datasource = String(parsed.datasource)
  if (!NAME.test(datasource)) {
    throw new ProblemError({
      code: 'usage/bad-datasource',
      message: `"${datasource}" is no name of a data source`,
      hint: 'use letters, digits, - and _, first a letter, 100 at most',
    })
  }
  return {
    endpoint,
    user,
    password,
    tls: tlsOptions(parsed, endpoint.isSecure),
    shape: {
      datasource,
      by: names(parsed.by),
      metrics: names(parsed.metrics),
      time: names(parsed.time)?.[0],
      segments: String(parsed['segment-granularity']),
      queries: String(parsed['query-granularity']),
      isRolledUp: parsed['roll-up'] !== false,
    },
    isPrinted: parsed['print-spec'] === true,
    kafka: {
      topic: String(parsed.topic ?? datasource),
      brokers: String(parsed.brokers),
      tasks: Number(parsed.tasks),
      replicas: Number(parsed.replicas),
    },
  }
}
