// PDUs that carry no data: what a router says, and what a cache says of its data (RFC 8210 section 5).
import { CORRUPT_DATA, type RtrProblem, rtrProblem } from './errors.ts'
import { ERROR_REPORT, HEADER_OCTETS, type Pdu, RESET_QUERY, SERIAL_QUERY } from './pdu.ts'

const decoder = new TextDecoder()

/** Seconds (RFC 8210 section 6). */
export interface Timers {
  /** Between polls of the cache. */
  readonly refresh: number
  /** After a poll that failed. */
  readonly retry: number
  /** How long data are used that could not be refreshed. */
  readonly expire: number
}

/** What version 1 recommends. */
export const TIMERS: Timers = { refresh: 3600, retry: 600, expire: 7200 }
/** Version 0 has no timers in its PDUs: those of pmacct. */
export const TIMERS_0: Timers = { refresh: 10, retry: 10, expire: 7200 }
const TIMER_BOUNDS = { refresh: [1, 86_400], retry: [1, 7200], expire: [600, 172_800] } as const

export interface EndOfData {
  readonly sessionId: number
  readonly serial: number
  /** Of versions 1 and later, within the bounds of section 6. */
  readonly timers: Timers | undefined
}

const END_OF_DATA_OCTETS = { 0: 12, 1: 24, 2: 24 } as const

export function readEndOfData({ version, number, length }: Pdu, view: DataView, at: number): EndOfData | RtrProblem {
  if (length !== END_OF_DATA_OCTETS[version as 0 | 1 | 2]) {
    return rtrProblem(CORRUPT_DATA, `End of Data of version ${version} with a length of ${length} octets`)
  }
  const serial = view.getUint32(at + 8)
  if (version === 0) return { sessionId: number, serial, timers: undefined }
  const timer = (name: keyof Timers, offset: number): number => {
    const [least, most] = TIMER_BOUNDS[name]
    return Math.min(Math.max(view.getUint32(at + offset), least), most)
  }
  const [refresh, retry] = [timer('refresh', 12), timer('retry', 16)]
  // Data that expire before the next poll would be of no use.
  const expire = Math.max(timer('expire', 20), refresh + 1, retry + 1)
  return { sessionId: number, serial, timers: { refresh, retry, expire } }
}

/** Serial number of a Serial Notify. */
export const readSerial = (view: DataView, at: number): number => view.getUint32(at + HEADER_OCTETS)

/** The text of an Error Report, '' when it has none or is cut. */
export function readErrorText({ length }: Pdu, octets: Uint8Array, view: DataView, at: number): string {
  const pduOctets = view.getUint32(at + 8)
  const textAt = 12 + pduOctets
  if (textAt + 4 > length) return ''
  const end = textAt + 4 + view.getUint32(at + textAt)
  if (end > length) return ''
  return decoder.decode(octets.subarray(at + textAt + 4, at + end)).replaceAll(/[\p{Cc}]/gu, ' ')
}

function header(version: number, type: number, number: number, length: number): Uint8Array {
  const octets = new Uint8Array(length)
  const view = new DataView(octets.buffer)
  octets[0] = version
  octets[1] = type
  view.setUint16(2, number)
  view.setUint32(4, length)
  return octets
}

export const writeResetQuery = (version: number): Uint8Array => header(version, RESET_QUERY, 0, HEADER_OCTETS)

export function writeSerialQuery(version: number, sessionId: number, serial: number): Uint8Array {
  const octets = header(version, SERIAL_QUERY, sessionId, HEADER_OCTETS + 4)
  new DataView(octets.buffer).setUint32(HEADER_OCTETS, serial)
  return octets
}

/** `erroneous` is the PDU that the report is about, or as much of it as there is. */
export function writeErrorReport(version: number, code: number, erroneous: Uint8Array, text: string): Uint8Array {
  const words = new TextEncoder().encode(text)
  const octets = header(version, ERROR_REPORT, code, HEADER_OCTETS + 8 + erroneous.length + words.length)
  const view = new DataView(octets.buffer)
  view.setUint32(HEADER_OCTETS, erroneous.length)
  octets.set(erroneous, HEADER_OCTETS + 4)
  view.setUint32(HEADER_OCTETS + 4 + erroneous.length, words.length)
  octets.set(words, HEADER_OCTETS + 8 + erroneous.length)
  return octets
}
