// Causes that have to do with sampling: rates applied twice, never, or wrong.
import { type Cause, plain } from './cause.ts'
import { type Facts, isStated, usualRate } from './facts.ts'

const FEW_SAMPLES = 16
/** A rate below is as likely to be something else. */
const SURE_RATE = 9

/** From two ways of counting the same packets: the rate that makes flows fit the counters. */
const rateThatFits = ({ appliedRate, effective }: Facts): number => appliedRate / effective

const wholeRate = (rate: number, tolerance: number): number => usualRate(rate, tolerance) ?? Math.round(rate)

export const TOO_FEW_SAMPLES: Cause = {
  code: 'too-few-samples',
  test: facts => {
    if (facts.appliedRate <= 1 || facts.samples >= FEW_SAMPLES) return undefined
    const count = Math.round(facts.samples)
    return { confidence: 'high', explanation: `${count} sampled packets say too little to compare` }
  },
}

export const NOT_APPLIED: Cause = {
  code: 'sampling-not-applied',
  isShared: true,
  test: facts => {
    if (!isStated(facts) || !facts.fits(1, true)) return undefined
    const rate = plain(facts.statedRate)
    return {
      confidence: 'high',
      explanation: `sums are of sampled packets, one in ${rate}, and the rate is right: multiply by it once (flow-recv --renormalize)`,
      likelyRate: wholeRate(facts.statedRate, facts.tolerance),
    }
  },
}

export const ALREADY_APPLIED: Cause = {
  code: 'sampling-already-applied',
  isShared: true,
  test: facts => {
    if (!isStated(facts) || !facts.fits(1)) return undefined
    const rate = plain(facts.statedRate)
    return {
      confidence: 'high',
      explanation: `records say one packet in ${rate} was sampled, but their sums are those of all packets already: multiplying would count ${rate} times`,
      likelyRate: 1,
    }
  },
}

/** What was multiplied by, once too often: the stated rate, what divides all packets, or its root. */
function appliedTwice(facts: Facts): number | undefined {
  if (isStated(facts)) return facts.fits(facts.statedRate) ? facts.statedRate : undefined
  const root = Math.round(Math.sqrt(facts.divisor))
  const isSquare = root > 2 && root * root === facts.divisor
  return [facts.divisor, ...(isSquare ? [root] : [])].find(rate => rate > 2 && facts.fits(rate))
}

export const APPLIED_TWICE: Cause = {
  code: 'sampling-applied-twice',
  isShared: true,
  test: facts => {
    const rate = appliedTwice(facts)
    if (rate === undefined) return undefined
    return {
      confidence: 'high',
      explanation: `flows are ${plain(rate)} times what passed, which is the sampling rate: it was applied once too often (by the exporter and again here, or twice)`,
      likelyRate: wholeRate(rate, facts.tolerance),
    }
  },
}

/** `isSure`: only where the rate that fits is one that people configure. */
const wrongRate = (isSure: boolean): Cause => ({
  code: 'sampling-rate-wrong',
  isShared: true,
  test: facts => {
    if (facts.appliedRate <= 1 || !(facts.effective > 0) || facts.fits(1, isStated(facts))) return undefined
    const likely = rateThatFits(facts)
    const usual = usualRate(likely, facts.tolerance)
    if (likely < 1 - facts.tolerance || (isSure && usual === undefined)) return undefined
    const rate = usual ?? Math.max(1, Math.round(likely))
    const how = isStated(facts) ? 'records say' : 'packets were multiplied by'
    return {
      confidence: usual === undefined ? 'low' : 'medium',
      explanation: `${how} a rate of ${plain(facts.appliedRate)}, but counters fit a rate of ${rate}`,
      likelyRate: rate,
    }
  },
})

export const RATE_WRONG = wrongRate(true)
export const RATE_PERHAPS_WRONG = wrongRate(false)

const unknownRate = (isSure: boolean): Cause => ({
  code: 'sampling-rate-unknown',
  isShared: true,
  test: facts => {
    if (facts.appliedRate > 1 || !(facts.effective > 0)) return undefined
    const factor = 1 / facts.effective
    const usual = usualRate(factor, facts.tolerance)
    if (usual === undefined || usual < 2 || (isSure && factor < SURE_RATE)) return undefined
    return {
      confidence: isSure ? 'medium' : 'low',
      explanation: `flows are one in ${plain(factor)} of what passed, and records carry no sampling rate: the exporter seems to sample one packet in ${usual} without saying so (flow-recv --sampling-rate ${usual}, or --sampling-map)`,
      likelyRate: usual,
    }
  },
})

export const RATE_UNKNOWN = unknownRate(true)
export const RATE_PERHAPS_UNKNOWN = unknownRate(false)
