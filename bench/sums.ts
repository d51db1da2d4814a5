import type { Flow } from './flows.ts'

/** What every tool must find in an input. `asWeighted` and `tupleWeighted` tie the octets to their keys. */
export interface Sums {
  records: number
  packets: number
  bytes: number
  asPairs: number
  asWeighted: number
  tuples: number
  tupleWeighted: number
  /** Records that pass `flowFilter` of flows.ts, and their octets. */
  passing: number
  passingBytes: number
}

export const asWeight = (source: number, destination: number): number => (31 * source + destination) % 1009
export const portWeight = (source: number, destination: number): number => (7 * source + destination) % 1009

export interface Tally {
  add(flow: Flow, passes: boolean, as: (number: number) => number): void
  sums(): Sums
}

export function tally(): Tally {
  const total = { records: 0, packets: 0, bytes: 0, asWeighted: 0, tupleWeighted: 0, passing: 0, passingBytes: 0 }
  const asPairs = new Set<number>()
  const tuples = new Set<string>()
  return {
    add(flow, passes, as) {
      const [source, destination] = [as(flow.source.as), as(flow.destination.as)]
      total.records++
      total.packets += flow.packets
      total.bytes += flow.octets
      total.asWeighted += flow.octets * asWeight(source, destination)
      total.tupleWeighted += flow.octets * portWeight(flow.sourcePort, flow.destinationPort)
      total.passing += passes ? 1 : 0
      total.passingBytes += passes ? flow.octets : 0
      asPairs.add(source * 2 ** 20 + destination)
      const ports = `${flow.sourcePort}:${flow.destinationPort}:${flow.protocol}`
      tuples.add(`${flow.source.ipv4}:${flow.destination.ipv4}:${ports}`)
    },
    sums: () => ({ ...total, asPairs: asPairs.size, tuples: tuples.size }),
  }
}

const UNKNOWN: Sums = {
  records: Number.NaN,
  packets: Number.NaN,
  bytes: Number.NaN,
  asPairs: Number.NaN,
  asWeighted: Number.NaN,
  tuples: Number.NaN,
  tupleWeighted: Number.NaN,
  passing: Number.NaN,
  passingBytes: Number.NaN,
}
const ANCHOR_FLOWS: Sums = {
  ...UNKNOWN,
  records: 2_000_000,
  packets: 367_738_422,
  bytes: 283_229_011_050,
  asPairs: 85_711,
  tuples: 1_438_946,
}
/** What is known of captures made by the generator of the performance anchors, for folders without a sums.json. */
export const ANCHOR_SUMS: Readonly<Record<string, Sums>> = {
  'nf9.pcap': ANCHOR_FLOWS,
  'ipfix.pcap': ANCHOR_FLOWS,
  'nf9v6.pcap': { ...UNKNOWN, records: 500_000 },
}
