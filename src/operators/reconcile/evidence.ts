// What is known of an interface in one direction, of one window or of all: sums of the time that was compared, and facts.
import { addFacts, type FlowFacts, noFacts } from './flow-facts.ts'
import { LANE, SLOTS, type Window } from './window.ts'

/** Sums over the time that octet counters cover; `packet...` over the time that packet counters cover. */
const SUMS = [
  'bytes',
  'packets',
  'scaledBytes',
  'scaledPackets',
  'counterBytes',
  'comparedMs',
  'packetPackets',
  'packetScaled',
  'counterPackets',
  /** Octets of flows while there were no counters. */
  'outsideBytes',
  /** Growth of counters, and time, in slots without flows; slots with some. */
  'silentBytes',
  'silentMs',
  'activeSlots',
  'lateBytes',
  'counterIpv4',
  'counterIpv6',
  'resets',
  'wraps',
] as const

export type Evidence = { [sum in (typeof SUMS)[number]]: number } & {
  facts: FlowFacts
  /** The first slot without flows, Unix ms. */
  silentSinceMs: number | undefined
  fromMs: number
  toMs: number
}

export function noEvidence(): Evidence {
  const sums = Object.fromEntries(SUMS.map(name => [name, 0])) as { [sum in (typeof SUMS)[number]]: number }
  return { ...sums, facts: noFacts(), silentSinceMs: undefined, fromMs: Number.POSITIVE_INFINITY, toMs: 0 }
}

export function addEvidence(into: Evidence, more: Evidence): void {
  for (const name of SUMS) into[name] += more[name]
  addFacts(into.facts, more.facts)
  into.silentSinceMs ??= more.silentSinceMs
  into.fromMs = Math.min(into.fromMs, more.fromMs)
  into.toMs = Math.max(into.toMs, more.toMs)
}

/** What a window has to say. */
export function evidenceOf(window: Window, windowMs: number): Evidence {
  const evidence = noEvidence()
  evidence.fromMs = window.startMs
  evidence.toMs = window.startMs + windowMs
  evidence.counterIpv4 = window.familyCounters.ipv4
  evidence.counterIpv6 = window.familyCounters.ipv6
  addFacts(evidence.facts, window.facts)
  for (let slot = 0; slot < SLOTS; slot++) addSlot(evidence, window, slot)
  return evidence
}

function addSlot(evidence: Evidence, window: Window, slot: number): void {
  const { slotMs } = window
  const of = (lane: number) => window.at(lane, slot)
  const [bytes, packets, counterBytes] = [of(LANE.bytes), of(LANE.packets), of(LANE.counterBytes)]
  const coveredMs = Math.min(slotMs, of(LANE.bytesCoveredMs))
  const share = coveredMs / slotMs
  evidence.bytes += bytes * share
  evidence.packets += packets * share
  evidence.scaledBytes += of(LANE.scaledBytes) * share
  evidence.scaledPackets += of(LANE.scaledPackets) * share
  evidence.counterBytes += counterBytes
  evidence.comparedMs += coveredMs
  evidence.outsideBytes += bytes * (1 - share)
  const packetShare = Math.min(slotMs, of(LANE.packetsCoveredMs)) / slotMs
  evidence.packetPackets += packets * packetShare
  evidence.packetScaled += of(LANE.scaledPackets) * packetShare
  evidence.counterPackets += of(LANE.counterPackets)
  if (packets > 0 || bytes > 0) {
    if (share > 0) evidence.activeSlots++
  } else if (counterBytes > 0) {
    evidence.silentBytes += counterBytes
    evidence.silentMs += coveredMs
    evidence.silentSinceMs ??= window.startMs + slot * slotMs
  }
}
