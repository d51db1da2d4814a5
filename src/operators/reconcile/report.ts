// Findings as records.
import type { NetRecord } from '../../contract/record.ts'
import { diagnose, type Finding, surer } from './diagnose.ts'
import { type Facts, factsOf, isStated } from './facts.ts'
import type { Closed, Ledger } from './ledger.ts'

/** Findings of one exporter that agree: from so many on they are believed more. */
const SHARED_BY = 3

const rounded = (value: number): number => Math.round(value)
const ratio = (value: number | undefined): number | undefined =>
  value === undefined || !Number.isFinite(value) ? undefined : Number(value.toPrecision(4))

interface Judged {
  readonly closed: Closed
  readonly facts: Facts
  finding: Finding
}

function judged(closed: Closed, tolerance: number): Judged {
  const { series, exporter, direction, evidence } = closed
  const facts = factsOf(evidence, {
    direction,
    tolerance,
    loss: exporter.loss.share,
    hadFlows: series.total.facts.records > 0,
    hadCounters: series.hasCounters,
  })
  return { closed, facts, finding: diagnose(facts) }
}

/** Nothing passed: not worth a record. */
const isIdle = ({ finding }: Judged): boolean => finding.cause === 'idle'
/** Told once, at the end. */
const isToldLater = ({ finding }: Judged): boolean => finding.cause === 'no-counters'

export function windowRecord(closed: Closed, tolerance: number): NetRecord | undefined {
  const one = judged(closed, tolerance)
  return isIdle(one) || isToldLater(one) ? undefined : recordOf('window', one)
}

/** One record an interface and direction; then counters that belong to no interface that is known. */
export function* totalRecords(ledger: Ledger, tolerance: number): Generator<NetRecord> {
  const all = [...ledger.series()]
    .filter(({ series: { total } }) => total.toMs > 0)
    .map(one => judged({ ...one, evidence: one.series.total }, tolerance))
  for (const [, ofOne] of Map.groupBy(all, ({ closed }) => closed.exporter)) {
    strengthen(ofOne)
    partlyExported(ofOne)
  }
  for (const one of all) if (!isIdle(one)) yield recordOf('total', one)
  for (const counters of ledger.unplaced()) {
    yield {
      event_type: 'reconcile',
      kind: 'total',
      ...counters,
      cause: 'interface-unknown',
      confidence: 'high',
      explanation:
        'counters go by a name, and nothing says which ifIndex it has: let telemetry send if-index, or give --interface-map',
    }
  }
}

/** A wrong set-up of the exporter shows on its interfaces alike. */
function strengthen(all: readonly Judged[]): void {
  const shared = Map.groupBy(
    all.filter(({ finding }) => finding.isShared),
    ({ finding }) => `${finding.cause} ${finding.likelyRate ?? ''}`,
  )
  for (const [, same] of shared) {
    const interfaces = new Set(same.map(({ closed }) => closed.port.iface)).size
    if (interfaces < SHARED_BY) continue
    for (const one of same) {
      const { finding } = one
      const explanation = `${finding.explanation}; the same on ${interfaces} interfaces`
      one.finding = { ...finding, confidence: surer(finding), explanation }
    }
  }
}

/** Flows are seen where they come in: what came in by an interface without export is missing where it goes out. */
function partlyExported(all: readonly Judged[]): void {
  const silent = all.filter(
    ({ closed, finding }) => closed.direction === 'in' && finding.cause === 'interface-not-exported',
  )
  if (silent.length === 0) return
  const names = silent.map(({ closed }) => String(closed.port.iface))
  for (const one of all) {
    const { closed, facts, finding } = one
    const isOpen = finding.confidence === 'low' && facts.effective < 1 && closed.direction === 'out'
    if (!isOpen || closed.evidence.facts.egress > 0) continue
    one.finding = {
      cause: 'input-not-exported',
      confidence: 'medium',
      explanation: `flows are seen where they come in, and none are exported for interface ${names.slice(0, 8).join(', ')}: what comes in there is missing here`,
      isShared: false,
      alternatives: [...new Set([finding.cause, ...finding.alternatives])].filter(cause => cause !== 'unexplained'),
    }
  }
}

function recordOf(kind: 'window' | 'total', { closed, facts, finding }: Judged): NetRecord {
  const { exporter, port, direction, evidence } = closed
  const hasPackets = evidence.counterPackets > 0
  const stated = isStated(facts)
  const record: { [name: string]: NetRecord[string] | undefined } = {
    event_type: 'reconcile',
    kind,
    timestamp_start: evidence.fromMs / 1000,
    timestamp_end: evidence.toMs / 1000,
    peer_ip_src: exporter.address,
    iface: port.iface,
    iface_name: port.name,
    direction,
    seconds: Number((evidence.comparedMs / 1000).toFixed(3)),
    flows: evidence.facts.records,
    bytes: rounded(evidence.bytes),
    packets: rounded(evidence.packets),
    sampling_rate: stated ? rounded(facts.statedRate) : undefined,
    counter_bytes: rounded(evidence.counterBytes),
    counter_packets: hasPackets ? rounded(evidence.counterPackets) : undefined,
    ratio: ratio(facts.ratio),
    ratio_packets: ratio(facts.packetRatio),
    ratio_scaled: stated ? ratio(facts.scaledRatio) : undefined,
    ratio_error: facts.appliedRate > 1 ? ratio(facts.error) : undefined,
    bytes_outside: rounded(evidence.outsideBytes) || undefined,
    bytes_late: rounded(evidence.lateBytes) || undefined,
    silent_seconds: evidence.silentMs > 0 ? Number((evidence.silentMs / 1000).toFixed(3)) : undefined,
    counter_resets: evidence.resets || undefined,
    counter_wraps: evidence.wraps || undefined,
    cause: finding.cause,
    confidence: finding.confidence,
    likely_rate: finding.likelyRate,
    alternatives: finding.alternatives.length > 0 ? [...finding.alternatives] : undefined,
    explanation: finding.explanation,
  }
  return Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as NetRecord
}
