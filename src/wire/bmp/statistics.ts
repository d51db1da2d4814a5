// Statistics reports: one record a counter (RFC 7854 section 4.8, RFC 8671 section 6.2, RFC 9972).
import type { Problem } from '../../contract/problem.ts'
import type { NetRecord, Value } from '../../contract/record.ts'
import { bmpProblem } from './message.ts'
import { STATISTIC_TYPES } from './statistic-types.ts'
import { hexPairs, readTlvs, type Tlv } from './tlv.ts'

/** The container of draft-ietf-grow-bmp-tlv around count and counters. */
const STATS_TLV = 1
const COUNTER_OCTETS = 4
const GAUGE_OCTETS = 8
/** AFI and SAFI before a gauge. */
const FAMILY_OCTETS = 3

/** What a report says: keys of one record each. */
export interface Statistics {
  readonly counters: readonly NetRecord[]
  readonly problem: Problem | undefined
}

/** The body behind the per-peer header. */
export function readStatistics(
  octets: Uint8Array,
  view: DataView,
  start: number,
  end: number,
  version: number,
): Statistics | Problem {
  const [from, to] = version > 3 ? container(view, start, end) : [start, end]
  if (to - from < 4) return bmpProblem('bmp/truncated', `a statistics report of ${to - from} octets`, '4.8')
  const count = view.getUint32(from)
  const { tlvs, rest } = readTlvs(view, from + 4, to, false, version > 3)
  const counters = tlvs.map(tlv => counterOf(octets, view, tlv))
  const short = rest > 0 || tlvs.length !== count
  const said = `a statistics report says ${count} counters and has ${tlvs.length}, and ${rest} more octets`
  return { counters, problem: short ? bmpProblem('bmp/tlv', said, '4.8') : undefined }
}

/** Where count and counters are: a count that begins with the two octets of type 1 would be 65,536 at least. */
function container(view: DataView, start: number, end: number): readonly [number, number] {
  if (end - start < 4 || view.getUint16(start) !== STATS_TLV) return [start, end]
  const to = start + 4 + view.getUint16(start + 2)
  return to <= end ? [start + 4, to] : [start, end]
}

function counterOf(octets: Uint8Array, view: DataView, tlv: Tlv): NetRecord {
  const { type, pen, start, end } = tlv
  const row = pen === undefined ? STATISTIC_TYPES[type] : undefined
  const fields: NetRecord = { counter_type: type, counter_type_str: row?.text ?? 'Unknown' }
  if (pen !== undefined) fields.counter_pen = pen
  const family = end - start === FAMILY_OCTETS + GAUGE_OCTETS && (row === undefined || row.perFamily === true)
  if (family) {
    fields.afi = view.getUint16(start)
    fields.safi = view.getUint8(start + 2)
  }
  const value = numberAt(octets, view, family ? start + FAMILY_OCTETS : start, end)
  if (value !== null) fields.counter_value = value
  return fields
}

/** Counters have four octets, gauges eight; anything else stays as its octets. */
function numberAt(octets: Uint8Array, view: DataView, start: number, end: number): Value {
  if (end - start === COUNTER_OCTETS) return view.getUint32(start)
  if (end - start !== GAUGE_OCTETS) return hexPairs(octets, start, end)
  const high = view.getUint32(start)
  const low = view.getUint32(start + 4)
  return high < 0x200000 ? high * 2 ** 32 + low : view.getBigUint64(start)
}
