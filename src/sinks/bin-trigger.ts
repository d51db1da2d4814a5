// The program that runs after records were stored: for each bin that is over, or every so often.
import type { Host } from '../contract/host.ts'
import type { Clock } from './delivery/clock.ts'
import { Programs } from './programs.ts'

export interface TriggerOptions {
  readonly program: string
  /** Runs at most so often, whatever the bins; undefined = after each bin. */
  readonly everyMs: number | undefined
  /** Where records of a bin go (a table, a topic); 0 = they have none. */
  place(binMs: number): string
}

/** A bin of which nothing was stored for so long is over, as in dump. */
export const QUIET_MS = 5000
/** Between two runs for records without a bin. */
export const WITHOUT_BIN_MS = 60_000
/** Whether something is over is looked at so often. */
const LOOK_MS = 1000
/** Bins that are stored at a time; the oldest is taken to be over when there are more. */
export const BINS = 100

const NO_BIN = 0

/** What was stored and not yet told. */
interface Tally {
  binMs: number
  records: number
  firstMs: number
  lastMs: number
  /** Deliveries before that of the last of these. */
  delivery: number
}

export class BinTrigger {
  readonly #options: TriggerOptions
  readonly #programs: Programs
  readonly #clock: Clock
  /** Records that came and are not stored. */
  readonly #waiting: () => number
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

  /** Records that were stored; `stampUs` is their stamp_inserted, NaN = they have none. Then comes stored(). */
  add(stampUs: number, records = 1): void {
    const binMs = Number.isFinite(stampUs) ? Math.floor(stampUs / 1000) : NO_BIN
    const key = this.#options.everyMs === undefined ? binMs : NO_BIN
    const nowMs = this.#clock.now()
    let tally = this.#tallies.get(key)
    if (!tally) {
      tally = { binMs, records: 0, firstMs: nowMs, lastMs: nowMs, delivery: 0 }
      this.#tallies.set(key, tally)
    }
    tally.binMs = Math.max(tally.binMs, binMs)
    tally.records += records
    tally.lastMs = nowMs
    tally.delivery = this.#deliveries
  }

  /** All records of a delivery were added. */
  stored(): void {
    this.#deliveries++
    if (this.#tallies.size > 0) this.#looking ??= this.#look()
  }

  /** Waits while there is more to run than can; rejects with what ends the command. */
  async keepUp(): Promise<void> {
    while (this.#tallies.size > BINS) await this.#run(Math.min(...this.#tallies.keys()))
    if (this.#failure) throw this.#failure
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
    return this.#waiting() === 0 || this.#deliveries > tally.delivery + 1
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

  /** Nothing is stored any more: runs for the rest, and waits until all have ended. */
  async end(): Promise<void> {
    this.#end.abort()
    await this.#looking
    for (const key of [...this.#tallies.keys()]) await this.#run(key)
    await this.#programs.end()
    if (this.#failure) throw this.#failure
  }
}
