// Traffic of an exporter, made up: flows of what passed, as an exporter would report them, and counters of the same.
import type { NetRecord } from '../../../src/contract/record.ts'

export const START = 1_767_225_600
export const EXPORTER = '192.0.2.1'
/** Seconds between counter samples. */
const EVERY = 20
const MINUTES = 10

export interface Traffic {
  readonly iface: number
  readonly outIface?: number
  /** Packets a second that pass, and their octets at the IP layer. */
  readonly packetsPerSecond: number
  readonly octets: number
}

export const TRAFFIC: Traffic = { iface: 5, outIface: 7, packetsPerSecond: 1000, octets: 700 }

/** sFlow's generic counters of an interface every 20 s: what passes in, and frames of `frame` octets more a packet. */
export function counters(traffic: Traffic, more: { frame?: number; from?: number } = {}): NetRecord[] {
  const { iface, packetsPerSecond, octets } = traffic
  const records: NetRecord[] = []
  for (let at = 0; at <= 60 * MINUTES; at += EVERY) {
    const packets = packetsPerSecond * at + (more.from ?? 1_000_000)
    records.push({
      timestamp_arrival: START + at,
      peer_ip_src: EXPORTER,
      event_type: 'counters',
      sf_cnt_type: 'sflow_cnt_generic',
      ifIndex: iface,
      ifSpeed: 1e10,
      ifInOctets: packets * (octets + (more.frame ?? 0)),
      ifInUcastPkts: packets,
      ifInMulticastPkts: 0,
      ifInBroadcastPkts: 4294967295,
    })
  }
  return records
}

/** A flow for every ten seconds, of all packets times `factor`; `more` goes on each. */
export function flows(
  { iface, outIface, packetsPerSecond, octets }: Traffic,
  factor = 1,
  more: NetRecord = {},
): NetRecord[] {
  const records: NetRecord[] = []
  for (let at = 0; at < 60 * MINUTES; at += 10) {
    // Not all the same: three flows have what three times ten seconds have.
    const packets = Math.round(packetsPerSecond * 10 * factor) + ((at / 10) % 3) - 1
    records.push({
      timestamp_arrival: START + at + 11,
      peer_ip_src: EXPORTER,
      iface_in: iface,
      iface_out: outIface ?? 0,
      ip_src: '198.51.100.1',
      ip_dst: '203.0.113.1',
      timestamp_start: START + at,
      timestamp_end: START + at + 10,
      packets,
      bytes: packets * octets,
      ...more,
    })
  }
  return records
}

const timeOf = ({ timestamp_arrival: time }: NetRecord): number => Number(time)

/** Several streams as one, in the order of receipt. */
export const together = (...streams: readonly NetRecord[][]): NetRecord[] =>
  streams.flat().sort((a, b) => timeOf(a) - timeOf(b))
