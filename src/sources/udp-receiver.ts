// Datagrams of the receiving thread, with everything lost on the way counted.
import type { Host, Reading } from '../contract/host.ts'
import { makeRing, RingReader } from './datagram-ring.ts'
import type { Turns } from './turns.ts'
import type { UdpOptions } from './udp-sockets.ts'
import { UdpThreadHandle } from './udp-thread-handle.ts'

export class UdpReceiver {
  readonly reader: RingReader
  readonly #thread: UdpThreadHandle

  /** Throws a ProblemError when a socket cannot be opened. */
  static async open(options: UdpOptions, turns: Turns, host: Host): Promise<UdpReceiver> {
    const receiver = new UdpReceiver(options, turns, host)
    await receiver.#thread.opened()
    receiver.tell()
    return receiver
  }

  private constructor(options: UdpOptions, turns: Turns, host: Host) {
    const ring = makeRing()
    this.reader = new RingReader(ring)
    this.reader.sleep()
    const wake = () => {
      this.reader.wake()
      turns.ring()
    }
    const outlets = { rings: [ring], ports: [], known: new Map() }
    this.#thread = new UdpThreadHandle(options, outlets, host, { wake, end: wake })
  }

  /** The thread is over: nothing more will come. */
  get ended(): boolean {
    return this.#thread.ended
  }

  /** Tells the thread to read what the sockets still have, and to end. */
  drain(): void {
    this.#thread.drain()
  }

  /** While it drains: something is still to come, or to be read. */
  get isPending(): boolean {
    return !this.ended || this.reader.waitingOctets > 0
  }

  /** Counts what came and what was lost since the last call; call it now and then. */
  count(): void {
    this.#thread.count()
  }

  /** Says what was lost; call it from the stream, because under --strict a problem ends that. */
  tell(): void {
    this.#thread.tell()
  }

  *readings(): Iterable<Reading> {
    yield* this.#thread.readings()
    yield { name: 'datagram_octets_waiting', value: this.reader.waitingOctets }
  }

  async close(): Promise<void> {
    await this.#thread.close()
  }
}
