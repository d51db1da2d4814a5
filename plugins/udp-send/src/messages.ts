// struct mmsghdr and struct iovec of 64-bit Linux, filled for one call of sendmmsg(2).
import {
  MESSAGE_OCTETS,
  NAME_OCTETS,
  NAME_OCTETS_AT,
  PIECE_COUNT_AT,
  PIECE_OCTETS,
  PIECES_AT,
  putWord,
} from './words.ts'

/** UIO_MAXIOV allows 1024. */
const MOST = 512
/** Two pieces: headers, if any, and payload. */
const PIECES = 2
const HEADER_OCTETS = 64
const NO_NAME = new Uint8Array(0)

export class Messages {
  count = 0
  readonly headerOctets = new Uint8Array(MOST * HEADER_OCTETS)
  readonly #messages = new Uint32Array((MOST * MESSAGE_OCTETS) / 4)
  readonly #pieces = new Uint32Array((MOST * PIECES * PIECE_OCTETS) / 4)
  readonly #names = new Uint8Array(MOST * NAME_OCTETS)
  /** The names that stand there: mostly the same as last time. */
  readonly #named: Uint8Array[] = Array.from({ length: MOST }, () => NO_NAME)
  readonly #memory: number
  readonly #headerMemory: number
  readonly #octets = new Int32Array(MOST)
  readonly #tokens = new Int32Array(MOST)
  #headers = 0

  /** `memoryOf` says where octets are in memory. */
  constructor(memoryOf: (octets: Uint8Array) => number) {
    this.#memory = memoryOf(new Uint8Array(this.#messages.buffer))
    this.#headerMemory = memoryOf(this.headerOctets)
    const [names, pieces] = [memoryOf(this.#names), memoryOf(new Uint8Array(this.#pieces.buffer))]
    for (let index = 0; index < MOST; index++) {
      const at = index * MESSAGE_OCTETS
      putWord(this.#messages, at, names + index * NAME_OCTETS)
      putWord(this.#messages, at + PIECES_AT, pieces + index * PIECES * PIECE_OCTETS)
    }
  }

  get isFull(): boolean {
    return this.count === MOST
  }

  /** Room for the headers of the next message in `headerOctets`. */
  headers(octets: number): number {
    this.#headers = octets
    return this.count * HEADER_OCTETS
  }

  /** Adds a message: the headers if there are some, and the payload at an address of memory. `name` stays as it is for ever. */
  add(payload: number, octets: number, name: Uint8Array, token: number): void {
    const index = this.count++
    const message = index * MESSAGE_OCTETS
    const headers = this.#headers
    let piece = index * PIECES * PIECE_OCTETS
    if (headers > 0) {
      putWord(this.#pieces, piece, this.#headerMemory + index * HEADER_OCTETS)
      putWord(this.#pieces, piece + 8, headers)
      piece += PIECE_OCTETS
    }
    putWord(this.#pieces, piece, payload)
    putWord(this.#pieces, piece + 8, octets)
    putWord(this.#messages, message + PIECE_COUNT_AT, headers > 0 ? 2 : 1)
    if (this.#named[index] !== name) {
      this.#named[index] = name
      this.#names.set(name, index * NAME_OCTETS)
      this.#messages[(message + NAME_OCTETS_AT) >>> 2] = name.length
    }
    this.#octets[index] = octets
    this.#tokens[index] = token
    this.#headers = 0
  }

  /** Where message `index` is in memory. */
  memory(index: number): number {
    return this.#memory + index * MESSAGE_OCTETS
  }

  octets(index: number): number {
    return this.#octets[index] as number
  }

  token(index: number): number {
    return this.#tokens[index] as number
  }

  clear(): void {
    this.count = 0
  }
}
