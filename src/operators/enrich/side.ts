// A stream beside the flows, and the table that is kept from it.
//
// Flows of a capture see the table as it was at their time: records are taken up to the time of the flow that is looked
// up (the horizon) and wait there. Live, records are taken as they come.
import type { Batch, NetRecord, Stream } from '../../contract/record.ts'

/** What a table must have to be complete: end-of-RIB of every peer, a whole dump, the end of the stream. */
export type WaitFor = 'eor' | 'dump' | 'end'

/** Keeps something from batches of records. */
export interface SideTable {
  /** Newest time of a record that was taken, Unix ms. */
  readonly clockMs: number
  begin(batch: Batch): void
  /** Takes records up to one at whose time `isDue`; false when there is one, which is then the next. */
  advance(isDue: (timeMs: number, isDump: boolean) => boolean): boolean
  /** Whether what was taken says that this is all; `pastDump`: something else came after a dump. */
  isComplete(what: WaitFor, pastDump: boolean): boolean
}

export class Side {
  readonly table: SideTable
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
  /** Something came after the last dump that ended. */
  #pastDump = false
  #waitingFor: WaitFor | undefined

  constructor(stream: Stream, table: SideTable) {
    this.#stream = stream
    this.table = table
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
    this.#moveHorizon(timeMs)
    while (this.nextMs <= timeMs && !this.#hasEnded) await this.#progress()
  }

  /** From now on records are taken as they come, and no flow waits for them. */
  release(): void {
    this.#nextMs = Number.POSITIVE_INFINITY
    this.#moveHorizon(Number.POSITIVE_INFINITY)
  }

  /** Takes records, whatever their time, until the table is complete; resolves then. */
  async complete(what: WaitFor): Promise<void> {
    this.#waitingFor = what
    this.#onHorizon?.()
    while (!this.isComplete(what)) await this.#progress()
  }

  isComplete(what: WaitFor): boolean {
    if (this.#failure) throw this.#failure
    return this.#hasEnded || this.table.isComplete(what, this.#pastDump)
  }

  close(): void {
    // A silent input does not answer before it says something: nobody waits for that.
    void this.#iterator?.return?.()?.catch(() => {})
    this.#moveHorizon(Number.POSITIVE_INFINITY)
  }

  #moveHorizon(timeMs: number): void {
    if (timeMs <= this.#horizonMs) return
    this.#horizonMs = timeMs
    this.#onHorizon?.()
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
    this.table.begin(batch)
    while (!this.table.advance((timeMs, isDump) => this.#isDue(timeMs, isDump))) {
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
      this.#horizonMs = Math.max(this.#horizonMs, this.table.clockMs)
    }
    if (timeMs <= this.#horizonMs) return false
    this.#nextMs = timeMs
    return true
  }
}

/** A table that takes one record after the other. */
export abstract class RecordTable implements SideTable {
  clockMs = 0
  #records: readonly NetRecord[] = []
  #next = 0

  abstract apply(record: NetRecord): void
  abstract isComplete(what: WaitFor, pastDump: boolean): boolean

  /** Whether a record is of what is taken whole, before the first flow. */
  isDump({ event_type }: NetRecord): boolean {
    return String(event_type).startsWith('dump')
  }

  begin(batch: Batch): void {
    this.#records = batch.records
    this.#next = 0
  }

  advance(isDue: (timeMs: number, isDump: boolean) => boolean): boolean {
    for (; this.#next < this.#records.length; this.#next++) {
      const record = this.#records[this.#next] as NetRecord
      const timeMs = timeOf(record)
      if (timeMs > this.clockMs) {
        if (isDue(timeMs, this.isDump(record))) return false
        this.clockMs = timeMs
      }
      this.apply(record)
    }
    return true
  }
}

/** Receive time of a record, Unix ms; 0 = it does not say. */
function timeOf({ timestamp_arrival, timestamp }: NetRecord): number {
  const time = timestamp_arrival ?? timestamp
  if (typeof time === 'number') return Math.floor(time * 1000)
  if (typeof time !== 'string') return 0
  if (/^\d+(\.\d+)?$/.test(time)) return Math.floor(Number(time) * 1000)
  const parsed = Date.parse(/[Z+]/.test(time) ? time : `${time.replace(' ', 'T')}Z`)
  return Number.isFinite(parsed) ? parsed : 0
}
