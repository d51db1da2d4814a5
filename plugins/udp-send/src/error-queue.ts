// What came back of datagrams that were sent: ICMP messages, as the kernel queues them for a socket (ip(7), IP_RECVERR).
import { isLittle, memoryOf, nameOfError, receiveErrors } from './calls.ts'
import {
  CONTROL_AT,
  CONTROL_OCTETS_AT,
  MESSAGE_OCTETS,
  NAME_OCTETS,
  NAME_OCTETS_AT,
  PIECE_COUNT_AT,
  PIECE_OCTETS,
  PIECES_AT,
  putWord,
} from './words.ts'

const MOST = 64
const CONTROL_OCTETS = 128
const PAYLOAD_OCTETS = 16
/** struct cmsghdr, before struct sock_extended_err: errno, then who says so. */
const CONTROL_HEADER_OCTETS = 16
const ORIGIN_AT = CONTROL_HEADER_OCTETS + 4
const ORIGIN_ICMP = 2
const ORIGIN_ICMP6 = 3

/** The name (struct sockaddr) that a datagram was sent to, and the code of why it did not get there. */
export type Returned = (name: Uint8Array, code: string) => void

export class ErrorQueue {
  readonly #fd: number
  readonly #words = new Uint32Array((MOST * MESSAGE_OCTETS) / 4)
  readonly #pieces = new Uint32Array((MOST * PIECE_OCTETS) / 4)
  readonly #names = new Uint8Array(MOST * NAME_OCTETS)
  readonly #controls = new DataView(new ArrayBuffer(MOST * CONTROL_OCTETS))
  readonly #payloads = new Uint8Array(MOST * PAYLOAD_OCTETS)
  readonly #memory: number

  constructor(fd: number) {
    this.#fd = fd
    this.#memory = memoryOf(new Uint8Array(this.#words.buffer))
    const [names, controls] = [memoryOf(this.#names), memoryOf(new Uint8Array(this.#controls.buffer))]
    const [pieces, payloads] = [memoryOf(new Uint8Array(this.#pieces.buffer)), memoryOf(this.#payloads)]
    for (let index = 0; index < MOST; index++) {
      const at = index * MESSAGE_OCTETS
      putWord(this.#words, at, names + index * NAME_OCTETS)
      putWord(this.#words, at + PIECES_AT, pieces + index * PIECE_OCTETS)
      putWord(this.#words, at + PIECE_COUNT_AT, 1)
      putWord(this.#words, at + CONTROL_AT, controls + index * CONTROL_OCTETS)
      putWord(this.#pieces, index * PIECE_OCTETS, payloads + index * PAYLOAD_OCTETS)
      putWord(this.#pieces, index * PIECE_OCTETS + 8, PAYLOAD_OCTETS)
    }
  }

  /** Empties the queue; how many datagrams came back. What the machine itself refused is not among them. */
  read(returned: Returned): number {
    let all = 0
    for (;;) {
      for (let at = 0; at < MOST * MESSAGE_OCTETS; at += MESSAGE_OCTETS) {
        this.#words[(at + NAME_OCTETS_AT) >>> 2] = NAME_OCTETS
        putWord(this.#words, at + CONTROL_OCTETS_AT, CONTROL_OCTETS)
      }
      const count = receiveErrors(this.#fd, this.#memory, MOST)
      for (let index = 0; index < count; index++) {
        const control = index * CONTROL_OCTETS
        const origin = this.#controls.getUint8(control + ORIGIN_AT)
        if (origin !== ORIGIN_ICMP && origin !== ORIGIN_ICMP6) continue
        const at = index * NAME_OCTETS
        const octets = this.#words[(index * MESSAGE_OCTETS + NAME_OCTETS_AT) >>> 2] as number
        const errno = this.#controls.getUint32(control + CONTROL_HEADER_OCTETS, isLittle)
        returned(this.#names.subarray(at, at + octets), nameOfError(errno))
        all++
      }
      if (count < MOST) return all
    }
  }
}
