// Times in all the forms that exporters use, to Unix microseconds.
import { ABSENT, type NumberColumn } from '../../fields/column.ts'
import type { Encoding } from '../../fields/field.ts'
import type { Block, Step } from './block.ts'
import type { Place } from './layout.ts'
import { readWhole } from './read-number.ts'

/** Seconds from 1900, where NTP starts to count, to 1970. */
export const NTP_TO_UNIX_S = 2_208_988_800
const UINT32 = 0x1_0000_0000
/** sysUptime wraps after 49.7 days; a time up to a day ahead of the header is a clock a little off, not a flow of 48 days. */
const AHEAD_MS = 86_400_000

/** How long before `uptimeMs` the 32-bit `timeMs` of the same clock was. */
export function ageMs(uptimeMs: number, timeMs: number): number {
  const age = (uptimeMs - timeMs) >>> 0
  return age > UINT32 - AHEAD_MS ? age - UINT32 : age
}

/** What is before 1970, beyond exact microseconds, or no number is no time. */
const orAbsent = (us: number): number => (us >= 0 && us <= Number.MAX_SAFE_INTEGER ? us : ABSENT)

/** Changes numbers in place, row by row. */
function change({ numbers }: NumberColumn, read: Step, to: (number: number, block: Block) => number): Step {
  return block => {
    read(block)
    const { row, count } = block
    for (let at = row; at < row + count; at++) numbers[at] = orAbsent(to(numbers[at] as number, block))
  }
}

function scaled({ numbers }: NumberColumn, read: Step, factor: number): Step {
  return block => {
    read(block)
    const { row, count } = block
    for (let at = row; at < row + count; at++) numbers[at] = orAbsent((numbers[at] as number) * factor)
  }
}

/** RFC 7011 sections 6.1.9 and 6.1.10: seconds since 1900 and a 32-bit fraction. */
function ntp({ numbers }: NumberColumn, { at, offset, length }: Place): Step | undefined {
  if (length !== 8) return undefined
  return ({ view, row, count }) => {
    for (let i = 0; i < count; i++) {
      const from = (at[i] as number) + offset
      const seconds = view.getUint32(from)
      const fraction = view.getUint32(from + 4)
      numbers[row + i] = ntpMicroseconds(seconds, fraction)
    }
  }
}

/** The fraction is rounded: exporters cut it when they convert. Seconds before 1970 are of the era that starts in 2036. */
export function ntpMicroseconds(seconds: number, fraction: number): number {
  const unix = seconds >= NTP_TO_UNIX_S ? seconds - NTP_TO_UNIX_S : seconds + UINT32 - NTP_TO_UNIX_S
  return unix * 1e6 + Math.round((fraction * 1e6) / UINT32)
}

/** v5 and v9: the header has the same clock. Nearly all times are of the same turn of it, so the wrap is the exception here. */
function uptime({ numbers }: NumberColumn, read: Step): Step {
  return block => {
    read(block)
    const { row, count, header } = block
    const { uptimeMs, exportUs } = header
    for (let at = row; at < row + count; at++) {
      const timeMs = numbers[at] as number
      const age = uptimeMs - timeMs
      if (age >= 0 && age < UINT32 - AHEAD_MS && exportUs > age * 1000) numbers[at] = exportUs - age * 1000
      else if (timeMs <= Number.MAX_SAFE_INTEGER) numbers[at] = orAbsent(exportUs - ageMs(uptimeMs, timeMs) * 1000)
      else numbers[at] = ABSENT
    }
  }
}

/** An uptime of whole seconds, which does not wrap; nfacctd takes the header's whole seconds. */
function uptimeOfSeconds(column: NumberColumn, read: Step, { wholeSeconds }: TimeContext): Step {
  return change(column, read, (seconds, { header }) => {
    const exportUs = wholeSeconds ? Math.floor(header.exportUs / 1e6) * 1e6 : header.exportUs
    return exportUs - header.uptimeMs * 1000 + seconds * 1e6
  })
}

/** nfacctd: whole seconds of age, taken from the header's whole seconds. */
function wholeSecondUptime(column: NumberColumn, read: Step): Step {
  return change(column, read, (timeMs, { header }) => {
    if (!(timeMs <= Number.MAX_SAFE_INTEGER)) return ABSENT
    const age = Math.trunc(ageMs(header.uptimeMs, timeMs) / 1000)
    return (Math.floor(header.exportUs / 1e6) - age) * 1e6
  })
}

/**
 * IPFIX: relative to systemInitTimeMilliseconds (IE 160), in the record or learned from options. The clock wraps as that of v9
 * does; nfacctd takes it as it stands, in whole seconds.
 */
function sinceStart({ numbers }: NumberColumn, read: Step, { starts, wholeSeconds }: TimeContext): Step {
  return block => {
    read(block)
    const { row, count, header, domain } = block
    const learned = domain.learned.start
    for (let at = row; at < row + count; at++) {
      const timeMs = numbers[at] as number
      const startMs = starts ? (starts.numbers[at] as number) : learned
      if (!(timeMs <= Number.MAX_SAFE_INTEGER && startMs <= Number.MAX_SAFE_INTEGER)) numbers[at] = ABSENT
      else if (wholeSeconds) numbers[at] = orAbsent((Math.floor(startMs / 1000) + Math.floor(timeMs / 1000)) * 1e6)
      else numbers[at] = orAbsent(header.exportUs - ageMs(header.exportUs / 1000 - startMs, timeMs) * 1000)
    }
  }
}

export interface TimeContext {
  readonly ipfix: boolean
  readonly wholeSeconds: boolean
  readonly uptimeSeconds: boolean
  /** IE 160 of the record. */
  readonly starts: NumberColumn | undefined
}

/** Reads a time; undefined when the field's length does not suit its encoding. */
export function readTime(
  column: NumberColumn,
  place: Place,
  encoding: Encoding | undefined,
  context: TimeContext,
): Step | undefined {
  if (encoding === 'microseconds' || encoding === 'nanoseconds') return ntp(column, place)
  const read = readWhole(column, place)
  if (!read) return undefined
  switch (encoding) {
    case 'seconds':
      return scaled(column, read, 1e6)
    case 'milliseconds':
      return scaled(column, read, 1e3)
    case 'deltaMicroseconds':
      return change(column, read, (before, { header }) => header.exportUs - before)
    case 'uptime':
      if (context.ipfix) return sinceStart(column, read, context)
      if (context.uptimeSeconds) return uptimeOfSeconds(column, read, context)
      return context.wholeSeconds ? wholeSecondUptime(column, read) : uptime(column, read)
    default:
      return scaled(column, read, 1)
  }
}
