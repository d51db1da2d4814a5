// Datagrams off UDP sockets into a queue, with everything lost on the way counted.
import type { RemoteInfo } from 'node:dgram'
import type { Host, Reading } from '../contract/host.ts'
import { DatagramQueue } from './datagram-queue.ts'
import { KernelDrops } from './kernel-drops.ts'
import { SocketPeers } from './socket-peers.ts'
import type { Turns } from './turns.ts'
import { openUdpSockets, type UdpOptions, type UdpSocket } from './udp-sockets.ts'

/** What libuv reads of a socket in one turn; then more may be waiting. */
const TURN_DATAGRAMS = 32
/**
 * Reading is cheaper than decoding, so under load the kernel's buffer is emptied first; and rows are cheaper by the
 * thousand. Decoding so many takes less than the kernel's buffer lasts.
 */
const GATHERED_DATAGRAMS = 1024

export class UdpReceiver {
  readonly queue = new DatagramQueue()
  readonly #sockets: readonly UdpSocket[]
  readonly #host: Host
  readonly #turns: Turns
  readonly #peers = new SocketPeers()
  readonly #kernelDrops = new KernelDrops()
  #datagrams = 0
  #inTurn = 0
  #octets = 0
  #queueFull = 0
  #untold = { kernelDrops: 0, queueFull: 0 }
  #error: Error | undefined

  /** Throws a ProblemError when a socket cannot be opened. */
  static async open(options: UdpOptions, turns: Turns, host: Host): Promise<UdpReceiver> {
    return new UdpReceiver(await openUdpSockets(options, host), turns, host)
  }

  private constructor(sockets: readonly UdpSocket[], turns: Turns, host: Host) {
    this.#sockets = sockets
    this.#turns = turns
    this.#host = host
    turns.gather = () => {
      const more = this.#inTurn >= TURN_DATAGRAMS && this.queue.count < GATHERED_DATAGRAMS
      this.#inTurn = 0
      return more
    }
    for (const { socket, name, port } of sockets) {
      this.#kernelDrops.watch(name, port)
      socket.on('message', this.#receive)
      socket.on('error', error => {
        this.#error = error
      })
    }
  }

  /** How much may still be in the kernel's buffers. */
  get bufferedOctets(): number {
    return this.#sockets.reduce((sum, { receiveBufferOctets }) => sum + receiveBufferOctets, 0)
  }

  readonly #receive = (octets: Uint8Array, from: RemoteInfo) => {
    this.#datagrams++
    this.#inTurn++
    this.#octets += octets.length
    if (!this.queue.add(octets, this.#peers.get(from.address, from.port), this.#turns.nowUs())) this.#queueFull++
    this.#turns.ring()
  }

  /** Counts what came and what was lost since the last call; call it now and then. */
  count(): void {
    const host = this.#host
    const kernelDrops = this.#kernelDrops.read()
    if (this.#datagrams > 0) host.count('datagrams', this.#datagrams)
    if (this.#octets > 0) host.count('datagram-octets', this.#octets)
    if (this.#queueFull > 0) host.count('lost/queue-full', this.#queueFull)
    if (kernelDrops > 0) host.count('lost/kernel-drops', kernelDrops)
    this.#untold.queueFull += this.#queueFull
    this.#untold.kernelDrops += kernelDrops
    this.#datagrams = 0
    this.#octets = 0
    this.#queueFull = 0
  }

  /** Says what was lost; call it from the stream, because under --strict a problem ends that. */
  tell(): void {
    const { kernelDrops, queueFull } = this.#untold
    this.#untold = { kernelDrops: 0, queueFull: 0 }
    if (kernelDrops > 0) {
      const buffer = Math.min(...this.#sockets.map(({ receiveBufferOctets }) => receiveBufferOctets))
      this.#host.report({
        note: true,
        code: 'udp/kernel-drops',
        message: `${kernelDrops} datagrams did not fit into the kernel's receive buffer of ${buffer} octets`,
        hint: 'raise --receive-buffer and net.core.rmem_max',
      })
    }
    if (queueFull > 0) {
      const message = `${queueFull} datagrams were dropped: what reads the output is too slow`
      this.#host.report({ note: true, code: 'udp/queue-full', message })
    }
    const error = this.#error
    this.#error = undefined
    if (error) this.#host.report({ code: 'udp/receive', message: `a socket reports: ${error.message}` })
  }

  *readings(): Iterable<Reading> {
    for (const { name, drops } of this.#kernelDrops) {
      yield { name: 'socket_kernel_drops', labels: { socket: name }, value: drops }
    }
    for (const { name, receiveBufferOctets } of this.#sockets) {
      yield { name: 'listening', labels: { socket: name }, value: 1 }
      yield { name: 'socket_receive_buffer_octets', labels: { socket: name }, value: receiveBufferOctets }
    }
    yield { name: 'datagrams_waiting', value: this.queue.count }
  }

  close(): void {
    for (const { socket } of this.#sockets) socket.close()
  }
}
