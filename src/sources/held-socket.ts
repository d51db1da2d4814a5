// A session's socket, which waits while what it gave is not read.
import type { Socket } from 'node:net'

const NOTHING = new Uint8Array(0)

export class HeldSocket {
  /** When its last octets came, Unix microseconds. */
  timeUs = 0
  messages = 0
  /** No more octets will come. */
  ended = false
  /** What the socket gave and nobody has taken yet. */
  protected chunk: Uint8Array = NOTHING
  readonly #socket: Socket

  constructor(socket: Socket) {
    this.#socket = socket
  }

  /** Takes what the socket gave, and holds the socket until `resume`. */
  receive(chunk: Uint8Array, timeUs: number): void {
    this.#socket.pause()
    this.chunk = chunk
    this.timeUs = timeUs
  }

  resume(): void {
    this.#socket.resume()
  }

  close(): void {
    this.#socket.destroy()
  }
}
