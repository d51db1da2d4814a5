// bzip2 files by the program bzip2: Node reads gz and zst only.
import type { Readable } from 'node:stream'
import type { Problem } from '../../contract/problem.ts'
import type { OctetReader } from '../capture-octets.ts'

const INPUT_OCTETS = 64 * 1024
/** `BZh`, and the size of its blocks. */
const MAGIC = [0x42, 0x5a, 0x68]

export const isBzip2 = (octets: Uint8Array): boolean => MAGIC.every((octet, index) => octets[index] === octet)

const MISSING: Problem = {
  code: 'mrt/no-bzip2',
  message: 'this is a bzip2 file, and the program bzip2, which reads it, is not installed',
  hint: 'install bzip2, or uncompress the file first',
}

/** The compressed octets of `input`, a part of which was read already, uncompressed. */
export async function bzip2Reader(head: Uint8Array, input: OctetReader): Promise<OctetReader> {
  const { execa } = await import('execa')
  const program = execa('bzip2', ['-dc'], {
    stdin: pieces(head, input),
    buffer: false,
    reject: false,
    stderr: 'ignore',
  })
  const ended = program.then(({ failed, code }) => ({ failed, code }))
  return new ProgramReader(program.stdout, ended, input)
}

async function* pieces(head: Uint8Array, input: OctetReader): AsyncGenerator<Uint8Array> {
  yield head
  for (;;) {
    const piece = new Uint8Array(INPUT_OCTETS)
    const octets = await input.read(piece)
    if (octets === 0) return
    yield piece.subarray(0, octets)
  }
}

interface Ended {
  readonly failed: boolean
  readonly code?: string | undefined
}

class ProgramReader implements OctetReader {
  problem: Problem | undefined
  readonly #output: Readable
  readonly #chunks: AsyncIterator<Uint8Array>
  readonly #ended: PromiseLike<Ended>
  readonly #input: OctetReader
  #chunk: Uint8Array = new Uint8Array(0)

  constructor(output: Readable, ended: PromiseLike<Ended>, input: OctetReader) {
    this.#output = output
    this.#chunks = output[Symbol.asyncIterator]()
    this.#ended = ended
    this.#input = input
  }

  async read(target: Uint8Array): Promise<number> {
    if (this.#chunk.length === 0) this.#chunk = await this.#next()
    const part = this.#chunk.subarray(0, target.length)
    target.set(part)
    this.#chunk = this.#chunk.subarray(part.length)
    return part.length
  }

  async close(): Promise<void> {
    this.#output.destroy()
    await this.#input.close()
  }

  async #next(): Promise<Uint8Array> {
    const { done, value } = await this.#chunks.next()
    if (!done) return value
    const { failed, code } = await this.#ended
    if (code === 'ENOENT') this.problem = MISSING
    else if (failed) this.problem = { code: 'mrt/corrupt', message: 'the bzip2 data are damaged or end too early' }
    return new Uint8Array(0)
  }
}
