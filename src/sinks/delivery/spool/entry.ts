// Entries of a segment: one delivery each, with a checksum. Pure: octets in, entries out.
//
//   mark u32 | length u32 | crc32 u32 | count u32 | taken f64 (Unix ms) | text, `length` octets of NDJSON
//
// Little-endian. The checksum (CRC-32 as in zlib) is of everything but itself and the mark. The mark has an octet that UTF-8
// never has, so that the next entry is found after one that is damaged.
import { crc32 } from 'node:zlib'

export const ENTRY_HEADER_OCTETS = 24
const MARK = Uint8Array.of(0xff, 0x4e, 0x54, 0x59)
const LENGTH_AT = 4
const CRC_AT = 8
const COUNT_AT = 12
const TAKEN_AT = 16

export interface Entry {
  /** Where it starts in the segment. */
  readonly offset: number
  /** Octets of its text. */
  readonly length: number
  /** Records. */
  readonly count: number
  /** When the first of them was taken in, Unix ms. */
  readonly takenMs: number
}

/** What cannot be read. */
export interface Damage {
  readonly offset: number
  readonly octets: number
  /** Records that the damaged header speaks of, where it can be believed; else 0. */
  readonly records: number
}

export interface Scanned {
  readonly entries: readonly Entry[]
  readonly damages: readonly Damage[]
  /** One past the last readable entry: what follows was cut off while it was written, or is damaged. */
  readonly end: number
}

const viewOf = (octets: Uint8Array): DataView => new DataView(octets.buffer, octets.byteOffset, octets.byteLength)

function checksum(octets: Uint8Array, at: number, length: number): number {
  const sized = crc32(octets.subarray(at + LENGTH_AT, at + CRC_AT))
  return crc32(octets.subarray(at + COUNT_AT, at + ENTRY_HEADER_OCTETS + length), sized)
}

/** Header and text of a delivery, as they stand in a segment. */
export function writeEntry(text: Uint8Array, count: number, takenMs: number): Uint8Array {
  const octets = new Uint8Array(ENTRY_HEADER_OCTETS + text.length)
  const view = viewOf(octets)
  octets.set(MARK)
  view.setUint32(LENGTH_AT, text.length, true)
  view.setUint32(COUNT_AT, count, true)
  view.setFloat64(TAKEN_AT, takenMs, true)
  octets.set(text, ENTRY_HEADER_OCTETS)
  view.setUint32(CRC_AT, checksum(octets, 0, text.length), true)
  return octets
}

const hasMark = (octets: Uint8Array, at: number): boolean => MARK.every((octet, index) => octets[at + index] === octet)

/** The entry at `at`; undefined when there is none that is whole and unchanged. */
export function readEntry(octets: Uint8Array, at: number): Entry | undefined {
  if (at + ENTRY_HEADER_OCTETS > octets.length || !hasMark(octets, at)) return undefined
  const view = viewOf(octets)
  const length = view.getUint32(at + LENGTH_AT, true)
  if (at + ENTRY_HEADER_OCTETS + length > octets.length) return undefined
  if (view.getUint32(at + CRC_AT, true) !== checksum(octets, at, length)) return undefined
  return {
    offset: at,
    length,
    count: view.getUint32(at + COUNT_AT, true),
    takenMs: view.getFloat64(at + TAKEN_AT, true),
  }
}

export const entryEnd = ({ offset, length }: Entry): number => offset + ENTRY_HEADER_OCTETS + length

/** The next readable entry from `from` on. */
function nextEntry(octets: Uint8Array, from: number): Entry | undefined {
  for (let at = octets.indexOf(MARK[0] as number, from); at >= 0; at = octets.indexOf(MARK[0] as number, at + 1)) {
    const entry = readEntry(octets, at)
    if (entry) return entry
  }
  return undefined
}

/** Records of a damaged entry whose header leads to the next one. */
function believable(octets: Uint8Array, at: number, next: number): number {
  if (!hasMark(octets, at)) return 0
  const view = viewOf(octets)
  const isWhole = at + ENTRY_HEADER_OCTETS + view.getUint32(at + LENGTH_AT, true) === next
  return isWhole ? view.getUint32(at + COUNT_AT, true) : 0
}

/** All entries from `from` on. */
export function scanEntries(octets: Uint8Array, from: number): Scanned {
  const entries: Entry[] = []
  const damages: Damage[] = []
  let at = from
  while (at < octets.length) {
    const entry = readEntry(octets, at) ?? nextEntry(octets, at + 1)
    if (!entry) break
    if (entry.offset > at) {
      damages.push({ offset: at, octets: entry.offset - at, records: believable(octets, at, entry.offset) })
    }
    entries.push(entry)
    at = entryEnd(entry)
  }
  return { entries, damages, end: at }
}
