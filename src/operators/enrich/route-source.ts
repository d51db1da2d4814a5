// One stream of BGP or BMP records beside the flows, and the table that is kept from it.
//
// Flows of a capture see the table as it was at their time: records are taken up to the time of the flow that is looked
// up (the horizon) and wait there. Live, records are taken as they come.
import type { Batch, Stream } from '../../contract/record.ts'
import { RouteIndex } from '../../lookup/route-index.ts'
import { Rib } from '../../wire/rib/rib.ts'

export type WaitFor = 'eor' | 'dump' | 'end'

export class RouteSource {
  readonly name: string
  readonly rib: Rib
  readonly index: RouteIndex
  readonly #stream: Stream
  #iterator: AsyncIterator<Batch> | undefined
  #horizonMs = 0
  /** Time of the first record that is not taken yet, as far as it is known; flows before it need not wait. */
  #nextMs = 0
  #hasEnded = false
  #failure: unknown
  /** Wakes the reading when the horizon moves, and the flows when the reading has come to it. */
  #onHorizon: (() => void) | undefined
  #onProgress: (() => void)[] = []
  /** Time of the first dump: it is taken whole before the first flow. */
  #firstDumpMs = 0
  #waitingFor: WaitFor | undefined
  /** Something came after the last dump that ended. */
  #pastDump = false

  constructor(name: string, stream: Stream, count: (name: string, by?: number) => void) {
    this.name = name
    this.#stream = stream
    this.rib = new Rib(count)
    this.index = new RouteIndex(this.rib.table.prefixes)
  }

  start(): void {
    this.#iterator = this.#stream[Symbol.asyncIterator]()
    void this.#read(this.#iterator)
  }

  /** Flows before this time have all they need, Unix ms. */
  get nextMs(): number {
    if (this.#failure) throw this.#failure
    return this.#nextMs
  }

  /** Takes what is not later than `timeMs`; resolves when all of that is in the table. */
  async advance(timeMs: number): Promise<void> {
    if (timeMs > this.#horizonMs) {
      this.#horizonMs = timeMs
      this.#onHorizon?.()
    }
    while (this.nextMs <= timeMs && !this.#hasEnded) await this.#progress()
  }

  /** From now on records are taken as they come, and no flow waits for them. */
  release(): void {
    if (this.#horizonMs === Number.POSITIVE_INFINITY) return
    this.#horizonMs = Number.POSITIVE_INFINITY
    this.#nextMs = Number.POSITIVE_INFINITY
    this.#onHorizon?.()
  }

  /** Takes records, whatever their time, until the table is complete; resolves then. */
  async complete(what: WaitFor): Promise<void> {
    this.#waitingFor = what
    this.#onHorizon?.()
    while (!this.isComplete(what)) await this.#progress()
  }

  isComplete(what: WaitFor): boolean {
    if (this.#failure) throw this.#failure
    if (this.#hasEnded) return true
    const sessions = [...this.rib.peers.sessions.values()]
    if (what === 'eor') {
      const peers = sessions.flatMap(session => [...session.peers])
      return peers.length > 0 && peers.every(peer => peer.isComplete)
    }
    const isDumped = sessions.some(one => one.dumpsEnded > 0) && sessions.every(one => one.dumpsEnded >= one.dumpsBegun)
    return what === 'dump' && isDumped && this.#pastDump
  }

  close(): void {
    // A silent input does not answer before it says something: nobody waits for that.
    void this.#iterator?.return?.()?.catch(() => {})
  }

  #progress(): Promise<void> {
    return new Promise(resolve => this.#onProgress.push(resolve))
  }

  #tell(): void {
    const waiting = this.#onProgress
    this.#onProgress = []
    for (const resolve of waiting) resolve()
  }

  async #read(iterator: AsyncIterator<Batch>): Promise<void> {
    try {
      for (let next = await iterator.next(); !next.done; next = await iterator.next()) await this.#take(next.value)
    } catch (error) {
      this.#failure = error
    }
    this.#hasEnded = true
    this.#nextMs = Number.POSITIVE_INFINITY
    this.#tell()
  }

  async #take(batch: Batch): Promise<void> {
    if (batch.count === 0) {
      this.#pastDump = true
      if (this.#horizonMs < Number.POSITIVE_INFINITY) this.#nextMs = Math.max(this.#nextMs, batch.now)
      this.#tell()
      return
    }
    this.rib.begin(batch)
    while (!this.rib.advance((timeMs, isDump) => this.#isDue(timeMs, isDump))) {
      this.#tell()
      await new Promise<void>(resolve => {
        this.#onHorizon = resolve
      })
      this.#onHorizon = undefined
    }
    this.#tell()
  }

  #isDue(timeMs: number, isDump: boolean): boolean {
    if (isDump && (this.#firstDumpMs === 0 || this.#firstDumpMs === timeMs)) {
      this.#firstDumpMs = timeMs
      return false
    }
    this.#pastDump = true
    if (this.#waitingFor) {
      if (!this.isComplete(this.#waitingFor)) return false
      this.#waitingFor = undefined
      this.#horizonMs = Math.max(this.#horizonMs, this.rib.clockMs)
    }
    if (timeMs <= this.#horizonMs) return false
    this.#nextMs = timeMs
    return true
  }
}
