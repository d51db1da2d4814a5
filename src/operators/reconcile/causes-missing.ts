// Causes that have to do with flows that are not there, or there twice.
import { type Cause, percent, plain, timeOf } from './cause.ts'
import { isStated } from './facts.ts'

/** Where fewer samples are expected in a slot, one without any says nothing. */
const SAMPLES_OF_SLOT = 10
/** Both halves of what is counted twice. */
const HALF = [0.35, 0.65] as const
/** A ratio that is nearly none is no missing part of the traffic. */
const LEAST_RATIO = 0.02
/** Layer 2 adds so many octets to a packet. */
const FRAME = [8, 42] as const

const isBetween = (value: number, [least, most]: readonly [number, number]): boolean => value >= least && value <= most

export const NO_COUNTERS: Cause = {
  code: 'no-counters',
  test: ({ evidence, hadCounters }) =>
    evidence.comparedMs > 0 || hadCounters
      ? undefined
      : {
          confidence: 'high',
          explanation:
            'no counters of this interface came: it is not polled, or they go by a name or node that is not known (--interface-map)',
        },
}

export const COUNTERS_INCOMPLETE: Cause = {
  code: 'counters-incomplete',
  test: ({ evidence }) =>
    evidence.comparedMs > 0
      ? undefined
      : {
          confidence: 'high',
          explanation: `counters do not cover this time: ${evidence.resets > 0 ? 'they were reset' : 'none were read before and after it'}`,
        },
}

export const IDLE: Cause = {
  code: 'idle',
  test: ({ evidence: { facts, counterBytes, counterPackets } }) =>
    facts.records === 0 && counterBytes === 0 && counterPackets === 0
      ? { confidence: 'high', explanation: 'nothing passed, by flows and by counters' }
      : undefined,
}

export const NOT_EXPORTED: Cause = {
  code: 'interface-not-exported',
  test: ({ evidence: { bytes, packets, facts }, hadFlows, direction }) =>
    bytes === 0 && packets === 0 && facts.records === 0 && !hadFlows
      ? {
          confidence: 'high',
          explanation: `traffic passed ${direction}, and no flow names this interface: flows are not exported for it, the template lacks ${direction === 'in' ? 'the ingress' : 'the egress'} interface, or its ifIndex is another`,
        }
      : undefined,
}

export const GAPS: Cause = {
  code: 'gaps',
  test: facts => {
    const { evidence, samples } = facts
    const { silentBytes, silentMs, activeSlots, counterBytes, silentSinceMs = 0, bytes } = evidence
    const isDense = activeSlots > 0 && samples / activeSlots >= SAMPLES_OF_SLOT
    const isAll = bytes === 0 && facts.hadFlows
    if (!isAll && !(isDense && facts.explains(silentBytes / counterBytes))) return undefined
    return {
      confidence: 'high',
      explanation: `no flows for ${plain(silentMs / 1000)} s, from ${timeOf(silentSinceMs)} on, in which ${percent(silentBytes / counterBytes)} of the octets passed: exporter or collector was away`,
    }
  },
}

export const LATE_FLOWS: Cause = {
  code: 'late-flows',
  test: facts => {
    const { lateBytes, counterBytes } = facts.evidence
    const share = (lateBytes * (isStated(facts) ? facts.statedRate : 1)) / counterBytes
    if (!facts.explains(share)) return undefined
    return {
      confidence: 'high',
      explanation: `${percent(share)} of the octets are of flows that came after their window was closed: raise --late above the active timeout of the exporter`,
    }
  },
}

export const EXPORT_LOSS: Cause = {
  code: 'export-loss',
  isShared: true,
  test: facts =>
    facts.explains(facts.loss)
      ? {
          confidence: 'medium',
          explanation: `sequence numbers of the exporter say that about ${percent(facts.loss)} of its messages never came`,
        }
      : undefined,
}

const FAMILIES = [
  ['IPv4', 'ipv4', 'counterIpv4'],
  ['IPv6', 'ipv6', 'counterIpv6'],
] as const

/** By counters of the family. */
export const FAMILY_MISSING: Cause = {
  code: 'address-family-missing',
  test: facts => {
    for (const [name, family, counter] of FAMILIES) {
      const { [counter]: octets, counterBytes, facts: said } = facts.evidence
      if (octets === 0 || said[family] > 0 || said.ipv4 + said.ipv6 === 0) continue
      if (!facts.explains(octets / counterBytes)) continue
      return {
        confidence: 'high',
        explanation: `flows have no ${name}, and counters say that ${percent(octets / counterBytes)} of the octets are ${name}: flows of ${name} are not exported, or their template is missing`,
      }
    }
    return undefined
  },
}

/** Where nothing else is known than that flows have one family. */
export const FAMILY_PERHAPS_MISSING: Cause = {
  code: 'address-family-missing',
  test: ({ effective, evidence: { facts: said } }) => {
    if (!(effective > LEAST_RATIO && effective < 1) || said.other > 0 || said.ipv4 + said.ipv6 === 0) return undefined
    if (said.ipv4 > 0 && said.ipv6 > 0) return undefined
    const [has, lacks] = said.ipv4 > 0 ? ['IPv4', 'IPv6'] : ['IPv6', 'IPv4']
    return {
      confidence: 'low',
      explanation: `flows are ${has} only and ${percent(1 - effective)} of the traffic is not in them: perhaps ${lacks}, or what is not IP, is not exported`,
    }
  },
}

export const COUNTED_TWICE: Cause = {
  code: 'counted-twice',
  test: facts => {
    const { ingress, egress } = facts.evidence.facts
    const share = ingress / (ingress + egress)
    if (!facts.fits(2, isStated(facts)) || !isBetween(share, HALF)) return undefined
    return {
      confidence: 'high',
      explanation:
        'packets are in flows of the ingress and again in flows of the egress, half of the octets each: keep one of them (dedupe --direction ingress)',
    }
  },
}

export const PERHAPS_COUNTED_TWICE: Cause = {
  code: 'counted-twice',
  test: facts =>
    facts.fits(2, isStated(facts))
      ? {
          confidence: 'medium',
          explanation:
            'flows are twice what passed, and do not say where they were seen: ingress and egress are both exported, or the same flows come twice (dedupe)',
        }
      : undefined,
}

export const LAYER_2: Cause = {
  code: 'layer-2-overhead',
  test: facts => {
    const { evidence, effectiveBytes } = facts
    const { scaledPackets, packets, counterBytes } = evidence
    const amount = isStated(facts) ? scaledPackets : packets
    const octets = (counterBytes * (1 - effectiveBytes)) / amount
    if (!isBetween(octets, FRAME) || !facts.fits(1, isStated(facts))) return undefined
    return {
      confidence: facts.packetRatio === undefined ? 'medium' : 'high',
      explanation: `counters have ${plain(octets)} octets a packet more: they count whole frames, flows from the IP header on`,
    }
  },
}

export const COUNTERS_WRAPPED: Cause = {
  code: 'counters-wrapped',
  test: ({ effective, evidence: { wraps } }) =>
    wraps > 0 && effective > 1
      ? {
          confidence: 'low',
          explanation: `the octet counter has 32 bits and wrapped ${wraps} times: where it wraps twice between two readings, one is not seen; read it more often, or the one with 64 bits`,
        }
      : undefined,
}
