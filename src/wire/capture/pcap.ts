// The classic format (draft-ietf-opsawg-pcap): a header of 24 octets, then records of 16 octets and a frame.
import type { Problem } from '../../contract/problem.ts'
import { FRAMES_PER_BLOCK, type FrameTable, MAX_FRAME_OCTETS } from './block.ts'
import type { CaptureParser } from './parser.ts'
import { corrupt, unsupported } from './problems.ts'
import type { CaptureWindow } from './window.ts'

export interface PcapForm {
  readonly littleEndian: boolean
  readonly nanoseconds: boolean
}

/** The first four octets, read big-endian. */
export const PCAP_MAGICS: ReadonlyMap<number, PcapForm> = new Map([
  [0xa1b2c3d4, { littleEndian: false, nanoseconds: false }],
  [0xd4c3b2a1, { littleEndian: true, nanoseconds: false }],
  [0xa1b23c4d, { littleEndian: false, nanoseconds: true }],
  [0x4d3cb2a1, { littleEndian: true, nanoseconds: true }],
])

const FILE_HEADER_OCTETS = 24
const RECORD_HEADER_OCTETS = 16

export class PcapParser implements CaptureParser {
  problem: Problem | undefined
  needed = FILE_HEADER_OCTETS
  readonly #window: CaptureWindow
  readonly #littleEndian: boolean
  readonly #nanoseconds: boolean
  #linkType = -1

  constructor(window: CaptureWindow, form: PcapForm) {
    this.#window = window
    this.#littleEndian = form.littleEndian
    this.#nanoseconds = form.nanoseconds
  }

  parse(frames: FrameTable): void {
    if (this.#linkType < 0 && !this.#readFileHeader()) return
    const { view, end } = this.#window
    const littleEndian = this.#littleEndian
    const nanoseconds = this.#nanoseconds
    const linkType = this.#linkType
    let at = this.#window.start
    this.needed = RECORD_HEADER_OCTETS
    while (frames.count < FRAMES_PER_BLOCK && end - at >= RECORD_HEADER_OCTETS) {
      const captured = view.getUint32(at + 8, littleEndian)
      const start = at + RECORD_HEADER_OCTETS
      if (captured > MAX_FRAME_OCTETS) {
        this.problem = corrupt(this.#window.position(at), `says that its frame has ${captured} octets`)
        break
      }
      if (start + captured > end) {
        this.needed = RECORD_HEADER_OCTETS + captured
        break
      }
      const fraction = view.getUint32(at + 4, littleEndian)
      const timeUs = view.getUint32(at, littleEndian) * 1e6 + (nanoseconds ? Math.floor(fraction / 1000) : fraction)
      at = start + captured
      frames.add(start, at, view.getUint32(start - 4, littleEndian), timeUs, linkType)
    }
    this.#window.start = at
  }

  #readFileHeader(): boolean {
    const { view, start, end } = this.#window
    if (end - start < FILE_HEADER_OCTETS) return false
    const major = view.getUint16(start + 4, this.#littleEndian)
    const minor = view.getUint16(start + 6, this.#littleEndian)
    // Up to 2.3 the two lengths of a record stood in either order.
    if (major !== 2 || minor < 4) {
      this.problem = unsupported(`pcap version ${major}.${minor} is not read, only 2.4`)
      return false
    }
    // The upper half says whether frames end in a check sequence: the IP length leaves it out anyway.
    this.#linkType = view.getUint32(start + 20, this.#littleEndian) & 0xffff
    this.#window.start = start + FILE_HEADER_OCTETS
    return true
  }
}
