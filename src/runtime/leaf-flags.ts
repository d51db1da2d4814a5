// The flags about leaves of telemetry, and what they mean.
import { Flags } from '@oclif/core'
import { ProblemError } from '../contract/problem.ts'
import { durationSeconds } from '../operators/aggregate/bins.ts'
import type { FlatOptions } from '../operators/telemetry/flat.ts'
import { type ParsedOptions, words } from './parsed.ts'

const LEAVES = { helpGroup: 'LEAVES' }

export const LEAF_FLAGS = {
  keys: Flags.string({
    summary: 'leaves that are keys of lists, comma-separated (default: name, id, index and the like)',
    helpValue: 'a,b',
    ...LEAVES,
  }),
  'keep-text': Flags.boolean({
    summary: 'texts stay texts; else 64-bit numbers, which YANG writes as text, become numbers',
    ...LEAVES,
  }),
  closes: Flags.boolean({
    summary: 'a node that is gone has a record, so that dump --table forgets its leaves: event_type log_close',
    ...LEAVES,
  }),
  rate: Flags.string({
    summary: 'leaves that are counters, comma-separated, * for any part of a name: they get their growth a second',
    helpValue: 'a,b*',
    ...LEAVES,
  }),
  'max-gap': Flags.string({
    summary: 'a counter that was silent for longer has no rate',
    helpValue: '1h',
    default: '1h',
    ...LEAVES,
  }),
  'max-series': Flags.integer({
    summary: 'counters that are remembered for --rate',
    helpValue: 'N',
    default: 200_000,
    min: 1,
    max: 10_000_000,
    ...LEAVES,
  }),
}

/** Throws a ProblemError. */
export function leafOptions(parsed: ParsedOptions): FlatOptions {
  const maxGapSeconds = durationSeconds(String(parsed['max-gap']))
  if (!maxGapSeconds) {
    const message = `--max-gap "${String(parsed['max-gap'])}" is no time`
    throw new ProblemError({ code: 'usage/bad-max-gap', message, hint: 'write a number and a unit: 30m, 1h' })
  }
  return {
    keys: new Set(words(parsed.keys)),
    keepsText: parsed['keep-text'] === true,
    closes: parsed.closes === true,
    rates: words(parsed.rate),
    maxSeries: parsed['max-series'] as number,
    maxGapSeconds,
  }
}
