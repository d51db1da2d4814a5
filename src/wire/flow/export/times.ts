// Times of records: milliseconds of the exporter's clock in NetFlow (RFC 3954 section 8, types 21 and 22), Unix milliseconds in IPFIX.
import { fieldOf } from '../../../fields/dictionary.ts'
import { IPFIX } from '../message.ts'
import type { ExportField } from './elements.ts'

const NAMES = ['timestamp_start', 'timestamp_end'] as const
const UPTIME_IDS = { timestamp_start: 22, timestamp_end: 21 }
const UNIX_IDS = { timestamp_start: 152, timestamp_end: 153 }
/** The made-up exporter started so long before the first record: older flows can be told, newer ones for 29 days. */
const AGE_MS = 20 * 86_400_000
const LARGEST_UPTIME_MS = 2 ** 32 - 1

/** sysUptime of an exporter that never was: it starts anew before the 32 bits are full. */
export class Uptime {
  bootMs = Number.NaN

  /** Milliseconds at `nowMs`. */
  at(nowMs: number): number {
    if (Number.isNaN(this.bootMs) || nowMs - this.bootMs > LARGEST_UPTIME_MS || nowMs < this.bootMs) {
      this.bootMs = nowMs - AGE_MS
    }
    return nowMs - this.bootMs
  }
}

export function timeFields(version: number, uptime: Uptime): ExportField[] {
  return NAMES.map(name => {
    const element =
      version === IPFIX ? { id: UNIX_IDS[name], pen: 0, octets: 8 } : { id: UPTIME_IDS[name], pen: 0, octets: 4 }
    return {
      field: fieldOf(name),
      of4: element,
      of6: element,
      write: (column, row, view, at) => {
        if (column.lane !== 'number') return false
        const unixMs = Math.floor((column.numbers[row] as number) / 1000)
        if (!(unixMs >= 0) || unixMs === Number.POSITIVE_INFINITY) return false
        if (version === IPFIX) {
          view.setBigUint64(at, BigInt(unixMs))
          return true
        }
        const uptimeMs = unixMs - uptime.bootMs
        if (uptimeMs < 0 || uptimeMs > LARGEST_UPTIME_MS) return false
        view.setUint32(at, uptimeMs)
        return true
      },
    }
  })
}
