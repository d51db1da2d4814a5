// The receiving thread with one ring, read by who started it.
import type { Host, Reading } from '../contract/host.ts'
import { makeRing, RingReader } from './datagram-ring.ts'
import type { Turns } from './turns.ts'
import type { UdpOptions } from './udp-sockets.ts'
import { UdpThreadHandle } from './udp-thread-handle.ts'

export class UdpReceiver extends UdpThreadHandle {
  readonly reader: RingReader

  /** Throws a ProblemError when a socket cannot be opened. */
  static async open(options: UdpOptions, turns: Turns, host: Host): Promise<UdpReceiver> {
    const receiver = new UdpReceiver(options, turns, host)
    await receiver.opened()
    receiver.tell()
    return receiver
  }

  private constructor(options: UdpOptions, turns: Turns, host: Host) {
    const ring = makeRing()
    const reader = new RingReader(ring)
    reader.sleep()
    const wake = () => {
      reader.wake()
      turns.ring()
    }
    super(options, { rings: [ring], ports: [], known: new Map() }, host, { wake, end: wake })
    this.reader = reader
  }

  /** While it drains: something is still to come, or to be read. */
  get isPending(): boolean {
    return !this.ended || this.reader.waitingOctets > 0
  }

  override *readings(): Iterable<Reading> {
    yield* super.readings()
    yield { name: 'datagram_octets_waiting', value: this.reader.waitingOctets }
  }
}
