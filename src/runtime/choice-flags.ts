// The flags of sample and top, which let some records through, and what they mean.
import { Flags } from '@oclif/core'
import { ProblemError } from '../contract/problem.ts'
import { durationSeconds } from '../operators/aggregate/bins.ts'
import { SAMPLE_DEFAULTS, type SampleOptions } from '../operators/sample.ts'
import { TOP_DEFAULTS, type TopOptions } from '../operators/top.ts'
import { type ParsedOptions, words } from './parsed.ts'

const METHODS = ['first', 'every', 'rate', 'probability'] as const
const METHOD = { helpGroup: 'WHICH' }

const others = (method: (typeof METHODS)[number]) => METHODS.filter(other => other !== method)
const count = (method: (typeof METHODS)[number], summary: string, min: number) =>
  Flags.integer({ summary, helpValue: 'N', min, exclusive: others(method), ...METHOD })

export const SAMPLE_FLAGS = {
  first: count('first', 'the first N records; the input is not read further', 0),
  every: count('every', 'one of every N, counted', 1),
  rate: count('rate', 'one of N, at random', 1),
  probability: Flags.string({
    summary: 'each record with this probability, 0 to 1',
    helpValue: 'P',
    exclusive: others('probability'),
    ...METHOD,
  }),
  by: Flags.string({
    summary: 'with --rate or --probability: choose by the values of these fields, all records of a value or none',
    helpValue: 'a,b',
    ...METHOD,
  }),
  seed: Flags.integer({
    summary: 'another seed, another random choice; the same seed, the same',
    default: SAMPLE_DEFAULTS.seed,
    ...METHOD,
  }),
  scale: Flags.boolean({ summary: 'multiply the counters, so that sums come out as if nothing was left out' }),
  'mark-rate': Flags.boolean({ summary: 'multiply sampling_rate instead, for later', exclusive: ['scale'] }),
}

export const TOP_FLAGS = {
  'by-field': Flags.string({ summary: 'field to go by', default: TOP_DEFAULTS.by }),
  count: Flags.integer({ char: 'n', summary: 'how many records', default: TOP_DEFAULTS.count, min: 1, max: 1_000_000 }),
  per: Flags.string({ summary: 'the top of each different value of these fields', helpValue: 'a,b' }),
  every: Flags.string({
    summary: 'the top of each interval of the record clock; default: one at the end',
    helpValue: '5m',
  }),
  least: Flags.boolean({ summary: 'the records with the least values instead' }),
}

const usage = (code: string, message: string, hint: string) =>
  new ProblemError({ code: `usage/${code}`, message, hint })

function rateOf(text: string): number {
  const probability = Number(text)
  if (probability > 0 && probability <= 1) return 1 / probability
  throw usage('bad-probability', `--probability "${text}" is none`, 'write a number above 0, at most 1: 0.01')
}

/** Options of the operator from parsed flags; throws a ProblemError. */
export function sampleOptions(parsed: ParsedOptions): SampleOptions {
  const by = words(parsed.by)
  const common = {
    seed: Number(parsed.seed),
    by,
    scale: parsed.scale === true,
    markRate: parsed['mark-rate'] === true,
  }
  const random = by.length > 0 ? 'hash' : 'random'
  if (parsed.probability !== undefined) return { ...common, method: random, rate: rateOf(String(parsed.probability)) }
  if (parsed.rate !== undefined) return { ...common, method: random, rate: Number(parsed.rate) }
  if (by.length > 0) throw usage('by-alone', '--by goes with --rate or --probability', 'say how many: --rate 10')
  if (parsed.first !== undefined)
    return { ...common, method: 'first', rate: Number(parsed.first), scale: false, markRate: false }
  if (parsed.every !== undefined) return { ...common, method: 'every', rate: Number(parsed.every) }
  throw usage('no-method', 'how many records are wanted?', 'say --first N, --every N, --rate N or --probability P')
}

/** Options of the operator from parsed flags; throws a ProblemError. */
export function topOptions(parsed: ParsedOptions): TopOptions {
  const everySeconds = parsed.every === undefined ? 0 : durationSeconds(String(parsed.every))
  if (everySeconds === undefined || (parsed.every !== undefined && everySeconds === 0)) {
    throw usage(
      'bad-duration',
      `--every "${String(parsed.every)}" is no duration`,
      'write a number and a unit: 30s, 5m, 1h, 1d',
    )
  }
  return {
    by: String(parsed['by-field']),
    count: Number(parsed.count),
    per: words(parsed.per),
    everySeconds,
    least: parsed.least === true,
  }
}
