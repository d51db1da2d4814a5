// The flags of every sink that delivers to a backend, and what they mean.
import { Flags } from '@oclif/core'
import type { BackendLimits, DeliveryDefaults } from '../contract/backend.ts'
import type { DeliveryPolicy } from '../sinks/delivery/policy.ts'
import { SPOOL_DEFAULTS, type SpoolFull, type SpoolOptions, type SpoolSync } from '../sinks/delivery/spool/options.ts'
import { durationMs, sizeOctets } from './quantities.ts'
import { triggerFlags, triggerOptions } from './trigger-flags.ts'

const GROUP = { helpGroup: 'DELIVERY' }

const DEFAULTS: DeliveryDefaults = { records: 1000, octets: 4 << 20, inFlight: 1 }
const MOST_RECORDS = 1_000_000
const MOST_IN_FLIGHT = 1000
const GIVE_UP_AFTER = '5m'

const count = (summary: string, usual: number, max: number) =>
  Flags.integer({ summary, helpValue: 'N', default: usual, min: 1, max, ...GROUP })
const amount = (summary: string, usual: string) => Flags.string({ summary, helpValue: usual, default: usual, ...GROUP })

export function deliveryFlags(defaults: Partial<DeliveryDefaults> = {}) {
  const { records, octets, inFlight } = { ...DEFAULTS, ...defaults }
  return {
    batch: count('records sent together, at most', records, MOST_RECORDS),
    'batch-octets': amount('octets sent together, at most, as NDJSON', `${Math.ceil(octets / 1024)}K`),
    'batch-age': amount('no record waits longer for others', '1s'),
    'in-flight': count('batches under way at a time; 1 keeps the order of the records', inFlight, MOST_IN_FLIGHT),
    'retry-first': amount('longest pause after a first failure', '200ms'),
    'retry-most': amount('longest pause between attempts', '30s'),
    'give-up-after': Flags.string({
      summary: `a backend that takes nothing for so long: records are given up and counted, or never; default: ${GIVE_UP_AFTER}`,
      helpValue: 'TIME',
      ...GROUP,
    }),
    timeout: amount('a connect or write without answer has failed', '30s'),
    grace: amount('time to send what is left after SIGTERM or SIGINT', '10s'),
    rejects: Flags.file({
      summary: 'append records that the backend refuses, with the reason',
      helpValue: 'FILE',
      ...GROUP,
    }),
    ...triggerFlags(GROUP.helpGroup),
    ...SPOOL_FLAGS,
  }
}

const SPOOL = { helpGroup: 'SPOOL' }
const SYNCS: readonly SpoolSync[] = ['always', 'interval', 'never']
const FULLS: readonly SpoolFull[] = ['block', 'drop-newest', 'drop-oldest']

const SPOOL_FLAGS = {
  spool: Flags.directory({
    summary: 'keep records in files of this folder until the backend has them',
    helpValue: 'DIR',
    ...SPOOL,
  }),
  'spool-size': Flags.string({ summary: 'octets of the spool, at most', helpValue: '1G', default: '1G', ...SPOOL }),
  'spool-sync': Flags.string({
    summary: 'when the disk itself must have them: before they count as taken, once a second, or as the system likes',
    options: [...SYNCS],
    default: SPOOL_DEFAULTS.sync,
    ...SPOOL,
  }),
  'spool-full': Flags.string({
    summary: 'when there is no room: the input waits, or records are dropped and counted',
    options: [...FULLS],
    default: SPOOL_DEFAULTS.full,
    ...SPOOL,
  }),
}

interface Parsed {
  readonly [name: string]: unknown
}

const least = (asked: number, limit: number | undefined): number => Math.min(asked, limit ?? asked)

function spoolOptions(parsed: Parsed): SpoolOptions | undefined {
  if (parsed.spool === undefined) return undefined
  return {
    folder: String(parsed.spool),
    octets: sizeOctets('spool-size', parsed['spool-size']),
    sync: parsed['spool-sync'] as SpoolSync,
    full: parsed['spool-full'] as SpoolFull,
  }
}

/** The policy that parsed flags ask for, within what the backend can; throws a ProblemError. */
export function deliveryPolicy(parsed: Parsed, limits: BackendLimits = {}): DeliveryPolicy {
  const time = (flag: string) => durationMs(flag, parsed[flag])
  const giveUp = parsed['give-up-after'] ?? GIVE_UP_AFTER
  return {
    cut: {
      records: least(Number(parsed.batch), limits.records),
      octets: least(sizeOctets('batch-octets', parsed['batch-octets']), limits.octets),
    },
    ageMs: time('batch-age'),
    inFlight: least(Number(parsed['in-flight']), limits.inFlight),
    retry: {
      firstMs: time('retry-first'),
      mostMs: time('retry-most'),
      giveUpMs: giveUp === 'never' ? Number.POSITIVE_INFINITY : durationMs('give-up-after', giveUp),
    },
    timeoutMs: time('timeout'),
    graceMs: time('grace'),
    rejects: parsed.rejects === undefined ? undefined : String(parsed.rejects),
    spool: spoolOptions(parsed),
    trigger: triggerOptions(parsed),
  }
}
