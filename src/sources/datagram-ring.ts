// Datagrams from the thread that receives to the one that decodes: a ring in shared memory, one writer, one reader.
//
// An entry is 24 octets of header (length, peer, time, number) and the datagram, aligned to 8. Positions count octets and wrap at
// 2^32.
import type { Exporter } from '../wire/flow/options.ts'

/** What waits while the decoder is held up: half a second of 100,000 datagrams a second. A power of two. */
export const RING_OCTETS = 64 * 1024 * 1024
const HEADER_OCTETS = 24
/** Instead of a length: go on at the start of the ring. */
const WRAP = -0x8000_0000
/** Instead of a peer: the entry is a mark, with nothing but a time. */
const MARK = -1

/** Then the event loop has a turn, for signals and sessions. */
const DATAGRAMS_PER_TURN = 512

/** Words of the control block. */
const WRITTEN = 0
const READ = 1
/** 1: the reader sleeps. Who makes it 0 may move an empty ring back to its start, so that memory that is warm is used. */
const ASLEEP = 2
const CONTROL_WORDS = 3

export interface Ring {
  readonly data: SharedArrayBuffer
  readonly control: SharedArrayBuffer
}

/** `octets` is a power of two. */
export function makeRing(octets = RING_OCTETS): Ring {
  return { data: new SharedArrayBuffer(octets), control: new SharedArrayBuffer(4 * CONTROL_WORDS) }
}

const NOTHING = new Uint8Array(0)
const entryOctets = (length: number): number => HEADER_OCTETS + ((length + 7) & ~7)

export class RingWriter {
  readonly #octets: Uint8Array
  readonly #words: Int32Array
  readonly #times: Float64Array
  readonly #control: Int32Array
  #written = 0
  /** The reader must be woken when the turn is over. */
  #wakes = false

  constructor({ data, control }: Ring) {
    this.#octets = new Uint8Array(data)
    this.#words = new Int32Array(data)
    this.#times = new Float64Array(data)
    this.#control = new Int32Array(control)
  }

  /** To be called before the first entry of a turn. */
  begin(): void {
    if (this.#wakes || Atomics.compareExchange(this.#control, ASLEEP, 1, 0) === 0) return
    this.#wakes = true
    if (Atomics.load(this.#control, READ) !== this.#written) return
    this.#written = 0
    Atomics.store(this.#control, READ, 0)
    Atomics.store(this.#control, WRITTEN, 0)
  }

  /** To be called at the end of a turn; true: the reader sleeps and must be sent a message. */
  end(): boolean {
    const wakes = this.#wakes || Atomics.compareExchange(this.#control, ASLEEP, 1, 0) === 1
    this.#wakes = false
    return wakes
  }

  /** False when there is no room. */
  add(octets: Uint8Array, peer: number, timeUs: number, number = 0): boolean {
    return this.#put(octets, octets.length, peer, timeUs, number)
  }

  /** Says that the clock came to this time; what comes next is of then, or later. */
  addMark(timeUs: number): boolean {
    return this.#put(NOTHING, 0, MARK, timeUs, 0)
  }

  /** Says what sender the number `peer` is from here on. */
  addPeer(peer: number, { address, port }: Exporter): boolean {
    const octets = Buffer.from(address, 'latin1')
    return this.#put(octets, -octets.length, peer, port, 0)
  }

  #put(octets: Uint8Array, length: number, peer: number, time: number, number: number): boolean {
    const ring = this.#octets.length
    const room = ring - ((this.#written - Atomics.load(this.#control, READ)) >>> 0)
    const needed = entryOctets(octets.length)
    let at = this.#written & (ring - 1)
    const toEnd = ring - at
    if (needed > toEnd) {
      if (toEnd + needed > room) return false
      this.#words[at >> 2] = WRAP
      this.#written = (this.#written + toEnd) | 0
      at = 0
    } else if (needed > room) return false
    this.#words[at >> 2] = length
    this.#words[(at >> 2) + 1] = peer
    this.#times[(at >> 3) + 1] = time
    this.#times[(at >> 3) + 2] = number
    this.#octets.set(octets, at + HEADER_OCTETS)
    this.#written = (this.#written + needed) | 0
    Atomics.store(this.#control, WRITTEN, this.#written)
    return true
  }
}

export class RingReader {
  readonly octets: Uint8Array
  readonly view: DataView
  /** The datagram that `next` found: octets[start..end). */
  start = 0
  end = 0
  timeUs = 0
  /** Of the datagram, as the writer gave it. */
  number = 0
  /** What `next` found is no datagram but a mark: only its time holds. */
  isMark = false
  /** `datagrams` stopped before the end of what is there. */
  isMore = false
  peer: Exporter = { address: '', port: 0, family: 4 }
  readonly #words: Int32Array
  readonly #times: Float64Array
  readonly #control: Int32Array
  readonly #peers: Exporter[] = []
  #read = 0
  #written = 0
  #asleep = false

  constructor({ data, control }: Ring) {
    this.octets = new Uint8Array(data)
    this.view = new DataView(data)
    this.#words = new Int32Array(data)
    this.#times = new Float64Array(data)
    this.#control = new Int32Array(control)
  }

  /** Octets of entries that wait. */
  get waitingOctets(): number {
    return (Atomics.load(this.#control, WRITTEN) - Atomics.load(this.#control, READ)) >>> 0
  }

  /** Goes to sleep; false when there is something to read after all. Then, or when a message of the writer came, `wake`. */
  sleep(): boolean {
    if (this.#asleep) return true
    this.release()
    this.#asleep = true
    Atomics.store(this.#control, ASLEEP, 1)
    const isEmpty = Atomics.load(this.#control, WRITTEN) === this.#read
    return isEmpty || Atomics.compareExchange(this.#control, ASLEEP, 1, 0) === 0
  }

  wake(): void {
    if (!this.#asleep) return
    this.#asleep = false
    this.#read = Atomics.load(this.#control, READ)
    this.#written = Atomics.load(this.#control, WRITTEN)
  }

  /** False when nothing is there, or the reader sleeps. */
  next(): boolean {
    const ring = this.octets.length
    while (!this.#asleep && (this.#read !== this.#written || this.#look())) {
      const at = this.#read & (ring - 1)
      const length = this.#words[at >> 2] as number
      if (length === WRAP) {
        this.#read = (this.#read + ring - at) | 0
        continue
      }
      const octets = Math.abs(length)
      this.#read = (this.#read + entryOctets(octets)) | 0
      this.start = at + HEADER_OCTETS
      this.end = this.start + octets
      this.timeUs = this.#times[(at >> 3) + 1] as number
      this.number = this.#times[(at >> 3) + 2] as number
      const peer = this.#words[(at >> 2) + 1] as number
      this.isMark = peer === MARK
      if (this.isMark) return true
      if (length >= 0) {
        this.peer = this.#peers[peer] as Exporter
        return true
      }
      this.#peers[peer] = this.#announced(this.timeUs)
    }
    return false
  }

  /** One datagram after another, as many as one turn of the event loop shall have; then it sleeps, or says `isMore`. */
  *datagrams(): Generator<this> {
    this.isMore = true
    for (let count = 0; count < DATAGRAMS_PER_TURN; count++) {
      while (!this.next()) {
        if (this.sleep()) {
          this.isMore = false
          return
        }
        this.wake()
      }
      yield this
    }
    this.release()
  }

  /** Gives the room of what was read back to the writer. */
  release(): void {
    if (!this.#asleep) Atomics.store(this.#control, READ, this.#read)
  }

  #look(): boolean {
    this.#written = Atomics.load(this.#control, WRITTEN)
    return this.#read !== this.#written
  }

  #announced(port: number): Exporter {
    const address = Buffer.from(this.octets.buffer, this.start, this.end - this.start).toString('latin1')
    return { address, port, family: address.includes(':') ? 6 : 4 }
  }
}
