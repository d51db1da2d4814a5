// Takes many UDP datagrams with one call (recvmmsg(2)), on Linux. They stay where the kernel put them until the next call.
import { AF_INET, AF_INET6, socketAddress } from 'netally'
import {
  bindTo,
  closeSocket,
  errorName,
  isLittle,
  memoryOf,
  openSocket,
  option,
  pollDescriptors,
  readName,
  receiveMessages,
  setOption,
} from './calls.ts'
import {
  LENGTH_AT,
  MESSAGE_OCTETS,
  NAME_OCTETS,
  NAME_OCTETS_AT,
  PIECE_COUNT_AT,
  PIECE_OCTETS,
  PIECES_AT,
  putWord,
} from './words.ts'

const SOCK_DGRAM = 2
const SOL_SOCKET = 1
const SO_RCVBUF = 8
/** Beyond net.core.rmem_max, for who may (CAP_NET_ADMIN). */
const SO_RCVBUFFORCE = 33
const IPPROTO_IPV6 = 41
const IPV6_V6ONLY = 26
/** socket(7): the kernel reports twice what was asked for. */
const REPORTED_TIMES = 2
const POLL_READABLE = 1
const MOST = 256
/** More than any datagram, and no multiple of a cache's size: the beginnings do not push each other out. */
const SLOT_OCTETS = 65_536 + 1536
const MAPPED_WORD = 0xffff

export interface UdpReceiverOptions {
  readonly family: 4 | 6
  readonly address: string
  /** 0 = any free one. */
  readonly port: number
  readonly ipv6Only: boolean
  readonly receiveBufferOctets: number
}

/** One socket. After `receive`, datagram `index` is octets[start(index)..start(index) + lengths[index]). */
export class UdpReceiver {
  readonly octets = new Uint8Array(MOST * SLOT_OCTETS)
  readonly port: number
  /** What the kernel gave. */
  readonly receiveBufferOctets: number
  readonly fd: number
  readonly #words = new Uint32Array((MOST * MESSAGE_OCTETS) / 4)
  readonly #pieces = new Uint32Array((MOST * PIECE_OCTETS) / 4)
  readonly #names = new Uint8Array(MOST * NAME_OCTETS)
  readonly #nameView = new DataView(this.#names.buffer)
  readonly #memory: number
  readonly #isIpv4: boolean

  /** Throws an error with the code of the call that failed. */
  constructor({ family, address, port, ipv6Only, receiveBufferOctets }: UdpReceiverOptions) {
    this.#isIpv4 = family === 4
    this.fd = openSocket(family === 4 ? AF_INET : AF_INET6, SOCK_DGRAM, 0)
    try {
      if (family === 6) setOption(this.fd, IPPROTO_IPV6, IPV6_V6ONLY, ipv6Only ? 1 : 0)
      setReceiveBuffer(this.fd, receiveBufferOctets)
      bindTo(this.fd, socketAddress(family, { address, port }))
      const name = socketAddress(family, { address, port: 0 })
      readName(this.fd, name)
      this.port = new DataView(name.buffer).getUint16(2)
      this.receiveBufferOctets = Math.floor(option(this.fd, SOL_SOCKET, SO_RCVBUF) / REPORTED_TIMES)
    } catch (error) {
      closeSocket(this.fd)
      throw error
    }
    this.#memory = memoryOf(new Uint8Array(this.#words.buffer))
    this.#lay()
  }

  #lay(): void {
    const [slots, names] = [memoryOf(this.octets), memoryOf(this.#names)]
    const pieces = memoryOf(new Uint8Array(this.#pieces.buffer))
    for (let index = 0; index < MOST; index++) {
      const at = index * MESSAGE_OCTETS
      putWord(this.#words, at, names + index * NAME_OCTETS)
      this.#words[(at + NAME_OCTETS_AT) >>> 2] = NAME_OCTETS
      putWord(this.#words, at + PIECES_AT, pieces + index * PIECE_OCTETS)
      putWord(this.#words, at + PIECE_COUNT_AT, 1)
      putWord(this.#pieces, index * PIECE_OCTETS, slots + index * SLOT_OCTETS)
      putWord(this.#pieces, index * PIECE_OCTETS + 8, SLOT_OCTETS)
    }
  }

  /** Takes what waits, up to some; how many. Throws an error with the code of the call when it failed. */
  receive(): number {
    const count = receiveMessages(this.fd, this.#memory, MOST)
    if (count >= 0) return count
    const code = errorName()
    if (code === 'EAGAIN' || code === 'EINTR') return 0
    throw Object.assign(new Error(`recvmmsg ${code}`), { code, syscall: 'recvmmsg' })
  }

  start(index: number): number {
    return index * SLOT_OCTETS
  }

  length(index: number): number {
    return this.#words[(index * MESSAGE_OCTETS + LENGTH_AT) >>> 2] as number
  }

  portOf(index: number): number {
    return this.#nameView.getUint16(index * NAME_OCTETS + 2)
  }

  /** The sender's IPv4 address as a number, also where the socket takes both; -1: it is IPv6. */
  ipv4Of(index: number): number {
    const at = index * NAME_OCTETS
    const view = this.#nameView
    if (this.#isIpv4) return view.getUint32(at + 4)
    const isMapped =
      view.getUint32(at + 8) === 0 && view.getUint32(at + 12) === 0 && view.getUint32(at + 16) === MAPPED_WORD
    return isMapped ? view.getUint32(at + 20) : -1
  }

  /** A word (0 to 3) of the sender's IPv6 address. */
  wordOf(index: number, word: number): number {
    return this.#nameView.getUint32(index * NAME_OCTETS + 8 + 4 * word)
  }

  close(): void {
    closeSocket(this.fd)
  }
}

function setReceiveBuffer(fd: number, octets: number): void {
  try {
    setOption(fd, SOL_SOCKET, SO_RCVBUFFORCE, octets)
  } catch {
    setOption(fd, SOL_SOCKET, SO_RCVBUF, octets)
  }
}

/** Waits for some receivers at once. */
export class Waiter {
  readonly #descriptors: DataView
  readonly #count: number
  readonly #memory: number

  constructor(receivers: readonly UdpReceiver[]) {
    this.#count = receivers.length
    // Memory outside of the heap that collects garbage: at least 128 octets.
    this.#descriptors = new DataView(new ArrayBuffer(Math.max(128, 8 * receivers.length)))
    for (const [index, { fd }] of receivers.entries()) {
      this.#descriptors.setInt32(8 * index, fd, isLittle)
      this.#descriptors.setInt16(8 * index + 4, POLL_READABLE, isLittle)
    }
    this.#memory = memoryOf(new Uint8Array(this.#descriptors.buffer))
  }

  /** Resolves when one of them has something, or after so long. */
  wait(ms: number): Promise<void> {
    return pollDescriptors(this.#memory, this.#count, ms)
  }
}
