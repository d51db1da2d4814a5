// The flags of sink-opentsdb, and what they mean.
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
  seriesOptions,
  TLS_FLAGS,
  type TlsOptions,
  tlsOptions,
} from 'netally'

/** How telnet tells that the server has read everything: by the answer to `version`, or by its end of the connection. */
export type Barrier = 'version' | 'close'

export interface OpentsdbOptions {
  readonly endpoint: Endpoint
  readonly isTelnet: boolean
  readonly barrier: Barrier
  readonly user: string | undefined
  readonly password: string | undefined
  readonly tls: TlsOptions | undefined
  /** The letters before and after the name of the value. */
  readonly metric: readonly [string, string]
  readonly precision: 'ms' | 's'
  readonly mostTags: number
  /** Data points of a request. */
  readonly requestPoints: number
  readonly series: SeriesOptions
}

const WHERE = { helpGroup: 'WHERE TO' }
const POINTS = { helpGroup: 'POINTS' }

export const ARGS = {
  server: Args.string({
    description: 'HOST[:PORT] or http[s]|telnet://[USER@]HOST[:PORT]',
    default: '127.0.0.1',
  }),
}

export const FLAGS = {
  barrier: Flags.string({
    summary: 'telnet: how the server shows that it has read a batch; close for those that do not answer "version"',
    options: ['version', 'close'],
    default: 'version',
    ...WHERE,
  }),
  'request-points': Flags.integer({
    summary: 'data points of one HTTP request, at most',
    helpValue: 'N',
    default: 500,
    min: 1,
    max: 100_000,
    ...WHERE,
  }),
  metric: Flags.string({
    summary: 'name of the metrics; {value} is the name of what is measured',
    helpValue: 'NAME',
    default: 'netally.{value}',
    ...POINTS,
  }),
  precision: Flags.string({
    summary: 'unit of times; with s, points of the same tags and time from different batches replace each other',
    options: ['ms', 's'],
    default: 'ms',
    ...POINTS,
  }),
  'max-tags': Flags.integer({
    summary: 'tags of a data point that the server takes (tsd.storage.max_tags)',
    helpValue: 'N',
    default: 8,
    min: 1,
    ...POINTS,
  }),
  ...SERIES_FLAGS,
  ...CREDENTIAL_FLAGS,
  ...TLS_FLAGS,
}

const METRIC = /^[A-Za-z0-9._/-]*$/

function metricParts(text: string): readonly [string, string] {
  const [before = '', after, ...more] = text.split('{value}')
  if (after !== undefined && more.length === 0 && METRIC.test(before + after)) return [before, after]
  throw new ProblemError({
    code: 'usage/bad-metric',
    message: `"${text}" cannot name metrics`,
    hint: 'letters, digits, - _ . / and once {value} make a name: netally.{value}',
  })
}

export function opentsdbOptions(parsed: ParsedOptions): OpentsdbOptions {
  const endpoint = parseEndpoint(String(parsed.server), {
    ports: { http: 4242, https: 4242, telnet: 4242 },
    secure: ['https'],
  })
  const series = seriesOptions(parsed)
  const mostTags = Number(parsed['max-tags'])
  const named = (series.tags?.length ?? 0) + series.fixed.length
  if (named > mostTags) {
    throw new ProblemError({
      code: 'usage/too-many-tags',
      message: `${named} tags are named, and OpenTSDB takes ${mostTags}`,
      hint: 'name fewer with --tags, or raise tsd.storage.max_tags of the server and --max-tags',
    })
  }
  const { user = endpoint.user, password } = credentials(parsed, 'NETALLY_OPENTSDB')
  return {
    endpoint,
    isTelnet: endpoint.scheme === 'telnet',
    barrier: parsed.barrier as Barrier,
    user,
    password,
    tls: tlsOptions(parsed, endpoint.isSecure),
    metric: metricParts(String(parsed.metric)),
    precision: parsed.precision as 'ms' | 's',
    mostTags,
    requestPoints: Number(parsed['request-points']),
    series,
  }
}
