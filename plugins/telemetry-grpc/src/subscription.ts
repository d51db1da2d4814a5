// What targets are asked for: the SubscribeRequest (gNMI specification section 3.5.1.1).
import { durationMs, flagFile, ProblemError } from 'netally'
import { type AskedPath, parsePath } from './paths.ts'

export const MODES = ['stream', 'once', 'poll'] as const
export const SAMPLINGS = ['target-defined', 'on-change', 'sample'] as const
export const ENCODINGS = ['json', 'bytes', 'proto', 'ascii', 'json_ietf'] as const

export type Mode = (typeof MODES)[number]
export type Sampling = (typeof SAMPLINGS)[number]
export type Encoding = (typeof ENCODINGS)[number]

/** How a path is subscribed to. */
export interface Cadence {
  readonly sampling: Sampling
  /** 0 = as often as the target can. */
  readonly intervalMs: number
  /** 0 = none. */
  readonly heartbeatMs: number
  readonly suppressRedundant: boolean
}

export interface Subscription extends Cadence {
  readonly path: AskedPath
}

export interface SubscriptionList {
  readonly mode: Mode
  readonly encoding: Encoding
  readonly prefix: AskedPath | undefined
  readonly updatesOnly: boolean
  /** DSCP of what the target sends. */
  readonly qos: number | undefined
  readonly subscriptions: readonly Subscription[]
}

/** In the order of gnmi.proto. */
const MODE_NUMBERS: { readonly [mode in Mode]: number } = { stream: 0, once: 1, poll: 2 }
const nanoseconds = (ms: number): string => String(BigInt(ms) * 1_000_000n)

/** The request as gnmi.proto has it. */
export function subscribeRequest(list: SubscriptionList): object {
  const { mode, encoding, prefix, updatesOnly, qos, subscriptions } = list
  return {
    subscribe: {
      ...(prefix ? { prefix } : {}),
      ...(qos === undefined ? {} : { qos: { marking: qos } }),
      mode: MODE_NUMBERS[mode],
      encoding: ENCODINGS.indexOf(encoding),
      updates_only: updatesOnly,
      // Once and poll have no cadence.
      subscription: subscriptions.map(one => (mode === 'stream' ? cadenced(one) : { path: one.path })),
    },
  }
}

function cadenced({ path, sampling, intervalMs, heartbeatMs, suppressRedundant }: Subscription): object {
  return {
    path,
    mode: SAMPLINGS.indexOf(sampling),
    ...(sampling === 'on-change' ? {} : { sample_interval: nanoseconds(intervalMs) }),
    ...(suppressRedundant ? { suppress_redundant: true } : {}),
    ...(heartbeatMs > 0 ? { heartbeat_interval: nanoseconds(heartbeatMs) } : {}),
  }
}

type Change = { readonly [setting in keyof Cadence]?: Cadence[setting] }

/** What may stand after a path. */
const SETTINGS: { readonly [name: string]: (value: string) => Change | undefined } = {
  mode: value => {
    const sampling = SAMPLINGS.find(name => name === value.replace('_', '-'))
    return sampling && { sampling }
  },
  interval: value => ({ intervalMs: durationMs('interval', value) }),
  heartbeat: value => ({ heartbeatMs: durationMs('heartbeat', value) }),
  suppress: value => ({ suppressRedundant: value === 'true' }),
}

/** A path, then settings of its own. Throws a ProblemError. `place` says where it stands. */
function subscriptionOf(place: string, words: readonly string[], usual: Cadence): Subscription {
  const [path = '', ...settings] = words
  let cadence = usual
  for (const setting of settings) {
    const [name = '', value = ''] = setting.split(/=(.*)/s)
    const change = Object.hasOwn(SETTINGS, name) ? SETTINGS[name]?.(value) : undefined
    if (!change) {
      throw new ProblemError({
        code: 'usage/bad-path-setting',
        message: `${place}: "${setting}" is no setting of a path`,
        hint: 'mode=sample|on-change|target-defined, interval=10s, heartbeat=1m, suppress=true',
      })
    }
    cadence = { ...cadence, ...change }
  }
  return { ...cadence, path: parsePath(path) }
}

/** Lines that are not empty and no comments, with their numbers. */
export function fileLines(flag: string, path: string): { readonly number: number; readonly words: string[] }[] {
  return flagFile(flag, path)
    .toString('utf8')
    .split(/\r?\n/)
    .map((line, index) => ({ number: index + 1, words: wordsOf(line.trim()) }))
    .filter(({ words }) => words.length > 0 && !/^[#!]/.test(words[0] as string))
}

/** Blanks in the keys of a path are its own. */
const wordsOf = (line: string): string[] => line.match(/(?:\[(?:\\.|[^\]\\])*\]|\S)+/g) ?? []

/** Paths of flags and of a file, one a line. Throws a ProblemError. */
export function subscriptionsOf(
  paths: readonly string[],
  file: string | undefined,
  usual: Cadence,
): readonly Subscription[] {
  const ofFile = file === undefined ? [] : fileLines('paths', file)
  const all = [
    ...paths.map(path => subscriptionOf('--path', [path], usual)),
    ...ofFile.map(({ number, words }) => subscriptionOf(`${file} line ${number}`, words, usual)),
  ]
  if (all.length > 0) return all
  throw new ProblemError({
    code: 'usage/no-path',
    message: 'there is nothing to ask for',
    hint: 'name paths with --path /interfaces/interface/state/counters or --paths FILE; --path / is everything',
  })
}
