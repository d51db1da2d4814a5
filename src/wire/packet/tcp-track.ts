// What sequence numbers say of a TCP connection: its first round trip, segments sent again, segments out of order.
import type { Frame } from './frame.ts'
import type { Headers } from './headers.ts'

const FIN = 1
const SYN = 2
const ACK = 16
/** Holes of one direction that are remembered; a sender has few. */
const HOLES = 16
/** A hole that is filled sooner was reordering, later a loss: as Wireshark has it, where the round trip is not known. */
const REORDERED_US = 3000

interface Hole {
  from: number
  readonly to: number
  readonly sinceUs: number
}

class Way {
  /** The next number that is new; -1 = nothing seen. */
  next = -1
  readonly holes: Hole[] = []
}

/** Of numbers that go round at 2^32. */
const behind = (number: number, other: number): boolean => ((number - other) | 0) < 0

export class TcpTrack {
  retransmitted = 0
  outOfOrder = 0
  /** From SYN to the ACK of its answer, microseconds. */
  roundTripUs = Number.NaN
  readonly #ways = [new Way(), new Way()]
  #synUs = Number.NaN
  #answered = false

  see(frame: Frame, headers: Headers, isReverse: boolean): void {
    const { view, packet, timeUs } = frame
    const at = headers.transportAt
    if (at < 0 || at + 14 > packet.end || Number.isNaN(headers.tcpFlags)) return
    const flags = headers.tcpFlags
    this.#handshake(flags, isReverse, timeUs)
    const header = packet.at - headers.ipAt
    const payload = headers.ipOctets > header ? headers.ipOctets - header : 0
    const octets = payload + ((flags & (SYN | FIN)) !== 0 ? 1 : 0)
    if (octets > 0) this.#segment(this.#ways[isReverse ? 1 : 0] as Way, view.getUint32(at + 4), octets, timeUs)
  }

  #handshake(flags: number, isReverse: boolean, timeUs: number): void {
    if (!Number.isNaN(this.roundTripUs)) return
    const kind = flags & (SYN | ACK)
    if (kind === SYN && !isReverse) this.#synUs = timeUs
    else if (kind === (SYN | ACK) && isReverse) this.#answered = true
    else if (kind === ACK && !isReverse && this.#answered) this.roundTripUs = timeUs - this.#synUs
  }

  #segment(way: Way, sequence: number, octets: number, timeUs: number): void {
    const end = (sequence + octets) >>> 0
    if (way.next < 0 || !behind(sequence, way.next)) {
      if (way.next >= 0 && sequence !== way.next && way.holes.length < HOLES) {
        way.holes.push({ from: way.next, to: sequence, sinceUs: timeUs })
      }
      way.next = end
      return
    }
    const index = way.holes.findIndex(({ from, to }) => behind(sequence, to) && behind(from, end))
    const hole = way.holes[index]
    const soonUs = this.roundTripUs > 0 ? this.roundTripUs : REORDERED_US
    if (hole && timeUs - hole.sinceUs < soonUs) this.outOfOrder++
    else this.retransmitted++
    if (hole) {
      hole.from = end
      if (!behind(hole.from, hole.to)) way.holes.splice(index, 1)
    }
    if (behind(way.next, end)) way.next = end
  }
}
