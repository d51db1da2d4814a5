// The flags of aggregate, and what they mean.
import { Flags } from '@oclif/core'
import { isProblem, orThrow, ProblemError } from '../contract/problem.ts'
import { ALIGNMENTS, type Alignment, durationSeconds, makeBins } from '../operators/aggregate/bins.ts'
import { parseLimits } from '../operators/aggregate/limits.ts'
import { type AggregateOptions, type BinTime, type LatePolicy, resolve } from '../operators/aggregate/options.ts'
import { someWords } from './parsed.ts'

const BINS = { helpGroup: 'TIME' }
const LIMITS = { helpGroup: 'LIMITS' }
const list = (summary: string) => Flags.string({ summary, helpValue: 'a,b', multiple: true, multipleNonGreedy: true })

/** Four million IPv4 5-tuples take about 400 MB. */
const MAX_KEYS = 4_000_000

export const AGGREGATE_FLAGS = {
  by: list(
    'key fields (names or pmacct primitives; sum_host, sum_as, ... for both ends); what pmacct sums or ORs is summed or ORed here too',
  ),
  key: list('key fields, also those that would be summed or ORed'),
  sum: list('fields to sum (default packets,bytes,flows)'),
  min: list('fields whose least value is kept, as FIELD_min'),
  max: list('fields whose greatest value is kept, as FIELD_max'),
  or: list('fields to OR'),
  distinct: list('fields whose different values are counted, as FIELD_distinct (exact to 1024, then about 1.6 % off)'),
  count: Flags.boolean({ summary: 'count the records of each key, as records' }),
  stitch: Flags.boolean({ summary: 'keep the earliest start and latest end, as timestamp_min and timestamp_max' }),
  bin: Flags.string({ summary: 'length of a time bin: 30s, 5m, 1h, 1d, 1w, 1M', helpValue: '5m', ...BINS }),
  align: Flags.string({
    summary: 'unit that bins start at (default: counted from the epoch, UTC)',
    options: [...ALIGNMENTS],
    ...BINS,
  }),
  offset: Flags.string({ summary: 'shift bins by so much', helpValue: '30s', default: '0', ...BINS }),
  time: Flags.string({
    summary: 'what puts a record into its bin',
    options: ['start', 'end', 'arrival'],
    default: 'start',
    ...BINS,
  }),
  grace: Flags.string({ summary: 'how long a bin stays open after its end', helpValue: '30s', default: '0', ...BINS }),
  late: Flags.string({
    summary: 'a record whose bin was written: add = one more row for that bin, drop = left out and counted',
    options: ['add', 'drop'],
    default: 'add',
    ...BINS,
  }),
  spread: Flags.boolean({ summary: 'share the counters of a long flow out over the bins it lasts', ...BINS }),
  refresh: Flags.string({
    summary: 'write all sums so often, complete or not, as pmacct does',
    helpValue: '60s',
    ...BINS,
  }),
  top: Flags.integer({ summary: 'write only so many keys of each bin', min: 1, ...LIMITS }),
  'top-by': Flags.string({ summary: 'the sum that --top goes by', default: 'bytes', ...LIMITS }),
  preprocess: Flags.string({
    summary: 'limits on what is written: minp=3,minb=100,... (pmacct)',
    helpValue: 'CHECKS',
    ...LIMITS,
  }),
  'preprocess-type': Flags.string({
    summary: 'pass what meets any or all checks',
    options: ['any', 'all'],
    default: 'any',
    ...LIMITS,
  }),
  'max-keys': Flags.integer({
    summary: 'keys held; beyond it all sums are written early',
    default: MAX_KEYS,
    min: 1000,
    ...LIMITS,
  }),
  markers: Flags.boolean({ summary: 'a purge_init and a purge_close record around what is written together' }),
}

function seconds(flag: string, value: unknown): number {
  const parsed = durationSeconds(String(value))
  if (parsed !== undefined) return parsed
  throw new ProblemError({
    code: 'usage/bad-duration',
    message: `--${flag} "${String(value)}" is no duration`,
    hint: 'write a number and a unit: 30s, 5m, 1h, 1d',
  })
}

function bin(parsed: { readonly [name: string]: unknown }): AggregateOptions['bin'] {
  if (typeof parsed.bin !== 'string') return undefined
  const options = {
    length: parsed.bin,
    align: parsed.align as Alignment | undefined,
    offsetSeconds: seconds('offset', parsed.offset),
  }
  // Tried once here, so that a wrong length is told before the first record comes.
  orThrow(makeBins(options, 0))
  return options
}

function requireSummed(name: string, options: AggregateOptions): void {
  if (options.top === undefined || options.sums.some(sum => sum.output.name === name)) return
  throw new ProblemError({
    code: 'usage/top-by-unknown',
    message: `--top goes by "${name}", which is not summed`,
    hint: `sum it (--sum ${name}), or choose one of ${options.sums.map(sum => sum.output.name).join(', ')} with --top-by`,
  })
}

/** Options of the operator from parsed flags; throws a ProblemError. */
export function aggregateOptions(parsed: { readonly [name: string]: unknown }): AggregateOptions {
  const list = (name: string) => someWords(parsed[name])
  const wish = {
    by: list('by') ?? [],
    key: list('key') ?? [],
    min: list('min') ?? [],
    max: list('max') ?? [],
    or: list('or') ?? [],
    distinct: list('distinct') ?? [],
    count: parsed.count === true,
    stitch: parsed.stitch === true,
  }
  // pmacct writes flows only where they are asked for.
  const sum = list('sum') ?? (parsed.compat === 'pmacct' ? ['packets', 'bytes'] : undefined)
  const resolved = orThrow(resolve(sum ? { ...wish, sum } : wish))
  const limits =
    typeof parsed.preprocess === 'string'
      ? orThrow(parseLimits(parsed.preprocess, parsed['preprocess-type'] as 'any' | 'all'))
      : undefined
  if (isProblem(limits)) throw new ProblemError(limits)
  const options: AggregateOptions = {
    ...resolved,
    bin: bin(parsed),
    binTime: parsed.time as BinTime,
    graceSeconds: seconds('grace', parsed.grace),
    late: parsed.late as LatePolicy,
    spread: parsed.spread === true,
    stitch: wish.stitch,
    refreshSeconds: parsed.refresh === undefined ? undefined : Math.max(1, seconds('refresh', parsed.refresh)),
    top: parsed.top as number | undefined,
    topBy: String(parsed['top-by']),
    limits,
    markers: parsed.markers === true,
    maxKeys: Number(parsed['max-keys']),
  }
  requireSummed(options.topBy, options)
  return options
}
