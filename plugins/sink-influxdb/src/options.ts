// The flags of sink-influxdb, and what they mean.
import {
  Args,
  CREDENTIAL_FLAGS,
  credentials,
  type Endpoint,
  Flags,
  type ParsedOptions,
  ProblemError,
  parseEndpoint,
  SERIES_FLAGS,
  type SeriesOptions,
  secret,
  seriesOptions,
  type TimeUnit,
  TLS_FLAGS,
  type TlsOptions,
  tlsOptions,
} from 'netally'

export type Api = 1 | 2 | 3

export interface InfluxdbOptions {
  readonly endpoint: Endpoint
  readonly api: Api
  /** Database of 1 and 3, bucket of 2. */
  readonly database: string
  readonly organisation: string | undefined
  readonly retentionPolicy: string | undefined
  readonly makeDatabase: boolean
  readonly token: string | undefined
  readonly user: string | undefined
  readonly password: string | undefined
  readonly tls: TlsOptions | undefined
  readonly measurement: string
  readonly precision: TimeUnit
  readonly unsigned: boolean
  readonly gzip: boolean
  readonly series: SeriesOptions
}

const WHERE = { helpGroup: 'WHERE TO' }
const POINTS = { helpGroup: 'POINTS' }

export const ARGS = {
  server: Args.string({ description: 'HOST[:PORT] or http[s]://[USER@]HOST[:PORT]', default: '127.0.0.1' }),
}

export const FLAGS = {
  database: Flags.string({ summary: 'database (InfluxDB 1 and 3)', helpValue: 'NAME', default: 'netally', ...WHERE }),
  bucket: Flags.string({ summary: 'bucket (InfluxDB 2)', helpValue: 'NAME', ...WHERE }),
  org: Flags.string({ summary: 'organisation of the bucket', helpValue: 'NAME', ...WHERE }),
  api: Flags.string({
    summary: 'which InfluxDB it is; default: 2 with --bucket, else 1',
    options: ['1', '2', '3'],
    ...WHERE,
  }),
  'retention-policy': Flags.string({ summary: 'of InfluxDB 1; default: its own', helpValue: 'NAME', ...WHERE }),
  'create-database': Flags.boolean({ summary: 'make the database of InfluxDB 1 if it is not there', ...WHERE }),
  measurement: Flags.string({ summary: 'measurement of the points', helpValue: 'NAME', default: 'netally', ...POINTS }),
  precision: Flags.string({
    summary: 'unit of times; a coarser one leaves less room to keep points of the same tags and time apart',
    options: ['ns', 'us', 'ms', 's'],
    default: 'ns',
    ...POINTS,
  }),
  unsigned: Flags.boolean({ summary: 'whole numbers as unsigned (InfluxDB 2 and 3): up to 2^64-1', ...POINTS }),
  gzip: Flags.boolean({ summary: 'compress what is sent', allowNo: true, default: true, ...POINTS }),
  ...SERIES_FLAGS,
  ...CREDENTIAL_FLAGS,
  'token-file': Flags.file({
    summary: 'file with the token in its first line; else NETALLY_INFLUXDB_TOKEN has it',
    helpValue: 'FILE',
    helpGroup: 'CONNECTION',
  }),
  ...TLS_FLAGS,
}

function apiOf({ api, bucket }: ParsedOptions): Api {
  if (api === undefined) return bucket === undefined ? 1 : 2
  const number = Number(api) as Api
  if (number !== 2 || bucket !== undefined) return number
  throw new ProblemError({
    code: 'usage/no-bucket',
    message: '--api 2 writes to a bucket, and none is named',
    hint: 'name it with --bucket, and its organisation with --org',
  })
}

export function influxdbOptions(parsed: ParsedOptions): InfluxdbOptions {
  const endpoint = parseEndpoint(String(parsed.server), { ports: { http: 8086, https: 8086 }, secure: ['https'] })
  const api = apiOf(parsed)
  const { user = endpoint.user, password } = credentials(parsed, 'NETALLY_INFLUXDB')
  if (parsed.unsigned === true && api === 1) {
    throw new ProblemError({
      code: 'usage/no-unsigned',
      message: 'InfluxDB 1 has no unsigned numbers',
      hint: 'leave --unsigned out: numbers up to 2^63-1 are exact without it',
    })
  }
  const word = (name: string) => (parsed[name] === undefined ? undefined : String(parsed[name]))
  return {
    endpoint,
    api,
    database: api === 2 ? String(parsed.bucket) : String(parsed.database),
    organisation: word('org'),
    retentionPolicy: word('retention-policy'),
    makeDatabase: parsed['create-database'] === true,
    token: secret(parsed, 'token-file', 'NETALLY_INFLUXDB_TOKEN'),
    user,
    password,
    tls: tlsOptions(parsed, endpoint.isSecure),
    measurement: String(parsed.measurement),
    precision: parsed.precision as TimeUnit,
    unsigned: parsed.unsigned === true,
    gzip: parsed.gzip !== false,
    series: seriesOptions(parsed),
  }
}
