// The octets of a file, in which records are found by their length.
import type { Problem } from '../../contract/problem.ts'
import { MRT_HEADER_OCTETS, mrtProblem, recordOctets } from '../../wire/mrt/record.ts'
import type { OctetReader } from '../capture-octets.ts'

const FIRST_OCTETS = 1024 * 1024

/** The file does not even begin as one. */
export const NOT_MRT: Problem = {
  code: 'mrt/not-mrt',
  message: 'this is no MRT file: its first record would be longer than any is',
  hint: 'netally reads the files of RouteViews, RIPE RIS, bgpdump and routers: plain, gz, bz2 or zst',
  reference: 'RFC 6396 section 2',
}

export class RecordReader {
  octets: Uint8Array = new Uint8Array(FIRST_OCTETS)
  view: DataView = new DataView(this.octets.buffer)
  /** The record that `next` found. */
  start = 0
  end = 0
  /** Why no further record can be found. */
  problem: Problem | undefined
  readonly #input: OctetReader
  #filled = 0
  /** Octets of the file before octets[0]. */
  #passed = 0

  constructor(input: OctetReader) {
    this.#input = input
  }

  /** Finds the next whole record, octets[start..end), in what was read. */
  next(): boolean {
    this.start = this.end
    if (this.problem) return false
    const length = recordOctets(this.view, this.start, this.#filled - this.start)
    if (length === undefined) return false
    if (typeof length !== 'number') {
      const at = this.#passed + this.start
      this.problem = at === 0 ? NOT_MRT : { ...length, message: `at octet ${at}: ${length.message}` }
      return false
    }
    if (this.start + length > this.#filled) return false
    this.end = this.start + length
    return true
  }

  /** Reads more, once `next` finds nothing; false at the end of the file. */
  async fill(): Promise<boolean> {
    this.#makeRoom()
    const octets = await this.#input.read(this.octets.subarray(this.#filled))
    this.#filled += octets
    return octets > 0
  }

  /** What is wrong with a file that ends here. */
  finish(): Problem | undefined {
    const left = this.#filled - this.end
    if (this.problem || left === 0) return this.problem
    return mrtProblem('mrt/truncated', `the last record is cut: ${left} octets of it are there`, '2')
  }

  #makeRoom(): void {
    const kept = this.#filled - this.end
    const wanted = kept < MRT_HEADER_OCTETS ? 0 : MRT_HEADER_OCTETS + this.view.getUint32(this.end + 8)
    if (wanted <= this.octets.length) this.octets.copyWithin(0, this.end, this.#filled)
    else {
      const octets = new Uint8Array(wanted)
      octets.set(this.octets.subarray(this.end, this.#filled))
      this.octets = octets
      this.view = new DataView(octets.buffer)
    }
    this.#passed += this.end
    this.#filled = kept
    this.start = 0
    this.end = 0
  }
}
