// struct mmsghdr and struct iovec of 64-bit Linux, filled for one call of sendmmsg(2).
import { endianness } from 'node:os'

/** UIO_MAXIOV allows 1024. */
const MOST = 256
/** msghdr (56): name, name length, iovec, how many, control, its length, flags; then the octets sent and padding. */
const MESSAGE_OCTETS = 64
const NAME_OCTETS_AT = 8
const PIECES_AT = 16
const PIECE_COUNT_AT = 24
/** Two pieces: headers, if any, and payload. */
const PIECE_OCTETS = 16
const PIECES = 2
const NAME_OCTETS = 32
const HEADER_OCTETS = 64
const isLittle = endianness() === 'LE'

export class Messages {
  count = 0
  readonly headerOctets = new Uint8Array(MOST * HEADER_OCTETS)
  readonly #messages = new Uint8Array(MOST * MESSAGE_OCTETS)
  readonly #pieces = new Uint8Array(MOST * PIECES * PIECE_OCTETS)
  readonly #names = new Uint8Array(MOST * NAME_OCTETS)
  readonly #view: DataView
  readonly #pieceView: DataView
  readonly #memory: number
  readonly #headerMemory: number
  readonly #octets = new Int32Array(MOST)
  readonly #tokens = new Int32Array(MOST)
  #headers = 0

  /** `memoryOf` says where octets are in memory. */
  constructor(memoryOf: (octets: Uint8Array) => number) {
    this.#view = new DataView(this.#messages.buffer)
    this.#pieceView = new DataView(this.#pieces.buffer)
    this.#memory = memoryOf(this.#messages)
    this.#headerMemory = memoryOf(this.headerOctets)
    const [names, pieces] = [memoryOf(this.#names), memoryOf(this.#pieces)]
    for (let index = 0; index < MOST; index++) {
      const at = index * MESSAGE_OCTETS
      putWord(this.#view, at, names + index * NAME_OCTETS)
      putWord(this.#view, at + PIECES_AT, pieces + index * PIECES * PIECE_OCTETS)
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

  /** Adds a message: the headers if there are some, and the payload at an address of memory. */
  add(payload: number, octets: number, name: Uint8Array, token: number): void {
    const index = this.count++
    const at = index * PIECES * PIECE_OCTETS
    const message = index * MESSAGE_OCTETS
    let piece = at
    if (this.#headers > 0) {
      putWord(this.#pieceView, piece, this.#headerMemory + index * HEADER_OCTETS)
      putWord(this.#pieceView, piece + 8, this.#headers)
      piece += PIECE_OCTETS
    }
    putWord(this.#pieceView, piece, payload)
    putWord(this.#pieceView, piece + 8, octets)
    putWord(this.#view, message + PIECE_COUNT_AT, this.#headers > 0 ? 2 : 1)
    this.#view.setUint32(message + NAME_OCTETS_AT, name.length, isLittle)
    this.#names.set(name, index * NAME_OCTETS)
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

/** A word of 64 bits; addresses and lengths stay below 2^53. */
function putWord(view: DataView, at: number, value: number): void {
  const [low, high] = [value >>> 0, Math.floor(value / 0x1_0000_0000)]
  view.setUint32(at, isLittle ? low : high, isLittle)
  view.setUint32(at + 4, isLittle ? high : low, isLittle)
}
