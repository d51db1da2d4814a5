// From ratios to the likely cause: tests in the order in which they are believed, the surest evidence first.
import type { Cause, Confidence, Found } from './cause.ts'
import * as missing from './causes-missing.ts'
import * as sampling from './causes-sampling.ts'
import { type Facts, isStated } from './facts.ts'

export interface Finding extends Found {
  readonly cause: string
  readonly isShared: boolean
  /** Other causes that fit, best first. */
  readonly alternatives: readonly string[]
}

/** Ratios of so few packets are chance. */
const FEW_PACKETS = 100
const ALTERNATIVES = 3

const AGREES: Cause = {
  code: 'agrees',
  test: facts => {
    const { ratio, tolerance } = facts
    const isClose = Math.abs(ratio - 1) <= tolerance && facts.fits(1)
    return isClose && !isStated(facts) ? { confidence: 'high', explanation: 'flows and counters agree' } : undefined
  },
}

const UNEXPLAINED: Cause = {
  code: 'unexplained',
  test: ({ effective }) => ({
    confidence: 'low',
    explanation:
      effective < 1
        ? 'a part of the traffic is not in the flows, and what they say does not tell why'
        : 'flows are more than what passed, and what they say does not tell why',
  }),
}

/** What ends the search: nothing is to be compared, or nothing is wrong. */
const FIRST: readonly Cause[] = [
  missing.IDLE,
  missing.NO_COUNTERS,
  missing.COUNTERS_INCOMPLETE,
  missing.NOT_EXPORTED,
  AGREES,
]

const TESTS: readonly Cause[] = [
  sampling.TOO_FEW_SAMPLES,
  sampling.NOT_APPLIED,
  sampling.ALREADY_APPLIED,
  sampling.APPLIED_TWICE,
  missing.COUNTED_TWICE,
  missing.LAYER_2,
  missing.LATE_FLOWS,
  missing.GAPS,
  missing.FAMILY_MISSING,
  missing.EXPORT_LOSS,
  sampling.RATE_WRONG,
  sampling.RATE_UNKNOWN,
  missing.PERHAPS_COUNTED_TWICE,
  missing.FAMILY_PERHAPS_MISSING,
  sampling.RATE_PERHAPS_UNKNOWN,
  sampling.RATE_PERHAPS_WRONG,
  missing.COUNTERS_WRAPPED,
]

export function diagnose(facts: Facts): Finding {
  for (const cause of FIRST) {
    const found = cause.test(facts)
    if (found) return { ...found, cause: cause.code, isShared: false, alternatives: [] }
  }
  const all = TESTS.flatMap(cause => {
    const found = cause.test(facts)
    return found ? [{ cause, found }] : []
  })
  const best = all[0] ?? { cause: UNEXPLAINED, found: UNEXPLAINED.test(facts) as Found }
  const isFew = facts.evidence.packets > 0 && facts.samples < FEW_PACKETS
  const { code } = best.cause
  const others = new Set(all.map(({ cause }) => cause.code))
  others.delete(code)
  return {
    ...best.found,
    confidence: isFew && code !== 'too-few-samples' ? 'low' : best.found.confidence,
    cause: code,
    isShared: best.cause.isShared === true,
    alternatives: best.found.confidence === 'high' ? [] : [...others].slice(0, ALTERNATIVES),
  }
}

/** What other interfaces show too is surer. */
export function surer({ confidence }: { readonly confidence: Confidence }): Confidence {
  return confidence === 'low' ? 'medium' : 'high'
}
