// Datagrams taken with one system call for many, where the plugin for that is installed: they go out from where the kernel put them.
import { setTimeout as pause, setImmediate as turn } from 'node:timers/promises'
import type { Host } from '../../contract/host.ts'
import { dotted, ipv6Text } from '../../octets/address.ts'
import type { Exporter } from '../../wire/flow/options.ts'
import { hurry } from '../hurry.ts'
import { KernelDrops } from '../kernel-drops.ts'
import { addressText } from '../listen-address.ts'
import { Turns } from '../turns.ts'
import { droppedByKernel, smallBuffer, socketReadings } from '../udp-reports.ts'
import { DEFAULT_RECEIVE_BUFFER_OCTETS, openAny, type UdpOptions } from '../udp-sockets.ts'
import type { Datagrams, TeeInput } from './input.ts'

/** One socket. After `receive`, datagram `index` is octets[start(index)..start(index) + length(index)). */
export interface BatchReceiver {
  readonly octets: Uint8Array
  readonly port: number
  readonly receiveBufferOctets: number
  /** How many were taken. */
  receive(): number
  start(index: number): number
  length(index: number): number
  portOf(index: number): number
  /** -1: it is IPv6. */
  ipv4Of(index: number): number
  wordOf(index: number, word: number): number
  close(): void
}

interface Waiter {
  /** Resolves when a socket has something, or after so long. */
  wait(ms: number): Promise<void>
}

interface ReceiverOptions {
  readonly family: 4 | 6
  readonly address: string
  readonly port: number
  readonly ipv6Only: boolean
  readonly receiveBufferOctets: number
}

export interface ReceivePlugin {
  readonly UdpReceiver: new (options: ReceiverOptions) => BatchReceiver
  readonly Waiter: new (receivers: readonly BatchReceiver[]) => Waiter
}

/** How soon a signal to end is seen when nothing comes. */
const POLL_MS = 200
/**
 * When the sockets are empty it pauses before it looks again: waking for each datagram costs more than the datagram. In
 * proportion to the smallest receive buffer, which must hold what comes meanwhile: of 4 MiB a third at 100,000 a second.
 */
const LONGEST_PAUSE_MS = 8
const LITTLE_DATAGRAMS = 4
const SHORTEST_PAUSE_MS = 0.1
/** What is no longer is slept on the thread: timers are not as exact. */
const TIMER_MS = 2
const LONGEST_PAUSE_OCTETS = 4 * 1024 * 1024
/** Senders with an object; then all are made again. */
const PEERS = 65_536
const PORTS = 0x1_0000

interface Socket {
  readonly receiver: BatchReceiver
  readonly name: string
  readonly receiveBufferOctets: number
}

class NativeDatagrams implements Datagrams {
  octets: Uint8Array = new Uint8Array(0)
  view: DataView = new DataView(new ArrayBuffer(0))
  start = 0
  end = 0
  timeUs = 0
  peer: Exporter = { address: '', port: 0, family: 4 }
  taken = 0
  takenOctets = 0
  #receiver: BatchReceiver | undefined
  #index = 0
  #count = 0
  /** By address and port in one number; of IPv6 by text. */
  readonly #peers = new Map<number | string, Exporter>()

  get isEmpty(): boolean {
    return this.#index === this.#count
  }

  /** Takes a batch of a socket; how many. */
  receive({ receiver }: Socket, timeUs: number): number {
    this.#index = 0
    this.#count = receiver.receive()
    this.timeUs = timeUs
    if (this.#receiver !== receiver) {
      this.#receiver = receiver
      this.octets = receiver.octets
      this.view = new DataView(receiver.octets.buffer)
    }
    return this.#count
  }

  next(): boolean {
    const receiver = this.#receiver
    if (!receiver || this.#index === this.#count) return false
    const index = this.#index++
    this.start = receiver.start(index)
    const length = receiver.length(index)
    this.end = this.start + length
    this.taken++
    this.takenOctets += length
    const ipv4 = receiver.ipv4Of(index)
    const port = receiver.portOf(index)
    const key = ipv4 >= 0 ? ipv4 * PORTS + port : ipv6Key(receiver, index, port)
    this.peer = this.#peers.get(key) ?? this.#newPeer(key, receiver, index, ipv4, port)
    return true
  }

  #newPeer(key: number | string, receiver: BatchReceiver, index: number, ipv4: number, port: number): Exporter {
    if (this.#peers.size >= PEERS) this.#peers.clear()
    const word = (number: number) => receiver.wordOf(index, number)
    const address = ipv4 >= 0 ? dotted(ipv4) : ipv6Text(word(0), word(1), word(2), word(3))
    const peer: Exporter = { address, port, family: ipv4 >= 0 ? 4 : 6 }
    this.#peers.set(key, peer)
    return peer
  }
}

const ipv6Key = (receiver: BatchReceiver, index: number, port: number): string =>
  `${receiver.wordOf(index, 0)} ${receiver.wordOf(index, 1)} ${receiver.wordOf(index, 2)} ${receiver.wordOf(index, 3)} ${port}`

export class NativeInput implements TeeInput {
  readonly datagrams = new NativeDatagrams()
  ended = false
  readonly #sockets: readonly Socket[]
  readonly #waiter: Waiter
  readonly #host: Host
  readonly #clock = new Turns()
  readonly #kernelDrops = new KernelDrops()
  readonly #longestMs: number
  /** Nobody ever wakes the pause. */
  readonly #sleep = new Int32Array(new SharedArrayBuffer(4))
  #counted = { datagrams: 0, octets: 0 }
  #next = 0
  #sincePause = 0
  #draining = false

  /** Throws a ProblemError when a socket cannot be opened. */
  static async open(options: UdpOptions, plugin: ReceivePlugin, host: Host): Promise<NativeInput> {
    const { listen, ipv6Only, receiveBufferOctets = DEFAULT_RECEIVE_BUFFER_OCTETS } = options
    const sockets: Socket[] = []
    try {
      for (const where of listen) {
        const { port } = where
        const open = (address: string) =>
          openSocket({ family: address.includes(':') ? 6 : 4, address, port, ipv6Only, receiveBufferOctets }, plugin)
        sockets.push(await openAny(where, ipv6Only, open))
      }
    } catch (error) {
      for (const { receiver } of sockets) receiver.close()
      throw error
    }
    const problem = smallBuffer(sockets, receiveBufferOctets)
    if (problem) host.report(problem)
    hurry()
    return new NativeInput(sockets, plugin, host)
  }

  private constructor(sockets: readonly Socket[], { Waiter }: ReceivePlugin, host: Host) {
    this.#host = host
    this.#sockets = sockets
    this.#waiter = new Waiter(sockets.map(({ receiver }) => receiver))
    for (const { name, receiver } of sockets) this.#kernelDrops.watch(name, receiver.port)
    const smallest = Math.min(...sockets.map(({ receiveBufferOctets }) => receiveBufferOctets))
    this.#longestMs = LONGEST_PAUSE_MS * Math.min(1, smallest / LONGEST_PAUSE_OCTETS)
    host.watch(() => socketReadings(this.#kernelDrops, this.#sockets))
  }

  done(): boolean {
    if (!this.datagrams.isEmpty) return true
    for (let tried = 0; tried < this.#sockets.length; tried++) {
      const socket = this.#sockets[this.#next] as Socket
      this.#next = (this.#next + 1) % this.#sockets.length
      const count = this.datagrams.receive(socket, this.#clock.nowUs())
      this.#sincePause += count
      if (count > 0) return true
    }
    if (this.#draining) this.ended = true
    return false
  }

  async wait(): Promise<void> {
    if (this.#draining) return
    const pauseMs = this.#longestMs * Math.min(1, LITTLE_DATAGRAMS / this.#sincePause)
    const isIdle = this.#sincePause === 0
    this.#sincePause = 0
    if (isIdle) await this.#waiter.wait(POLL_MS)
    else if (pauseMs > TIMER_MS) await pause(pauseMs)
    else {
      await turn()
      if (pauseMs >= SHORTEST_PAUSE_MS) Atomics.wait(this.#sleep, 0, 0, pauseMs)
    }
  }

  ring(): void {
    // The wait is short.
  }

  keepUp(): void {
    this.#clock.setClock()
    const { taken, takenOctets } = this.datagrams
    const drops = this.#kernelDrops.read()
    const host = this.#host
    if (taken > this.#counted.datagrams) host.count('datagrams', taken - this.#counted.datagrams)
    if (takenOctets > this.#counted.octets) host.count('datagram-octets', takenOctets - this.#counted.octets)
    this.#counted = { datagrams: taken, octets: takenOctets }
    if (drops === 0) return
    host.count('lost/kernel-drops', drops)
    host.report(droppedByKernel(drops, this.#sockets))
  }

  drain(): void {
    this.#draining = true
  }

  async close(): Promise<void> {
    this.keepUp()
    for (const { receiver } of this.#sockets) receiver.close()
  }
}

function openSocket(options: ReceiverOptions, { UdpReceiver }: ReceivePlugin): Socket {
  const receiver = new UdpReceiver(options)
  const name = `udp ${addressText(options.address, receiver.port)}`
  return { receiver, name, receiveBufferOctets: receiver.receiveBufferOctets }
}
