// Flows that wait until the tables are complete (--wait-for). Flows of a capture simply wait; live ones are kept, up to a
// limit of records and of time, and go on without the tables when it is reached.
import type { Host } from '../../contract/host.ts'
import { type Batch, recordBatch } from '../../contract/record.ts'
import type { EnrichOptions } from './options.ts'
import type { Side } from './side.ts'

export class Hold {
  readonly #sides: readonly Side[]
  readonly #options: EnrichOptions
  readonly #host: Host
  #isOver: boolean
  #held: Batch[] = []
  #records = 0
  #sinceMs = 0

  constructor(sides: readonly Side[], options: EnrichOptions, host: Host) {
    this.#sides = sides
    this.#options = options
    this.#host = host
    this.#isOver = options.waitFor === undefined
  }

  /** Resolves when the tables are complete. */
  async wait(): Promise<void> {
    const { waitFor } = this.#options
    if (this.#isOver || !waitFor) return
    this.#isOver = true
    for (const side of this.#sides) await side.complete(waitFor)
  }

  /** Keeps a batch; false when nothing is to be waited for any more. */
  takes(batch: Batch): boolean {
    const { waitFor, holdRecords, holdMs } = this.#options
    if (this.#isOver || !waitFor) return false
    if (this.#sinceMs === 0) this.#sinceMs = batch.now
    const isFull = this.#records + batch.count > holdRecords || batch.now - this.#sinceMs > holdMs
    this.#isOver = isFull || this.#sides.every(side => side.isComplete(waitFor))
    if (this.#isOver) {
      if (isFull) this.#giveUp(batch.now)
      return false
    }
    // Columns and octets are used again by who made them: records are ours.
    this.#held.push(recordBatch(batch.records, batch.now))
    this.#records += batch.count
    this.#host.count('held', batch.count)
    return true
  }

  #giveUp(nowMs: number): void {
    this.#host.count('hold/limit-reached')
    this.#host.report({
      code: 'enrich/hold-limit',
      message: `the tables were not complete after ${this.#records} records and ${(nowMs - this.#sinceMs) / 1000} s`,
      hint: 'flows go on without them; --hold and --hold-time set the limits',
    })
  }

  /** What was kept, in order. */
  *let(): Generator<Batch> {
    const held = this.#held
    this.#held = []
    for (const batch of held) {
      this.#host.count('held', -batch.count)
      this.#host.count('hold/records', batch.count)
      yield batch
    }
  }

  /** What is still kept when the flows end. */
  end(): Generator<Batch> {
    this.#isOver = true
    return this.let()
  }
}
