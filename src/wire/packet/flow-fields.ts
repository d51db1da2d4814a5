// Fields of a flow that are not of its first packet's headers.
import { BYTES, FIRST, FLAGS, FORWARD, IS_TCP, LAST, MARKS, NEWEST, PACKETS, REVERSE, START } from './flow-state.ts'

/** How a flow ended, on the record clock. */
export interface Ending {
  reason: number
  nowUs: number
  /** Counters are multiplied by it: own sampling, renormalised. */
  readonly factor: number
}

const state = (number: number): string => `s[at + ${number}]`
const forward = (number: number): string => state(FORWARD + number)
const reverse = (number: number): string => state(REVERSE + number)
const HAS_REVERSE = `${reverse(PACKETS)} > 0`
const WAS_TCP = `(${state(MARKS)} & ${IS_TCP}) !== 0`

/** Expressions in `s`, the numbers of flows, of which this one's begin at `at`; its `ending`, and its `track`, which may be undefined. */
export const FLOW_NUMBERS: { readonly [field: string]: string } = {
  timestamp_arrival: 'ending.nowUs',
  timestamp_start: state(START),
  timestamp_end: state(LAST),
  tcp_flags: `${WAS_TCP} ? ${forward(FLAGS)} : NaN`,
  tcp_rtt_usec: 'track ? track.roundTripUs : NaN',
  tcp_retransmits: 'track ? track.retransmitted : NaN',
  tcp_out_of_order: 'track ? track.outOfOrder : NaN',
  flow_end_reason: 'ending.reason',
  flows: '1',
  packets: `${forward(PACKETS)} * ending.factor`,
  bytes: `${forward(BYTES)} * ending.factor`,
  packets_reverse: `${HAS_REVERSE} ? ${reverse(PACKETS)} * ending.factor : NaN`,
  bytes_reverse: `${HAS_REVERSE} ? ${reverse(BYTES)} * ending.factor : NaN`,
  tcp_flags_reverse: `${HAS_REVERSE} && ${WAS_TCP} ? ${reverse(FLAGS)} : NaN`,
  timestamp_start_reverse: reverse(FIRST),
  timestamp_end_reverse: reverse(NEWEST),
}

/** Fields that come of following sequence numbers: only where they are asked for by name. */
export const TRACKED: ReadonlySet<string> = new Set(['tcp_rtt_usec', 'tcp_retransmits', 'tcp_out_of_order'])

/** Fields of a packet that say nothing of a flow. */
export const NOT_OF_FLOWS: ReadonlySet<string> = new Set(['frame_bytes', 'frame_number', 'ttl'])
