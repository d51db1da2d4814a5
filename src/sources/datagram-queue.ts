// Datagrams between the sockets and the reader: two stretches of octets, one fills while the other is read.
import type { Exporter } from '../wire/flow/options.ts'

/** Together they hold what arrives while the reader is held up. */
const SLAB_OCTETS = 8 * 1024 * 1024
const SLAB_DATAGRAMS = 16_384

export class DatagramSlab {
  readonly octets = new Uint8Array(SLAB_OCTETS)
  readonly view = new DataView(this.octets.buffer)
  count = 0
  /** First octet of datagram i; of the one past the last: where the next goes. */
  readonly start = new Int32Array(SLAB_DATAGRAMS + 1)
  readonly timeUs = new Float64Array(SLAB_DATAGRAMS)
  readonly peer: Exporter[] = []

  /** False when there is no room. */
  add(octets: Uint8Array, peer: Exporter, timeUs: number): boolean {
    const index = this.count
    const at = this.start[index] as number
    const end = at + octets.length
    if (end > SLAB_OCTETS || index === SLAB_DATAGRAMS) return false
    this.octets.set(octets, at)
    this.start[index + 1] = end
    this.timeUs[index] = timeUs
    this.peer[index] = peer
    this.count = index + 1
    return true
  }
}

export class DatagramQueue {
  #filling = new DatagramSlab()
  #reading = new DatagramSlab()

  get count(): number {
    return this.#filling.count
  }

  add(octets: Uint8Array, peer: Exporter, timeUs: number): boolean {
    return this.#filling.add(octets, peer, timeUs)
  }

  /** What came since the last call; valid until the next. */
  take(): DatagramSlab {
    const full = this.#filling
    this.#filling = this.#reading
    this.#filling.count = 0
    this.#reading = full
    return full
  }
}
