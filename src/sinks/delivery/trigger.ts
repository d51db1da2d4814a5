// The program that runs after records were delivered: for each bin that is over, or every so often.
import type { Rejected } from '../../contract/backend.ts'
import type { Host } from '../../contract/host.ts'
import type { NumberColumn } from '../../fields/column.ts'
import { fieldOf } from '../../fields/dictionary.ts'
import { picker } from '../../fields/picker.ts'
import { Programs } from '../programs.ts'
import type { Clock } from './clock.ts'
import type { Parcel } from './parcel.ts'

export interface TriggerOptions {
  readonly program: string
  /** Runs at most so often, whatever the bins; undefined = after each bin. */
  readonly everyMs: number | undefined
  /** Where records of a bin go (a table, a topic); 0 = they have none. */
  place(binMs: number): string
}

/** A bin of which nothing was delivered for so long is over, as in dump. */
export const QUIET_MS = 5000
/** Between two runs for records without a bin. */
export const WITHOUT_BIN_MS = 60_000
/** Whether something is over is looked at so often. */
const LOOK_MS = 1000
/** Bins that are delivered at a time; the oldest is taken to be over when there are more. */
export const BINS = 100

const NO_BIN = 0

/** What was delivered and not yet told. */
interface Tally {
  binMs: number
  records: number
  firstMs: number
  lastMs: number
  /** Deliveries so far when the last of these was. */
  delivery: number
}

export class DeliveryTrigger {
  readonly #options: TriggerOptions
  readonly #programs: Programs
  readonly #clock: Clock
  /** Records that came and are not delivered. */
  readonly #waiting: () => number
  readonly #pick = picker([fieldOf('stamp_inserted')])
  readonly #end = new AbortController()
  /** By bin, or one for all with --trigger-every. */
  readonly #tallies = new Map<number, Tally>()
  #deliveries = 0
  #looking: Promise<void> | undefined
  /** A failure that ends the command (--strict). */
  #failure: unknown

  constructor(options: TriggerOptions, host: Host, clock: Clock, waiting: () => number) {
    this.#options = options
    this.#programs = new Programs(options.program, host)
    this.#clock = clock
    this.#waiting = waiting
  }

  /** The backend has these, but for those that it refused. */
  delivered(parcel: Parcel, rejected: readonly Rejected[]): void {
    this.#deliveries++
    const refused = new Set(rejected.map(({ index }) => index))
    let index = 0
    for (const batch of parcel.batches()) {
      const { columns, rows, count } = this.#pick(batch)
      const { numbers } = columns[0] as NumberColumn
      for (let at = 0; at < count; at++, index++) {
        if (!refused.has(index)) this.#add(numbers[rows[at] as number] as number)
      }
    }
    if (this.#tallies.size > 0) this.#looking ??= this.#look()
  }

  /** Waits while there is more to run than can; rejects with what ends the command. */
  async keepUp(): Promise<void> {
    while (this.#tallies.size > BINS) await this.#run(Math.min(...this.#tallies.keys()))
    if (this.#failure) throw this.#failure
  }

  #add(stampUs: number): void {
    const binMs = Number.isFinite(stampUs) ? Math.floor(stampUs / 1000) : NO_BIN
    const key = this.#options.everyMs === undefined ? binMs : NO_BIN
    const nowMs = this.#clock.now()
    let tally = this.#tallies.get(key)
    if (!tally) {
      tally = { binMs, records: 0, firstMs: nowMs, lastMs: nowMs, delivery: 0 }
      this.#tallies.set(key, tally)
    }
    tally.binMs = Math.max(tally.binMs, binMs)
    tally.records++
    tally.lastMs = nowMs
    tally.delivery = this.#deliveries
  }

  /** Runs what is over, until nothing is left. */
  async #look(): Promise<void> {
    try {
      while (this.#tallies.size > 0 && !this.#end.signal.aborted) {
        await this.#clock.sleep(LOOK_MS, this.#end.signal)
        for (const [key, tally] of [...this.#tallies]) if (this.#isOver(key, tally)) await this.#run(key)
      }
    } catch (error) {
      this.#failure = error
    } finally {
      this.#looking = undefined
    }
  }

  #isOver(key: number, tally: Tally): boolean {
    const nowMs = this.#clock.now()
    const { everyMs = WITHOUT_BIN_MS } = this.#options
    if (key === NO_BIN) return nowMs - tally.firstMs >= everyMs
    if (nowMs - tally.lastMs < QUIET_MS) return false
    // More of the bin may wait while the backend is away or slow.
    return this.#waiting() === 0 || this.#deliveries > tally.delivery
  }

  async #run(key: number): Promise<void> {
    const tally = this.#tallies.get(key)
    if (!tally) return
    this.#tallies.delete(key)
    const { binMs, records } = tally
    const place = this.#options.place(binMs)
    const environment = {
      NETALLY_PLACE: place,
      NETALLY_RECORDS: String(records),
      NETALLY_BIN: String(binMs / 1000),
      NETALLY_INTERVAL: String((this.#options.everyMs ?? 0) / 1000),
    }
    await this.#programs.start({ subject: place, environment })
  }

  /** Nothing is delivered any more: runs for the rest, and waits until all have ended. */
  async end(): Promise<void> {
    this.#end.abort()
    await this.#looking
    for (const key of [...this.#tallies.keys()]) await this.#run(key)
    await this.#programs.end()
    if (this.#failure) throw this.#failure
  }
}
