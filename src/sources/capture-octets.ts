// The octets of a capture: a file, a pipe or standard input, uncompressed on the way where they are gz or zst.
import { close, constants, fstatSync, openSync, read } from 'node:fs'
import { stat } from 'node:fs/promises'
import { Socket } from 'node:net'
import type { Readable } from 'node:stream'
import { isatty } from 'node:tty'
import { promisify } from 'node:util'
import { type Problem, ProblemError } from '../contract/problem.ts'
import { compressionOf, DecompressingReader } from './capture-decompress.ts'

export interface OctetReader {
  /** Puts the next octets at the start of `target`; gives how many, 0 at the end or when aborted. */
  read(target: Uint8Array): Promise<number>
  /** Known at the end: why that is not where the input should end. */
  readonly problem: Problem | undefined
  close(): Promise<void>
}

const STANDARD_INPUT = '-'
/** Enough to tell a compression by. */
const MAGIC_OCTETS = 4
const HEAD_OCTETS = 64 * 1024

const TERMINAL: Problem = {
  code: 'capture/unreadable',
  message: 'cannot be read: it is a terminal',
  hint: 'tcpdump -w - | netally ... --pcap -',
}

const readOctets = promisify(read)
const closeDescriptor = promisify(close)

/** A regular file: octets go straight to where they are wanted. */
class FileReader implements OctetReader {
  readonly problem = undefined
  readonly #descriptor: number
  readonly #signal: AbortSignal

  constructor(descriptor: number, signal: AbortSignal) {
    this.#descriptor = descriptor
    this.#signal = signal
  }

  async read(target: Uint8Array): Promise<number> {
    if (this.#signal.aborted) return 0
    const { bytesRead } = await readOctets(this.#descriptor, target, 0, target.length, null)
    return bytesRead
  }

  async close(): Promise<void> {
    if (this.#descriptor > 0) await closeDescriptor(this.#descriptor)
  }
}

/** A pipe: what is there is given at once. */
class StreamReader implements OctetReader {
  readonly problem = undefined
  readonly #stream: Readable
  readonly #chunks: AsyncIterator<Uint8Array>
  readonly #signal: AbortSignal
  readonly #abort = () => this.#stream.destroy()
  #chunk: Uint8Array = new Uint8Array(0)

  constructor(stream: Readable, signal: AbortSignal) {
    this.#stream = stream
    this.#chunks = stream[Symbol.asyncIterator]()
    this.#signal = signal
    signal.addEventListener('abort', this.#abort)
  }

  async read(target: Uint8Array): Promise<number> {
    if (this.#chunk.length === 0) this.#chunk = await this.#next()
    const part = this.#chunk.subarray(0, target.length)
    target.set(part)
    this.#chunk = this.#chunk.subarray(part.length)
    return part.length
  }

  async #next(): Promise<Uint8Array> {
    if (this.#signal.aborted) return new Uint8Array(0)
    try {
      const { done, value } = await this.#chunks.next()
      return done ? new Uint8Array(0) : value
    } catch (error) {
      if (this.#signal.aborted) return new Uint8Array(0)
      throw error
    }
  }

  async close(): Promise<void> {
    this.#signal.removeEventListener('abort', this.#abort)
    this.#stream.destroy()
  }
}

/** Gives again what was read to look at, then the rest. */
class HeadedReader implements OctetReader {
  readonly problem = undefined
  readonly #rest: OctetReader
  #head: Uint8Array

  constructor(head: Uint8Array, rest: OctetReader) {
    this.#head = head
    this.#rest = rest
  }

  async read(target: Uint8Array): Promise<number> {
    if (this.#head.length === 0) return this.#rest.read(target)
    const part = this.#head.subarray(0, target.length)
    target.set(part)
    this.#head = this.#head.subarray(part.length)
    return part.length
  }

  close(): Promise<void> {
    return this.#rest.close()
  }
}

/** Opens without waiting for a writer: the socket waits for one, and can be closed meanwhile. */
function openFifo(path: string, signal: AbortSignal): OctetReader {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  return new StreamReader(new Socket({ fd: descriptor, readable: true, writable: false }), signal)
}

async function openRaw(path: string, signal: AbortSignal): Promise<OctetReader> {
  if (path === STANDARD_INPUT) {
    if (isatty(0)) throw new ProblemError(TERMINAL)
    return fstatSync(0).isFile() ? new FileReader(0, signal) : new StreamReader(process.stdin, signal)
  }
  if ((await stat(path)).isFIFO()) return openFifo(path, signal)
  return new FileReader(openSync(path, constants.O_RDONLY), signal)
}

/** What a program of ours writes. */
export const streamOctets = (stream: Readable, signal: AbortSignal): OctetReader => new StreamReader(stream, signal)

/** Opens a capture ('-' is standard input). Throws what the system or the compression says. */
export async function openOctets(path: string, signal: AbortSignal): Promise<OctetReader> {
  const raw = await openRaw(path, signal)
  try {
    const head = new Uint8Array(HEAD_OCTETS)
    let length = 0
    while (length < MAGIC_OCTETS) {
      const octets = await raw.read(head.subarray(length))
      if (octets === 0) break
      length += octets
    }
    const rest = new HeadedReader(head.subarray(0, length), raw)
    const compression = compressionOf(head.subarray(0, length))
    return compression ? new DecompressingReader(rest, compression) : rest
  } catch (error) {
    await raw.close()
    throw error
  }
}

/** `ENOENT: no such file or directory` of a system error; undefined for any other. */
export function systemReason(error: unknown): string | undefined {
  if (!(error instanceof Error) || error instanceof ProblemError || !('syscall' in error)) return undefined
  return error.message.split(', ')[0]
}
