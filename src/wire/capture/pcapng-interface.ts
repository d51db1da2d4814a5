// The Interface Description Block (draft-ietf-opsawg-pcapng section 4.2).
import { type ReadTime, timeReader } from './pcapng-time.ts'

export interface CaptureInterface {
  readonly linkType: number
  /** 0 = no limit. */
  readonly snapLength: number
  readonly readTime: ReadTime
}

const END_OF_OPTIONS = 0
const IF_TSRESOL = 9
const IF_TSOFFSET = 14
const MICROSECONDS = 6

/** Reads octets [start, end): the block's body. It has at least 8 octets. */
export function readInterface(view: DataView, start: number, end: number, littleEndian: boolean): CaptureInterface {
  let resolution = MICROSECONDS
  let offsetSeconds = 0
  let at = start + 8
  while (end - at >= 4) {
    const code = view.getUint16(at, littleEndian)
    const length = view.getUint16(at + 2, littleEndian)
    at += 4
    if (code === END_OF_OPTIONS || length > end - at) break
    if (code === IF_TSRESOL && length === 1) resolution = view.getUint8(at)
    if (code === IF_TSOFFSET && length === 8) offsetSeconds = Number(view.getBigInt64(at, littleEndian))
    at += (length + 3) & ~3
  }
  return {
    linkType: view.getUint16(start, littleEndian),
    snapLength: view.getUint32(start + 4, littleEndian),
    readTime: timeReader(resolution, offsetSeconds),
  }
}
