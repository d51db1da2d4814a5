// A sample is of one packet. A flow of several is said by a sampling rate that is so many times higher, and by their mean length:
// a collector that multiplies has the flow's packets and octets again, exactly, because packets of two lengths are two samples.
import type { SampleRow } from './sample-row.ts'

export interface Portion {
  /** Packets that the sample stands for. */
  readonly rate: number
  /** Length of the frame. */
  readonly octets: number
  readonly ipOctets: number
}

const MOST = 2 ** 32

const whole = (value: number | bigint): bigint | undefined =>
  typeof value === 'bigint' ? value : Number.isFinite(value) && value >= 0 ? BigInt(Math.floor(value)) : undefined

function portion(rate: bigint, octets: bigint, ipOctets: bigint): Portion | undefined {
  if (rate >= MOST || octets >= MOST) return undefined
  return { rate: Number(rate), octets: Number(octets), ipOctets: Number(ipOctets < octets ? ipOctets : octets) }
}

/** Undefined when a sample cannot say it: no packets, or more than 32 bits of them. */
export function portionsOf(row: SampleRow): readonly Portion[] | undefined {
  const packets = row.has('packets') ? whole(row.counter('packets')) : 1n
  const bytes = row.has('bytes') ? whole(row.counter('bytes')) : 0n
  if (packets === undefined || bytes === undefined || packets === 0n) return undefined
  const ownIp = row.has('bytes_ip') ? whole(row.counter('bytes_ip')) : undefined
  const ip = (ownIp ?? bytes) / packets
  const known = whole(row.number('sampling_rate'))
  // A packet of an unknown rate keeps it unknown.
  const rate = known ?? (packets === 1n ? 0n : 1n)
  const [mean, rest] = [bytes / packets, bytes % packets]
  const first = portion((packets - rest) * rate, mean, ip)
  if (first === undefined || rest === 0n) return first && [first]
  const second = portion(rest * rate, mean + 1n, ownIp === undefined ? mean + 1n : ip)
  return second && [first, second]
}
