// UDP datagrams from IP fragments (RFC 791 section 3.2, RFC 8200 section 4.5). Overlaps are tolerated: the later octets win.
import type { IpPacket } from './ip.ts'
import type { Witness } from './parser.ts'
import { addRange } from './ranges.ts'

export const MAX_DATAGRAMS_IN_REASSEMBLY = 1024
/** Capture time after the first fragment seen. */
export const REASSEMBLY_TIMEOUT_US = 30e6
export const MAX_DATAGRAM_OCTETS = 65_535
/** More gaps than this are no network's doing. */
const MAX_RANGES = 256
const FIRST_OCTETS = 4096

/** What is known of a datagram of which fragments have come. */
interface Partial {
  octets: Uint8Array
  ranges: readonly number[]
  /** Octets of the whole, once its last fragment came; else 0. */
  total: number
  /** Protocol that the fragment at 0 names; -1 before it came. */
  protocol: number
  readonly sinceUs: number
}

export interface Whole {
  readonly octets: Uint8Array
  /** IANA protocol number of what the octets start with. */
  readonly protocol: number
}

export class Reassembly {
  readonly #partials = new Map<string, Partial>()
  readonly #witness: Witness

  constructor(witness: Witness) {
    this.#witness = witness
  }

  /** Takes a fragment in `octets`; gives the whole with its last missing piece. */
  add(octets: Uint8Array, packet: IpPacket, timeUs: number): Whole | undefined {
    this.#witness.count('capture/fragments')
    const { fragmentOffset: offset, start, end } = packet
    if (end === start || offset + end - start > MAX_DATAGRAM_OCTETS) {
      this.#witness.count('capture/malformed')
      return undefined
    }
    this.#expire(timeUs)
    const key = keyOf(octets, packet)
    const partial = this.#partials.get(key) ?? this.#open(key, timeUs)
    put(partial, octets.subarray(start, end), offset)
    if (offset === 0) partial.protocol = packet.protocol
    if (!packet.moreFragments && !packet.cut) partial.total = offset + end - start
    if (partial.ranges.length > 2 * MAX_RANGES) this.#drop(key, 'capture/reassembly-evicted')
    if (!isWhole(partial)) return undefined
    this.#partials.delete(key)
    return { octets: partial.octets.subarray(0, partial.total), protocol: partial.protocol }
  }

  /** Counts what never became whole. */
  finish(): void {
    if (this.#partials.size > 0) this.#witness.count('capture/reassembly-incomplete', this.#partials.size)
    this.#partials.clear()
  }

  #open(key: string, timeUs: number): Partial {
    if (this.#partials.size >= MAX_DATAGRAMS_IN_REASSEMBLY) {
      for (const oldest of this.#partials.keys()) {
        this.#drop(oldest, 'capture/reassembly-evicted')
        break
      }
    }
    const partial = { octets: new Uint8Array(FIRST_OCTETS), ranges: [], total: 0, protocol: -1, sinceUs: timeUs }
    this.#partials.set(key, partial)
    return partial
  }

  #expire(nowUs: number): void {
    for (const [key, partial] of this.#partials) {
      if (nowUs - partial.sinceUs <= REASSEMBLY_TIMEOUT_US) return
      this.#drop(key, 'capture/reassembly-expired')
    }
  }

  #drop(key: string, counter: string): void {
    this.#partials.delete(key)
    this.#witness.count(counter)
  }
}

/** IPv4 tells datagrams apart by addresses, protocol and identification; IPv6 by addresses and identification. */
function keyOf(octets: Uint8Array, packet: IpPacket): string {
  const { source, addressOctets } = packet
  const addresses = String.fromCharCode(...octets.subarray(source, source + 2 * addressOctets))
  return `${packet.family === 4 ? packet.protocol : ''}/${packet.identification}/${addresses}`
}

function put(partial: Partial, piece: Uint8Array, offset: number): void {
  const end = offset + piece.length
  if (end > partial.octets.length) {
    const larger = new Uint8Array(Math.min(MAX_DATAGRAM_OCTETS, Math.max(end, 2 * partial.octets.length)))
    larger.set(partial.octets)
    partial.octets = larger
  }
  partial.octets.set(piece, offset)
  partial.ranges = addRange(partial.ranges, offset, end)
}

function isWhole({ ranges, total, protocol }: Partial): boolean {
  return total > 0 && protocol >= 0 && ranges[0] === 0 && ranges[1]! >= total
}
