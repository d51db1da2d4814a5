// Times of records: milliseconds of the exporter's clock in NetFlow (RFC 3954 section 8, types 21 and 22); in IPFIX milliseconds of
// Unix time, or microseconds as NTP has them (RFC 7011 section 6.1.9).
import { type Column, ODD } from '../../../fields/column.ts'
import { fieldOf } from '../../../fields/dictionary.ts'
import { REVERSE_PEN } from '../../../fields/element.ts'
import { IPFIX } from '../message.ts'
import { ABSENT_KIND, type ExportField, UNSAYABLE } from './elements.ts'

const UPTIME_IDS: readonly (readonly [field: string, id: number])[] = [
  ['timestamp_start', 22],
  ['timestamp_end', 21],
]
/** Milliseconds; microseconds have the ids two above. */
const UNIX_IDS: readonly (readonly [field: string, id: number, pen: number])[] = [
  ['timestamp_start', 152, 0],
  ['timestamp_end', 153, 0],
  ['timestamp_start_reverse', 152, REVERSE_PEN],
  ['timestamp_end_reverse', 153, REVERSE_PEN],
]
const MICROSECONDS = 2
/** The made-up exporter started so long before the first record: older flows can be told, newer ones for 29 days. */
const AGE_MS = 20 * 86_400_000
const LARGEST_UPTIME_MS = 2 ** 32 - 1
const NTP_EPOCH_S = 2_208_988_800
/** NTP's seconds are 32 bits. */
const LARGEST_UNIX_S = 2 ** 32 - 1 - NTP_EPOCH_S

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

const microsecondsOf = (column: Column, row: number): number =>
  column.lane === 'number' ? (column.numbers[row] as number) : Number.NaN

function timeField(
  name: string,
  element: { readonly id: number; readonly pen: number; readonly octets: number },
  says: (unixUs: number) => boolean,
  put: (unixUs: number, view: DataView, at: number) => void,
): ExportField {
  return {
    field: fieldOf(name),
    kind(column, row) {
      const unixUs = microsecondsOf(column, row)
      if (Number.isNaN(unixUs)) return ABSENT_KIND
      return unixUs !== ODD && unixUs >= 0 && says(unixUs) ? 1 : UNSAYABLE
    },
    elements: () => [element],
    write(column, row, _, view, at) {
      put(microsecondsOf(column, row), view, at)
      return at + element.octets
    },
  }
}

const msOf = (unixUs: number): number => Math.floor(unixUs / 1000)

function uptimeField(name: string, id: number, uptime: Uptime): ExportField {
  const of = (unixUs: number): number => msOf(unixUs) - uptime.bootMs
  return timeField(
    name,
    { id, pen: 0, octets: 4 },
    unixUs => of(unixUs) >= 0 && of(unixUs) <= LARGEST_UPTIME_MS,
    (unixUs, view, at) => view.setUint32(at, of(unixUs)),
  )
}

/** The last 11 bits are nothing (RFC 7011 section 6.1.9); the fraction is rounded up, so that whole microseconds come back. */
function putNtp(unixUs: number, view: DataView, at: number): void {
  view.setUint32(at, Math.floor(unixUs / 1e6) + NTP_EPOCH_S)
  view.setUint32(at + 4, 2048 * Math.ceil(((unixUs % 1e6) * 2 ** 21) / 1e6))
}

function unixField(name: string, id: number, pen: number, microseconds: boolean): ExportField {
  return microseconds
    ? timeField(name, { id: id + MICROSECONDS, pen, octets: 8 }, unixUs => unixUs < LARGEST_UNIX_S * 1e6, putNtp)
    : timeField(
        name,
        { id, pen, octets: 8 },
        () => true,
        (unixUs, view, at) => view.setBigUint64(at, BigInt(msOf(unixUs))),
      )
}

/** `microseconds`: of IPFIX; NetFlow has none. */
export function timeFields(version: number, uptime: Uptime, microseconds: boolean): ExportField[] {
  if (version !== IPFIX) return UPTIME_IDS.map(([name, id]) => uptimeField(name, id, uptime))
  return UNIX_IDS.map(([name, id, pen]) => unixField(name, id, pen, microseconds))
}
