// The flags of gnmi-recv, and what they mean.
import {
  Args,
  CREDENTIAL_FLAGS,
  durationMs,
  Flags,
  type ParsedOptions,
  ProblemError,
  sizeOctets,
  TLS_FLAGS,
  type TlsOptions,
  tlsOptions,
} from 'netally'
import { type AskedPath, parsePath } from './paths.ts'
import {
  type Cadence,
  ENCODINGS,
  type Encoding,
  MODES,
  type Mode,
  SAMPLINGS,
  type Sampling,
  type SubscriptionList,
  subscriptionsOf,
} from './subscription.ts'
import { type Target, targetsOf } from './targets.ts'

export interface Asked {
  readonly list: SubscriptionList
  readonly targets: ReadonlyMap<string, Target>
}

export const SERVICES = ['gnmi', 'juniper'] as const
export type ServiceName = (typeof SERVICES)[number]

export interface DialInOptions extends Asked {
  readonly service: ServiceName
  readonly tls: TlsOptions | undefined
  readonly maxMessageOctets: number
  readonly keepaliveMs: number
  readonly connectMs: number
  readonly timing: { readonly pollMs: number; readonly polls: number; readonly silentMs: number }
  /** Reads the files again; throws a ProblemError. */
  again(): Asked
}

const ASKING = { helpGroup: 'SUBSCRIPTION' }
const TARGETS = { helpGroup: 'TARGETS' }
const LIMITS = { helpGroup: 'LIMITS' }
const many = { multiple: true as const, multipleNonGreedy: true }

export const GNMI_ARGS = {
  hosts: Args.string({ description: 'HOST[:PORT] of targets, with commas; the usual port is 9339' }),
}

const { tls: _always, ...TLS } = TLS_FLAGS

export const GNMI_FLAGS = {
  path: Flags.string({
    summary: 'what to ask for, as /interfaces/interface[name=eth0]/state; ORIGIN:/... with an origin; repeat for more',
    helpValue: 'PATH',
    ...many,
    ...ASKING,
  }),
  paths: Flags.file({
    summary:
      'the same of a file, one a line, with mode=, interval=, heartbeat=, suppress= of its own; read again on SIGHUP',
    helpValue: 'FILE',
    ...ASKING,
  }),
  service: Flags.string({
    summary: 'gnmi, or what Junos had before it',
    options: [...SERVICES],
    default: 'gnmi',
    ...ASKING,
  }),
  mode: Flags.string({
    summary: 'stream: go on; once: what there is now; poll: what there is, every --poll',
    options: [...MODES],
    default: 'stream',
    ...ASKING,
  }),
  subscribe: Flags.string({
    summary: 'when a stream has values; target-defined: as the target thinks best for each leaf',
    options: [...SAMPLINGS],
    default: 'target-defined',
    ...ASKING,
  }),
  interval: Flags.string({
    summary: 'time between samples; default: as often as the target can',
    helpValue: '10s',
    ...ASKING,
  }),
  heartbeat: Flags.string({
    summary: 'a value comes at least so often, also when it did not change',
    helpValue: '1m',
    ...ASKING,
  }),
  'suppress-redundant': Flags.boolean({ summary: 'samples that did not change do not come', ...ASKING }),
  'updates-only': Flags.boolean({ summary: 'only what changes from now on', ...ASKING }),
  encoding: Flags.string({ summary: 'of values', options: [...ENCODINGS], default: 'json_ietf', ...ASKING }),
  prefix: Flags.string({ summary: 'what stands before each path', helpValue: 'PATH', ...ASKING }),
  origin: Flags.string({
    summary: 'origin of paths that have none: openconfig, cli, ...',
    helpValue: 'NAME',
    ...ASKING,
  }),
  target: Flags.string({
    summary: 'name of the target in the prefix, for gateways that speak for several; * for all',
    helpValue: 'NAME',
    ...ASKING,
  }),
  qos: Flags.integer({ summary: 'DSCP of what targets send', helpValue: 'N', min: 0, max: 63, ...ASKING }),
  poll: Flags.string({ summary: 'time between polls', helpValue: '30s', default: '30s', ...ASKING }),
  polls: Flags.integer({ summary: 'end after so many', helpValue: 'N', min: 1, ...ASKING }),
  targets: Flags.file({
    summary: 'HOST[:PORT] a line, with name=, server-name=, user=, password-file= of its own; read again on SIGHUP',
    helpValue: 'FILE',
    ...TARGETS,
  }),
  plaintext: Flags.boolean({ summary: 'without TLS', exclusive: Object.keys(TLS), ...TARGETS }),
  ...CREDENTIAL_FLAGS,
  ...TLS,
  timeout: Flags.string({ summary: 'for a connection', helpValue: '10s', default: '10s', ...LIMITS }),
  keepalive: Flags.string({
    summary: 'time after which a silent connection is tried with a ping; 0s: never. Many targets take none before 5m',
    helpValue: '5m',
    default: '5m',
    ...LIMITS,
  }),
  'peer-timeout': Flags.string({
    summary: 'a stream that is silent for so long is opened anew (default: never, for what changes seldom)',
    helpValue: '5m',
    ...LIMITS,
  }),
  'max-message': Flags.string({ summary: 'octets of one message', helpValue: '16M', default: '16M', ...LIMITS }),
}

const text = (value: unknown): string | undefined => (value === undefined ? undefined : String(value))
const ms = (flag: string, value: unknown): number => (value === undefined ? 0 : durationMs(flag, value))

function cadenceOf(parsed: ParsedOptions): Cadence {
  return {
    sampling: parsed.subscribe as Sampling,
    intervalMs: ms('interval', parsed.interval),
    heartbeatMs: ms('heartbeat', parsed.heartbeat),
    suppressRedundant: parsed['suppress-redundant'] === true,
  }
}

function prefixOf(parsed: ParsedOptions): AskedPath | undefined {
  const prefix = text(parsed.prefix)
  const target = text(parsed.target)
  if (prefix === undefined && target === undefined) return undefined
  return { ...parsePath(prefix ?? '/'), ...(target === undefined ? {} : { target }) }
}

function listOf(parsed: ParsedOptions): SubscriptionList {
  const origin = text(parsed.origin)
  const prefix = prefixOf(parsed)
  const paths = subscriptionsOf([parsed.path ?? []].flat().map(String), text(parsed.paths), cadenceOf(parsed))
  // With a prefix the origin is the prefix's (specification section 2.7).
  const ofPath = origin === undefined || prefix ? {} : { origin }
  return {
    mode: parsed.mode as Mode,
    encoding: parsed.encoding as Encoding,
    prefix: prefix && origin !== undefined ? { origin, ...prefix } : prefix,
    updatesOnly: parsed['updates-only'] === true,
    qos: parsed.qos as number | undefined,
    subscriptions: paths.map(one => ({ ...one, path: { ...ofPath, ...one.path } })),
  }
}

function checkMode(parsed: ParsedOptions): void {
  if (parsed.polls === undefined || parsed.mode === 'poll') return
  throw new ProblemError({ code: 'usage/needs-poll', message: '--polls is about polls', hint: 'add --mode poll' })
}

/** Throws a ProblemError. */
export function dialInOptions(parsed: ParsedOptions): DialInOptions {
  checkMode(parsed)
  const addresses = String(parsed.hosts ?? '').split(',')
  const asked = (): Asked => ({
    list: listOf(parsed),
    targets: targetsOf(addresses.map(word => word.trim()).filter(Boolean), text(parsed.targets), parsed),
  })
  return {
    ...asked(),
    service: parsed.service as ServiceName,
    again: asked,
    tls: tlsOptions(parsed, parsed.plaintext !== true),
    maxMessageOctets: sizeOctets('max-message', parsed['max-message']),
    keepaliveMs: durationMs('keepalive', parsed.keepalive),
    connectMs: durationMs('timeout', parsed.timeout),
    timing: {
      pollMs: durationMs('poll', parsed.poll),
      polls: Number(parsed.polls ?? 0),
      silentMs: ms('peer-timeout', parsed['peer-timeout']),
    },
  }
}
