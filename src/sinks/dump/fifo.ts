// FIFOs: opened only when a reader is there, without holding the process; a reader that leaves is waited for again.
import { constants, openSync, statSync } from 'node:fs'
import { Socket } from 'node:net'
import type { Host } from '../../contract/host.ts'
import { ReaderLeft } from '../../stream/output.ts'
import { errorCode, writeFailed } from './failure.ts'
import type { Target } from './target.ts'

/** How often a FIFO without a reader is tried again. */
const RETRY_MS = 100

export function isFifo(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFIFO() ?? false
}

const later = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))

export class FifoTarget implements Target {
  readonly fresh = true
  readonly #path: string
  readonly #host: Host
  #socket: Socket | undefined
  #reported = false

  constructor(path: string, host: Host) {
    this.#path = path
    this.#host = host
  }

  /** The octets are whole lines; a reader that comes after one that left gets the interrupted lines from their start. */
  async write(octets: Uint8Array): Promise<void> {
    while (octets.length > 0) {
      this.#socket ??= await this.#open()
      const error = await this.#writeOnce(this.#socket, octets)
      if (!error) return
      this.#socket.destroy()
      this.#socket = undefined
      if (errorCode(error) !== 'EPIPE') throw writeFailed(this.#path, error)
      this.#host.count('fifo_readers_left')
    }
  }

  #writeOnce(socket: Socket, octets: Uint8Array): Promise<Error | null | undefined> {
    return new Promise(resolve => {
      socket.write(octets, error => resolve(error))
    })
  }

  async #open(): Promise<Socket> {
    for (;;) {
      const fd = this.#tryOpen()
      if (fd !== undefined) {
        const socket = new Socket({ fd, readable: false, writable: true })
        // The callback of the write that fails has the error.
        socket.on('error', () => {})
        return socket
      }
      if (!this.#reported) this.#waiting()
      if (this.#host.signal.aborted) throw new ReaderLeft()
      await later(RETRY_MS)
    }
  }

  /** Undefined while nobody reads (ENXIO, see fifo(7)). */
  #tryOpen(): number | undefined {
    try {
      return openSync(this.#path, constants.O_WRONLY | constants.O_NONBLOCK)
    } catch (error) {
      if (errorCode(error) === 'ENXIO') return undefined
      throw writeFailed(this.#path, error)
    }
  }

  #waiting(): void {
    this.#reported = true
    this.#host.report({
      note: true,
      code: 'dump/fifo-waits',
      message: `"${this.#path}" has no reader yet; records wait`,
    })
  }

  suspend(): void {}

  finish(): void {
    this.#socket?.end()
    this.#socket = undefined
  }
}
