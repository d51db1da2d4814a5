// Ratios out of the evidence: what causes are tested on.
//
// Packets are compared where packet counters are there: their ratio knows no overhead of layer 2. Octets of flows count from
// the IP header on, those of interfaces whole frames, so that a ratio of octets may be less by that much.
import type { Evidence } from './evidence.ts'
import type { FlowFacts } from './flow-facts.ts'
import type { Direction } from './series.ts'

/** Octets a packet that an interface counts and a flow does not: Ethernet header and check sequence. */
const FRAME_OCTETS = 18
/** From so many times on, records say that they are of sampled packets. */
const SAMPLED = 1.5
/** 95 % of the estimates from n samples lie within 1.96 / sqrt(n) (sFlow's rule). */
const DEVIATIONS = 1.96

export interface Facts {
  readonly evidence: Evidence
  readonly direction: Direction
  /** Octets: flows as they stand, to counters. */
  readonly ratio: number
  /** The same, multiplied by the rates that records carry. */
  readonly scaledRatio: number
  /** Undefined without packet counters. */
  readonly packetRatio: number | undefined
  readonly scaledPacketRatio: number | undefined
  /** Rate that records carry, over all octets; 1 = none. */
  readonly statedRate: number
  /** What packets were multiplied by, as far as it shows; 1 = nothing. */
  readonly divisor: number
  /** The one of them that holds: stated, else multiplied by. */
  readonly appliedRate: number
  /** Packets that were sampled. */
  readonly samples: number
  /** By how much ratios may differ by chance. */
  readonly error: number
  readonly tolerance: number
  /** What is left of the ratio when stated rates are applied; of packets where they are counted. */
  readonly effective: number
  /** The same in octets. */
  readonly effectiveBytes: number
  /** Whether flows, as they stand or scaled, are so many times what counters say. */
  fits(times: number, scaled?: boolean): boolean
  /** Whether the effective ratio, corrected for what is missing, is 1. */
  explains(missingShare: number): boolean
  /** Share of the exporter's messages that never came. */
  readonly loss: number
  /** Flows were there in other windows; so were counters. */
  readonly hadFlows: boolean
  readonly hadCounters: boolean
}

/** Divisors of fewer records are chance. */
const DIVISOR_RECORDS = 8

export interface Surroundings {
  readonly direction: Direction
  readonly tolerance: number
  readonly loss: number
  readonly hadFlows: boolean
  readonly hadCounters: boolean
}

const over = (a: number, b: number): number => (b > 0 ? a / b : a > 0 ? Number.POSITIVE_INFINITY : Number.NaN)

export function factsOf(evidence: Evidence, around: Surroundings): Facts {
  const { bytes, scaledBytes, packets, facts: said, counterBytes, counterPackets } = evidence
  const statedRate = bytes > 0 ? scaledBytes / bytes : packets > 0 ? evidence.scaledPackets / packets : 1
  const divisor = divisorOf(said)
  const isStated = statedRate > SAMPLED
  const samples = packets / (isStated ? 1 : divisor)
  const error = samples > 0 ? DEVIATIONS / Math.sqrt(samples) : 1
  const tolerance = Math.max(around.tolerance, error)
  const hasPackets = counterPackets > 0 && evidence.packetPackets > 0
  const ratios = {
    ratio: over(bytes, counterBytes),
    scaledRatio: over(scaledBytes, counterBytes),
    packetRatio: hasPackets ? over(evidence.packetPackets, counterPackets) : undefined,
    scaledPacketRatio: hasPackets ? over(evidence.packetScaled, counterPackets) : undefined,
  }
  const overhead = (FRAME_OCTETS * packets) / (bytes + FRAME_OCTETS * packets || 1)
  const near = (ratio: number, times: number, below: number): boolean =>
    ratio >= times * (1 - tolerance - below) && ratio <= times * (1 + tolerance)
  const fits = (times: number, scaled = false): boolean => {
    const byPackets = scaled ? ratios.scaledPacketRatio : ratios.packetRatio
    if (byPackets !== undefined) return near(byPackets, times, 0)
    return near(scaled ? ratios.scaledRatio : ratios.ratio, times, overhead)
  }
  const effectiveBytes = isStated ? ratios.scaledRatio : ratios.ratio
  return {
    ...ratios,
    ...around,
    evidence,
    statedRate,
    divisor,
    appliedRate: isStated ? statedRate : divisor,
    samples,
    error,
    tolerance,
    effective: (isStated ? ratios.scaledPacketRatio : ratios.packetRatio) ?? effectiveBytes,
    effectiveBytes,
    fits,
    explains: missing => missing > 0 && missing < 1 && fits(1 - missing, isStated),
  }
}

/** What all packets were multiplied by: where they are all the same, records must say that they were. */
function divisorOf({ records, divisor, least, most, renormalized }: FlowFacts): number {
  const isTelling = most > least || renormalized === records
  return records >= DIVISOR_RECORDS && isTelling && divisor > 1 ? divisor : 1
}

/** Whether records say that they are of sampled packets. */
export const isStated = ({ statedRate }: Facts): boolean => statedRate > SAMPLED

/** 1, 2, 4, 5, 8 and so on times ten, and powers of two: rates that people configure. */
export function usualRate(rate: number, tolerance: number): number | undefined {
  const power = 2 ** Math.round(Math.log2(rate))
  const ten = 10 ** Math.floor(Math.log10(rate))
  const candidates = [power, ...[1, 1.5, 2, 2.5, 4, 5, 8, 10].map(times => times * ten)]
  const best = candidates.reduce((a, b) => (Math.abs(Math.log(rate / b)) < Math.abs(Math.log(rate / a)) ? b : a))
  return Math.abs(rate / best - 1) <= tolerance ? best : undefined
}
