// Fields of a flow that are not of its first packet's headers.
import { ABSENT } from '../../fields/column.ts'
import type { OpenFlow } from './flow-store.ts'

/** How a flow ended, on the record clock. */
export interface Ending {
  readonly reason: number
  readonly nowUs: number
  /** Counters are multiplied by it: own sampling, renormalised. */
  readonly factor: number
}

type NumberOf = (flow: OpenFlow, ending: Ending) => number

const some = (number: number): number => (number > 0 ? number : ABSENT)

export const FLOW_NUMBERS: { readonly [field: string]: NumberOf } = {
  timestamp_arrival: (_, ending) => ending.nowUs,
  timestamp_start: flow => flow.startUs,
  timestamp_end: flow => flow.lastUs,
  tcp_flags: flow => (flow.isTcp ? flow.forward.tcpFlags : ABSENT),
  tcp_rtt_usec: ({ track }) => track?.roundTripUs ?? ABSENT,
  tcp_retransmits: ({ track }) => track?.retransmitted ?? ABSENT,
  tcp_out_of_order: ({ track }) => track?.outOfOrder ?? ABSENT,
  flow_end_reason: (_, ending) => ending.reason,
  flows: () => 1,
  packets: ({ forward }, { factor }) => forward.packets * factor,
  bytes: ({ forward }, { factor }) => forward.bytes * factor,
  packets_reverse: ({ reverse }, { factor }) => some(reverse.packets * factor),
  bytes_reverse: ({ reverse }, { factor }) => (reverse.packets > 0 ? reverse.bytes * factor : ABSENT),
  tcp_flags_reverse: flow => (flow.isTcp && flow.reverse.packets > 0 ? flow.reverse.tcpFlags : ABSENT),
  timestamp_start_reverse: flow => flow.reverse.startUs,
  timestamp_end_reverse: flow => flow.reverse.endUs,
}

/** Fields that come of following sequence numbers: only where they are asked for by name. */
export const TRACKED: ReadonlySet<string> = new Set(['tcp_rtt_usec', 'tcp_retransmits', 'tcp_out_of_order'])

/** Fields of a packet that say nothing of a flow. */
export const NOT_OF_FLOWS: ReadonlySet<string> = new Set(['frame_bytes', 'frame_number', 'ttl'])
