// Octets in: files by reads, pipes and sockets by the event loop, so that a silent input never holds the process.
import { fstatSync, readSync } from 'node:fs'
import { Socket } from 'node:net'
import { ProblemError } from '../contract/problem.ts'

export interface OctetInput {
  /** Fills some of `into` and says how much; 0 = the end. One call at a time. */
  read(into: Uint8Array): Promise<number>
  close(): void
  /** A pipe, socket or terminal may fall silent; a file never does. */
  readonly live: boolean
}

/** What one read of a pipe gives at most: the kernel's pipe buffer. */
const PIPE_CHUNK = 65_536

const STANDARD = 'the standard input'

/** Read at once, in this thread: out of the page cache that takes less time than asking another thread for it. */
function fileInput(fd: number, name: string): OctetInput {
  return {
    live: false,
    async read(into) {
      try {
        return readSync(fd, into)
      } catch (error) {
        throw readFailed(name, error as Error)
      }
    },
    close() {},
  }
}

function readFailed(name: string, error: Error): ProblemError {
  return new ProblemError({ code: 'input/unreadable', message: `cannot read ${name}: ${error.message}` })
}

class SocketInput implements OctetInput {
  readonly live = true
  readonly #chunk = Buffer.allocUnsafeSlow(PIPE_CHUNK)
  readonly #socket: Socket
  readonly #name: string
  /** What of the chunk is not taken yet. */
  #from = 0
  #to = 0
  #ended = false
  #error: Error | undefined
  #wake: (() => void) | undefined

  constructor(fd: number, name: string) {
    this.#name = name
    const onread = {
      buffer: this.#chunk,
      callback: (count: number) => {
        this.#from = 0
        this.#to = count
        this.#wake?.()
        return false
      },
    }
    // The types forget that `fd` and `onread` go together.
    this.#socket = new Socket({ fd, readable: true, writable: false, onread } as object)
    this.#socket.on('end', () => this.#end())
    this.#socket.on('close', () => this.#end())
    this.#socket.on('error', error => {
      this.#error = error
      this.#end()
    })
    this.#socket.pause()
  }

  #end(): void {
    this.#ended = true
    this.#wake?.()
  }

  async read(into: Uint8Array): Promise<number> {
    if (this.#from === this.#to && !this.#ended) {
      await new Promise<void>(resolve => {
        this.#wake = resolve
        this.#socket.resume()
      })
      this.#wake = undefined
    }
    const count = Math.min(into.length, this.#to - this.#from)
    if (count === 0 && this.#error) throw readFailed(this.#name, this.#error)
    into.set(this.#chunk.subarray(this.#from, this.#from + count))
    this.#from += count
    return count
  }

  close(): void {
    this.#socket.destroy()
  }
}

/** Standard input, whatever it is. */
export function standardInput(): OctetInput {
  const stat = fstatSync(0)
  return stat.isFIFO() || stat.isSocket() || process.stdin.isTTY ? new SocketInput(0, STANDARD) : fileInput(0, STANDARD)
}

/** An open file; `path` is for the messages. */
export function openInput(fd: number, path: string): OctetInput {
  const name = `"${path}"`
  const stat = fstatSync(fd)
  return stat.isFIFO() || stat.isSocket() ? new SocketInput(fd, name) : fileInput(fd, name)
}
