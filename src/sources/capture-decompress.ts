// gz and zst by their first octets (RFC 1952, RFC 8878). A file may be several compressed members one after another.
import type { Transform } from 'node:stream'
import * as zlib from 'node:zlib'
import { type Problem, ProblemError } from '../contract/problem.ts'
import { unsupported } from '../wire/capture/problems.ts'
import type { OctetReader } from './capture-octets.ts'

type Member = Transform & { readonly bytesWritten: number }

export interface Compression {
  readonly name: string
  readonly isStart: (octets: Uint8Array) => boolean
  readonly open: () => Member
}

const INPUT_OCTETS = 64 * 1024
const OUTPUT_OCTETS = 128 * 1024
const MAGIC_OCTETS = 4

function openZstd(): Member {
  if (typeof zlib.createZstdDecompress === 'function') return zlib.createZstdDecompress({ chunkSize: OUTPUT_OCTETS })
  throw new ProblemError(
    unsupported('this is a zst file, and reading it takes Node 22.15 or newer', 'zstd -dc FILE | netally ... --pcap -'),
  )
}

const COMPRESSIONS: readonly Compression[] = [
  {
    name: 'gz',
    isStart: octets => octets[0] === 0x1f && octets[1] === 0x8b,
    open: () => zlib.createGunzip({ chunkSize: OUTPUT_OCTETS }),
  },
  {
    name: 'zst',
    // A frame, or a skippable frame such as pzstd puts before each.
    isStart: ([a = 0, b, c, d]) =>
      (a === 0x28 && b === 0xb5 && c === 0x2f && d === 0xfd) ||
      (a >> 4 === 5 && b === 0x2a && c === 0x4d && d === 0x18),
    open: openZstd,
  },
]

export function compressionOf(octets: Uint8Array): Compression | undefined {
  return COMPRESSIONS.find(({ isStart }) => isStart(octets))
}

/** Gives a decompressor one piece after another and tells how much of the last one it took. */
export class DecompressingReader implements OctetReader {
  problem: Problem | undefined
  readonly #input: OctetReader
  readonly #compression: Compression
  #member: Member
  #ended = false
  #failure: NodeJS.ErrnoException | undefined
  /** The piece is not worked off yet. */
  #busy = false
  #inputEnded = false
  /** The last piece given, and how much the member was given before it. */
  #piece: Uint8Array = new Uint8Array(0)
  #givenBefore = 0
  /** Compressed octets read. */
  #position = 0
  #output: Uint8Array = new Uint8Array(0)
  #wake = () => {}

  constructor(input: OctetReader, compression: Compression) {
    this.#input = input
    this.#compression = compression
    this.#member = this.#open()
  }

  async read(target: Uint8Array): Promise<number> {
    if (this.#output.length === 0) this.#output = await this.#next()
    const part = this.#output.subarray(0, target.length)
    target.set(part)
    this.#output = this.#output.subarray(part.length)
    return part.length
  }

  async close(): Promise<void> {
    this.#member.destroy()
    await this.#input.close()
  }

  #open(): Member {
    const member = this.#compression.open()
    member.on('readable', () => this.#wake())
    member.on('end', () => {
      this.#ended = true
      this.#wake()
    })
    member.on('error', error => {
      this.#failure = error
      this.#wake()
    })
    this.#ended = false
    this.#busy = false
    this.#givenBefore = 0
    return member
  }

  /** The next uncompressed octets, none at the end. */
  async #next(): Promise<Uint8Array> {
    while (!this.problem) {
      const output: Uint8Array | null = this.#member.read()
      if (output) return output
      if (this.#failure) this.problem = this.#damage(this.#failure)
      else if (this.#ended) {
        if (!(await this.#nextMember())) break
      } else if (this.#busy || this.#inputEnded) {
        await new Promise<void>(resolve => {
          this.#wake = resolve
        })
      } else {
        this.#givenBefore += this.#piece.length
        this.#give(await this.#readPiece())
      }
    }
    return new Uint8Array(0)
  }

  async #readPiece(): Promise<Uint8Array> {
    const piece = new Uint8Array(INPUT_OCTETS)
    const length = await this.#input.read(piece)
    this.#position += length
    return piece.subarray(0, length)
  }

  #give(piece: Uint8Array): void {
    this.#piece = piece
    if (piece.length === 0) {
      this.#inputEnded = true
      this.#member.end()
      return
    }
    this.#busy = true
    const member = this.#member
    member.write(piece, () => {
      if (member !== this.#member) return
      // What was not taken belongs to the next member: this one is about to end.
      this.#busy = member.bytesWritten < this.#givenBefore + piece.length
      this.#wake()
    })
  }

  /** Goes on behind the member that ended; false when nothing is there, or nothing of the same kind. */
  async #nextMember(): Promise<boolean> {
    let rest = this.#piece.subarray(this.#member.bytesWritten - this.#givenBefore)
    while (rest.length < MAGIC_OCTETS && !this.#inputEnded) {
      const more = await this.#readPiece()
      if (more.length === 0) this.#inputEnded = true
      rest = Buffer.concat([rest, more])
    }
    if (rest.every(octet => octet === 0)) return false
    if (!this.#compression.isStart(rest)) {
      this.problem = this.#corrupt(
        `what follows the compressed data at octet ${this.#position - rest.length} is no ${this.#compression.name}`,
      )
      return false
    }
    this.#inputEnded = false
    this.#member = this.#open()
    this.#give(rest)
    return true
  }

  #damage(failure: NodeJS.ErrnoException): Problem {
    if (failure.code !== 'Z_BUF_ERROR')
      return this.#corrupt(`the ${this.#compression.name} data are damaged: ${failure.message}`)
    return {
      code: 'capture/truncated',
      message: `the ${this.#compression.name} data end too early, after ${this.#position} octets`,
    }
  }

  #corrupt(message: string): Problem {
    return { code: 'capture/corrupt', message, hint: 'what comes after is not read' }
  }
}
