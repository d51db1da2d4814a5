// A file of lines as octets, unpacked where its first octets say gz or zst.
import { closeSync, createReadStream, openSync, readSync } from 'node:fs'
import type { Readable } from 'node:stream'
import * as zlib from 'node:zlib'
import { ProblemError } from '../contract/problem.ts'
import { type OctetInput, openInput } from './input.ts'

const ZSTD_MAGIC = 0x28b52ffd

class UnpackedInput implements OctetInput {
  readonly live = false
  readonly #stream: Readable
  readonly #chunks: AsyncIterator<Buffer>
  readonly #path: string
  #rest: Buffer = Buffer.alloc(0)

  constructor(path: string, unpack: zlib.Gunzip) {
    this.#path = path
    const file = createReadStream(path)
    file.on('error', error => unpack.destroy(error))
    this.#stream = file.pipe(unpack)
    this.#chunks = this.#stream[Symbol.asyncIterator]()
  }

  async read(into: Uint8Array): Promise<number> {
    if (this.#rest.length === 0) this.#rest = await this.#next()
    const part = this.#rest.subarray(0, into.length)
    into.set(part)
    this.#rest = this.#rest.subarray(part.length)
    return part.length
  }

  async #next(): Promise<Buffer> {
    try {
      const { value, done } = await this.#chunks.next()
      return done ? Buffer.alloc(0) : value
    } catch (error) {
      throw unreadable(this.#path, error)
    }
  }

  close(): void {
    this.#stream.destroy()
  }
}

function unreadable(path: string, error: unknown): ProblemError {
  const reason = error instanceof Error ? error.message : String(error)
  return new ProblemError({ code: 'input/unreadable', message: `cannot read "${path}": ${reason}` })
}

/** Opens a file, FIFO or device; throws a ProblemError. */
export function openFile(path: string): OctetInput {
  let fd: number
  const magic = Buffer.alloc(4)
  try {
    fd = openSync(path, 'r')
    // Only a file can be read from its beginning again.
    if (!readAt(fd, magic)) return openInput(fd, path)
  } catch (error) {
    throw unreadable(path, error)
  }
  const isGzip = magic[0] === 0x1f && magic[1] === 0x8b
  const isZstd = magic.readUInt32BE() === ZSTD_MAGIC
  if (!isGzip && !isZstd) return openInput(fd, path)
  closeSync(fd)
  return new UnpackedInput(path, isGzip ? zlib.createGunzip() : zlib.createZstdDecompress())
}

/** False where reading at a position is not possible (FIFO, socket). */
function readAt(fd: number, into: Buffer): boolean {
  try {
    readSync(fd, into, 0, into.length, 0)
    return true
  } catch {
    return false
  }
}
