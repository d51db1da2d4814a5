// One capture, whatever its format: told by its first octets, then read as the octets come.
import type { Host } from '../../contract/host.ts'
import { type Problem, ProblemError } from '../../contract/problem.ts'
import { type FrameBlock, FrameTable } from './block.ts'
import { PCAP_MAGICS, PcapParser } from './pcap.ts'
import { PcapngParser, SECTION_HEADER } from './pcapng.ts'
import { notACapture, truncated, unsupported } from './problems.ts'
import { CaptureWindow } from './window.ts'

/** What counts and reports: a part of the host. */
export type Witness = Pick<Host, 'count' | 'report'>

/** Reads the window of one format. */
export interface CaptureParser {
  /** Puts whole frames of the window in the table until that is full, and moves the window's start behind them. */
  parse(frames: FrameTable): void
  /** Octets that the record at the window's start has at least. */
  readonly needed: number
  /** Why reading cannot go on. */
  readonly problem: Problem | undefined
}

const MAGIC_OCTETS = 4

/** Starts of other files that people take for captures. */
const OTHER_FILES: readonly { readonly magic: readonly number[]; readonly is: string; readonly hint: string }[] = [
  { magic: [0x73, 0x6e, 0x6f, 0x6f], is: 'a snoop capture', hint: 'convert it: editcap -F pcapng IN OUT' },
  { magic: [0x42, 0x5a, 0x68], is: 'a bzip2 file', hint: 'bzip2 -dc FILE | netally ... --pcap -' },
  { magic: [0xfd, 0x37, 0x7a, 0x58], is: 'an xz file', hint: 'xz -dc FILE | netally ... --pcap -' },
  { magic: [0x04, 0x22, 0x4d, 0x18], is: 'an lz4 file', hint: 'lz4 -dc FILE | netally ... --pcap -' },
  { magic: [0x50, 0x4b, 0x03, 0x04], is: 'a zip file', hint: 'unzip -p FILE | netally ... --pcap -' },
  { magic: [0x0c, 0xa5], is: 'an nfdump file', hint: 'nfdump -r FILE -o json reads it' },
  { magic: [0x7b], is: 'JSON', hint: 'records go to the standard input of an operator or a sink' },
]

const MODIFIED_PCAP = new Set([0xa1b2cd34, 0x34cdb2a1])

function whatElse(octets: Uint8Array): Problem {
  const other = OTHER_FILES.find(({ magic }) => magic.every((octet, index) => octets[index] === octet))
  if (other) return notACapture(`this is ${other.is}, not a packet capture`, other.hint)
  return notACapture(`this is not a packet capture: it starts with ${Buffer.from(octets).toString('hex')}`)
}

/** Fill `window`, then take frames with `next` until it gives none; at the end of the input ask `finish`. */
export class CaptureReader {
  readonly window = new CaptureWindow()
  /** Why reading has to end before the input does. */
  problem: Problem | undefined
  readonly #frames = new FrameTable(this.window.octets, this.window.view)
  readonly #witness: Witness
  #parser: CaptureParser | undefined

  constructor(witness: Witness) {
    this.#witness = witness
  }

  /** The next frames, or undefined when it takes more octets. Throws ProblemError for what is no capture. */
  next(): FrameBlock | undefined {
    if (this.problem) return undefined
    this.#parser ??= this.#detect()
    if (!this.#parser) return undefined
    this.#frames.count = 0
    this.#parser.parse(this.#frames)
    this.problem = this.#parser.problem
    return this.#frames.count > 0 ? this.#frames : undefined
  }

  /** What is wrong with a capture that ends here. Throws ProblemError for what is no capture. */
  finish(): Problem | undefined {
    if (this.problem) return this.problem
    const { start, end } = this.window
    if (!this.#parser) {
      const message = start === end ? 'there is no capture: the input is empty' : 'the input is too short for a capture'
      throw new ProblemError(notACapture(message))
    }
    if (start === end) return undefined
    const missing = start > end ? start - end : this.#parser.needed - (end - start)
    return truncated(this.window.position(end), missing)
  }

  #detect(): CaptureParser | undefined {
    const { view, octets, start, end } = this.window
    if (end - start < MAGIC_OCTETS) return undefined
    const magic = view.getUint32(start)
    if (magic === SECTION_HEADER) return new PcapngParser(this.window, this.#witness)
    const form = PCAP_MAGICS.get(magic)
    if (form) return new PcapParser(this.window, form)
    if (MODIFIED_PCAP.has(magic)) {
      throw new ProblemError(
        unsupported('this is a pcap file of the modified kind (magic a1b2cd34), which is not read'),
      )
    }
    throw new ProblemError(whatElse(octets.subarray(start, start + MAGIC_OCTETS)))
  }
}
