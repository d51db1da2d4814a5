// pcapng (draft-ietf-opsawg-pcapng): sections of blocks, each block framed by its type and its length on both sides.
import type { Problem } from '../../contract/problem.ts'
import { FRAMES_PER_BLOCK, type FrameTable, MAX_FRAME_OCTETS } from './block.ts'
import type { CaptureParser, Witness } from './parser.ts'
import { type CaptureInterface, readInterface } from './pcapng-interface.ts'
import { corrupt } from './problems.ts'
import { type CaptureWindow, MAX_RECORD_OCTETS } from './window.ts'

/** The type of a section header block, the same in both byte orders. */
export const SECTION_HEADER = 0x0a0d0d0a
const BYTE_ORDER_MAGIC = 0x1a2b3c4d
const MAX_INTERFACES = 65_536
/** Type, length and length again; enough of a section header to tell its byte order. */
const LEAST_BLOCK_OCTETS = 12
const SIMPLE_PACKET_HEADER_OCTETS = 12
/** The end of the year 9999. */
const LATEST_US = 253_402_300_799e6

interface BlockKind {
  /** Octets up to its variable part, and the length that ends it. */
  readonly least: number
  /** Returns what is wrong with the block at [at, at + length). */
  readonly read: (parser: PcapngParser, frames: FrameTable, at: number, length: number) => string | undefined
}

const BLOCKS: ReadonlyMap<number, BlockKind> = new Map([
  [SECTION_HEADER, { least: 28, read: parser => parser.readSection() }],
  [1, { least: 20, read: (parser, _, at, length) => parser.readInterface(at, length) }],
  [2, { least: 32, read: (parser, frames, at, length) => parser.readPacket(frames, at, length, 2) }],
  [3, { least: 16, read: (parser, frames, at, length) => parser.readSimplePacket(frames, at, length) }],
  [6, { least: 32, read: (parser, frames, at, length) => parser.readPacket(frames, at, length, 4) }],
])

export class PcapngParser implements CaptureParser {
  problem: Problem | undefined
  needed = LEAST_BLOCK_OCTETS
  readonly #window: CaptureWindow
  readonly #view: DataView
  readonly #witness: Witness
  #littleEndian = false
  #interfaces: CaptureInterface[] = []
  #newestUs = 0
  #orphanReported = false

  constructor(window: CaptureWindow, witness: Witness) {
    this.#window = window
    this.#view = window.view
    this.#witness = witness
  }

  parse(frames: FrameTable): void {
    const { end } = this.#window
    this.needed = LEAST_BLOCK_OCTETS
    while (frames.count < FRAMES_PER_BLOCK && end - this.#window.start >= LEAST_BLOCK_OCTETS) {
      const at = this.#window.start
      const length = this.#readBlock(frames, at, end)
      if (length < 0) return
      this.#window.start = at + length
    }
  }

  /** The octets of the block at `at`, or -1 when it is not whole or wrong. */
  #readBlock(frames: FrameTable, at: number, end: number): number {
    const type = this.#view.getUint32(at, this.#littleEndian)
    if (type === SECTION_HEADER && !this.#readByteOrder(at)) return this.#corrupt(at, 'has no byte-order magic')
    const length = this.#view.getUint32(at + 4, this.#littleEndian)
    const kind = BLOCKS.get(type)
    if (length < (kind?.least ?? LEAST_BLOCK_OCTETS) || length % 4 !== 0) {
      return this.#corrupt(at, `of type ${type} says that it has ${length} octets`)
    }
    if (!kind) return length
    if (length > MAX_RECORD_OCTETS) return this.#corrupt(at, `of type ${type} says that it has ${length} octets`)
    if (length > end - at) {
      this.needed = length
      return -1
    }
    const again = this.#view.getUint32(at + length - 4, this.#littleEndian)
    if (again !== length) return this.#corrupt(at, `says that it has ${length} octets, and at its end ${again}`)
    const wrong = kind.read(this, frames, at, length)
    return wrong === undefined ? length : this.#corrupt(at, wrong)
  }

  #corrupt(at: number, what: string): -1 {
    this.problem = corrupt(this.#window.position(at), what)
    return -1
  }

  #readByteOrder(at: number): boolean {
    this.#littleEndian = this.#view.getUint32(at + 8, true) === BYTE_ORDER_MAGIC
    return this.#littleEndian || this.#view.getUint32(at + 8) === BYTE_ORDER_MAGIC
  }

  readSection(): undefined {
    this.#interfaces = []
  }

  readInterface(at: number, length: number): string | undefined {
    if (this.#interfaces.length === MAX_INTERFACES) return `is one interface more than ${MAX_INTERFACES}`
    this.#interfaces.push(readInterface(this.#view, at + 8, at + length - 4, this.#littleEndian))
    return undefined
  }

  /** Enhanced and (obsolete) Packet Block differ in the octets of the interface number. */
  readPacket(frames: FrameTable, at: number, length: number, numberOctets: 2 | 4): string | undefined {
    const view = this.#view
    const littleEndian = this.#littleEndian
    const captured = view.getUint32(at + 20, littleEndian)
    if (captured > length - 32 || captured > MAX_FRAME_OCTETS) return `says that its frame has ${captured} octets`
    const number = numberOctets === 4 ? view.getUint32(at + 8, littleEndian) : view.getUint16(at + 8, littleEndian)
    const from = this.#interfaces[number]
    if (!from) return this.#orphan(number)
    const timeUs = this.#time(
      from.readTime(view.getUint32(at + 12, littleEndian), view.getUint32(at + 16, littleEndian)),
    )
    frames.add(at + 28, at + 28 + captured, view.getUint32(at + 24, littleEndian), timeUs, from.linkType)
    return undefined
  }

  /** It has no time: it gets that of the packet before it, 0 when there is none. */
  readSimplePacket(frames: FrameTable, at: number, length: number): string | undefined {
    const from = this.#interfaces[0]
    if (!from) return this.#orphan(0)
    const wireLength = this.#view.getUint32(at + 8, this.#littleEndian)
    const start = at + SIMPLE_PACKET_HEADER_OCTETS
    const limit = from.snapLength === 0 ? wireLength : Math.min(from.snapLength, wireLength)
    const captured = Math.min(limit, length - 16)
    if (captured > MAX_FRAME_OCTETS) return `says that its frame has ${captured} octets`
    frames.add(start, start + captured, wireLength, this.#newestUs, from.linkType)
    return undefined
  }

  /** Damage can say any time: one that no date can have is replaced by that of the packet before. */
  #time(timeUs: number): number {
    if (timeUs >= 0 && timeUs <= LATEST_US) this.#newestUs = timeUs
    else this.#witness.count('capture/absurd-time')
    return this.#newestUs
  }

  #orphan(number: number): undefined {
    this.#witness.count('capture/no-interface')
    if (this.#orphanReported) return
    this.#orphanReported = true
    this.#witness.report({
      code: 'capture/no-interface',
      message: `packets of interface ${number}, which the capture does not describe, were left out`,
    })
  }
}
