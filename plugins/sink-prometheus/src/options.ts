// The flags of sink-prometheus, and what they mean.
import {
  Args,
  CREDENTIAL_FLAGS,
  credentials,
  durationMs,
  type Endpoint,
  Flags,
  listenAddress,
  type ParsedOptions,
  ProblemError,
  parseEndpoint,
  SERIES_FLAGS,
  type SeriesOptions,
  secret,
  seriesOptions,
  TLS_FLAGS,
  type TlsOptions,
  tlsOptions,
} from 'netally'

export interface Remote {
  readonly endpoint: Endpoint
  readonly token: string | undefined
  readonly user: string | undefined
  readonly password: string | undefined
  readonly tls: TlsOptions | undefined
}

export interface PrometheusOptions {
  readonly remote: Remote | undefined
  readonly listen: { readonly host: string; readonly port: number } | undefined
  /** Before the name of each metric. */
  readonly prefix: string
  /** Series that are served, at most, without those of what is beyond. */
  readonly cardinality: number
  /** A series that nothing came for in this time is no longer served; 0 = for ever. */
  readonly expireMs: number
  readonly series: SeriesOptions
}

const SERVING = { helpGroup: 'SERVING' }

export const ARGS = {
  server: Args.string({
    description: 'URL that takes remote-write: http[s]://[USER@]HOST[:PORT]/PATH; default path: api/v1/write',
  }),
}

export const FLAGS = {
  listen: Flags.string({
    summary: 'serve /metrics at [ADDRESS:]PORT, loopback by default, instead of writing to a server',
    helpValue: 'ADDRESS',
    ...SERVING,
  }),
  cardinality: Flags.integer({
    summary: 'series served at most; what is beyond is added to one with other="true", and counted',
    helpValue: 'N',
    default: 10_000,
    min: 1,
    max: 10_000_000,
    ...SERVING,
  }),
  expire: Flags.string({
    summary: 'a series that nothing came for in this time is no longer served; 0s: for ever',
    helpValue: '1h',
    default: '1h',
    ...SERVING,
  }),
  prefix: Flags.string({
    summary: 'begin of the names of metrics',
    helpValue: 'TEXT',
    default: 'netally_',
    helpGroup: 'SERIES',
  }),
  ...SERIES_FLAGS,
  ...CREDENTIAL_FLAGS,
  'token-file': Flags.file({
    summary: 'file with a bearer token in its first line; else NETALLY_PROMETHEUS_TOKEN has it',
    helpValue: 'FILE',
    helpGroup: 'CONNECTION',
  }),
  ...TLS_FLAGS,
}

function remoteOf(parsed: ParsedOptions): Remote {
  const endpoint = parseEndpoint(String(parsed.server), { ports: { http: 9090, https: 443 }, secure: ['https'] })
  const { user = endpoint.user, password } = credentials(parsed, 'NETALLY_PROMETHEUS')
  return {
    endpoint,
    token: secret(parsed, 'token-file', 'NETALLY_PROMETHEUS_TOKEN'),
    user,
    password,
    tls: tlsOptions(parsed, endpoint.isSecure),
  }
}

export function prometheusOptions(parsed: ParsedOptions): PrometheusOptions {
  const { server, listen, prefix } = parsed
  if ((server === undefined) === (listen === undefined)) {
    throw new ProblemError({
      code: 'usage/where-to',
      message: server === undefined ? 'neither a server nor --listen is given' : 'a server and --listen are given',
      hint: 'give --listen 9105 to be scraped, or the URL of a server to write to',
    })
  }
  if (!/^[A-Za-z_:][A-Za-z0-9_:]*$/.test(String(prefix))) {
    throw new ProblemError({
      code: 'usage/bad-prefix',
      message: `"${prefix}" cannot begin names of metrics`,
      hint: 'letters, digits and _ make one, and no digit is first: netally_',
    })
  }
  return {
    remote: server === undefined ? undefined : remoteOf(parsed),
    listen: listen === undefined ? undefined : listenAddress(String(listen)),
    prefix: String(prefix),
    cardinality: Number(parsed.cardinality),
    expireMs: durationMs('expire', parsed.expire),
    series: seriesOptions(parsed),
  }
}
