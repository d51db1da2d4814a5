// Sends many UDP datagrams with one call (sendmmsg(2)), on Linux: from a socket of its own, or, with a raw socket, from
// the address of whoever sent them first.
import { isIPv4 } from 'node:net'
import { AF_INET, AF_INET6, type SocketEndpoint, socketAddress } from 'netally'
import { bindTo, closeSocket, errorName, memoryOf, openSocket, readName, sendMessages, setOption } from './calls.ts'
import { ErrorQueue, type Returned } from './error-queue.ts'
import { HeaderTemplate, MOST_PAYLOAD_OCTETS, type Source, wordSum } from './headers.ts'
import { Messages } from './messages.ts'

export { UdpReceiver, type UdpReceiverOptions, Waiter } from './receiver.ts'

const SOCK_DGRAM = 2
const SOCK_RAW = 3
const IPPROTO_RAW = 255
const SOL_SOCKET = 1
const SO_SNDBUF = 7
const SO_RCVBUF = 8
/** Datagrams that come back wait there: some five thousand. */
const RETURNED_OCTETS = 4 << 20
const IPPROTO_IP = 0
const IP_TOS = 1
const IP_RECVERR = 11
const IPPROTO_IPV6 = 41
const IPV6_RECVERR = 25
const IPV6_TCLASS = 67
/** Header templates that are kept; then all are made again. */
const TEMPLATES = 16_384
/** A datagram that meets the error of one before it is sent again; with more errors in its way it is given up. */
const ATTEMPTS = 16

export interface UdpSenderOptions {
  readonly family: 4 | 6
  /** Datagrams keep the address and port that `send` is given; needs CAP_NET_RAW. */
  readonly transparent: boolean
  readonly address: string | undefined
  /** 0 = any. */
  readonly port: number
  readonly sendBufferOctets: number
  /** TOS octet or traffic class; undefined = the system's. */
  readonly tos: number | undefined
}

/** What becomes of a datagram: `sent`, or the name of an error as `EMSGSIZE`. */
export type Outcome = (token: number, octets: number, error: string | undefined) => void

/** One socket. What `send` is given must stay as it is until `flush` returns. */
export class UdpSender {
  /** The port that it sends from; 0 when transparent. */
  readonly port: number
  readonly #fd: number
  readonly #options: UdpSenderOptions
  readonly #messages: Messages
  readonly #errors: ErrorQueue
  readonly #returned: Returned
  readonly #memories = new WeakMap<ArrayBufferLike, number>()
  readonly #templates = new Map<string, HeaderTemplate>()
  readonly #outcome: Outcome
  /** Memory that messages point to, kept until they are sent. */
  #held: ArrayBufferLike[] = []
  #summed: Uint8Array | undefined
  #summedAt = -1
  #sum = 0

  /** `returned` is told of datagrams that came back by ICMP. Throws an error with the code of the call that failed. */
  constructor(options: UdpSenderOptions, outcome: Outcome, returned: Returned) {
    this.#options = options
    this.#outcome = outcome
    this.#returned = returned
    const domain = options.family === 4 ? AF_INET : AF_INET6
    this.#fd = options.transparent ? openSocket(domain, SOCK_RAW, IPPROTO_RAW) : openSocket(domain, SOCK_DGRAM, 0)
    try {
      setOption(this.#fd, SOL_SOCKET, SO_SNDBUF, options.sendBufferOctets)
      setOption(this.#fd, SOL_SOCKET, SO_RCVBUF, RETURNED_OCTETS)
      if (options.tos !== undefined) this.#setTos(options.tos)
      if (options.family === 4) setOption(this.#fd, IPPROTO_IP, IP_RECVERR, 1)
      else setOption(this.#fd, IPPROTO_IPV6, IPV6_RECVERR, 1)
      this.port = options.transparent ? 0 : this.#bind()
      this.#errors = new ErrorQueue(this.#fd)
      this.#messages = new Messages(memoryOf)
    } catch (error) {
      closeSocket(this.#fd)
      throw error
    }
  }

  #setTos(tos: number): void {
    if (this.#options.family === 4) setOption(this.#fd, IPPROTO_IP, IP_TOS, tos)
    else setOption(this.#fd, IPPROTO_IPV6, IPV6_TCLASS, tos)
  }

  #bind(): number {
    const { family, address, port } = this.#options
    bindTo(this.#fd, socketAddress(family, { address: address ?? (family === 4 ? '0.0.0.0' : '::'), port }))
    const name = socketAddress(family, { address: family === 4 ? '0.0.0.0' : '::', port: 0 })
    readName(this.#fd, name)
    return new DataView(name.buffer).getUint16(2)
  }

  /** The name of a destination, for `send`. A raw socket of IPv6 has no port. */
  target(to: SocketEndpoint): Uint8Array {
    const port = this.#options.transparent ? 0 : to.port
    return socketAddress(this.#options.family, { address: to.address, port })
  }

  /** Puts octets[start..end) into the next call. `token` comes back in the outcome. */
  send(
    octets: Uint8Array,
    start: number,
    end: number,
    name: Uint8Array,
    to: SocketEndpoint,
    from: Source,
    token: number,
  ) {
    const messages = this.#messages
    if (messages.isFull) this.flush()
    if (!this.#options.transparent) messages.add(this.#memory(octets) + start, end - start, name, token)
    else if (isIPv4(from.address) !== (this.#options.family === 4)) this.#outcome(token, 0, 'EAFNOSUPPORT')
    else if (end - start > MOST_PAYLOAD_OCTETS) this.#outcome(token, 0, 'EMSGSIZE')
    else {
      const template = this.#template(from, to)
      const at = messages.headers(template.octets.length)
      template.write(end - start, this.#wordSum(octets, start, end), messages.headerOctets, at)
      messages.add(this.#memory(octets) + start, end - start, name, token)
    }
  }

  #template(from: Source, to: SocketEndpoint): HeaderTemplate {
    const key = `${from.address} ${from.port} ${to.address} ${to.port}`
    let template = this.#templates.get(key)
    if (!template) {
      if (this.#templates.size >= TEMPLATES) this.#templates.clear()
      template = new HeaderTemplate(from, to)
      this.#templates.set(key, template)
    }
    return template
  }

  /** The same datagram goes to several receivers one after the other. */
  #wordSum(octets: Uint8Array, start: number, end: number): number {
    if (this.#summed !== octets || this.#summedAt !== start) {
      this.#sum = wordSum(octets, start, end)
      this.#summed = octets
      this.#summedAt = start
    }
    return this.#sum
  }

  #memory(octets: Uint8Array): number {
    const { buffer } = octets
    if (this.#held.at(-1) !== buffer) this.#held.push(buffer)
    let memory = this.#memories.get(buffer)
    if (memory === undefined) {
      memory = memoryOf(octets) - octets.byteOffset
      this.#memories.set(buffer, memory)
    }
    return memory + octets.byteOffset
  }

  /** Sends all. A datagram that cannot be sent is told and left out. */
  flush(): void {
    const messages = this.#messages
    this.#summed = undefined
    let [first, attempts] = [0, 0]
    while (first < messages.count) {
      const sent = sendMessages(this.#fd, messages.memory(first), messages.count - first)
      const error = sent < 0 ? errorName() : undefined
      if (error !== undefined && this.#isTriedAgain(attempts++)) continue
      const next = first + Math.max(sent, 1)
      for (; first < next; first++) this.#outcome(messages.token(first), messages.octets(first), error)
      attempts = 0
    }
    messages.clear()
    this.#held = []
  }

  /** The error may be of a datagram before this one: once is not enough to tell. */
  #isTriedAgain(attempts: number): boolean {
    return attempts < (this.readReturned() > 0 ? ATTEMPTS : 1)
  }

  /** Tells of the datagrams that came back since the last call; how many. The error that the kernel keeps of them is no longer there. */
  readReturned(): number {
    return this.#errors.read(this.#returned)
  }

  close(): void {
    this.flush()
    this.readReturned()
    closeSocket(this.#fd)
  }
}
