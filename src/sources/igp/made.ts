// Records that a source made and did not give yet, on the stream's clock.
import { type Batch, type NetRecord, RECORDS_PER_BATCH, recordBatch } from '../../contract/record.ts'

/** Ages are looked at so often, by the stream's time. */
const AGE_US = 1_000_000

export class Made {
  records: NetRecord[] = []
  #agedUs = 0
  #timeUs = 0

  /** Time goes on; whether it is time to look at ages. */
  tick(timeUs: number): boolean {
    this.#timeUs = Math.max(this.#timeUs, timeUs)
    if (timeUs < this.#agedUs + AGE_US) return false
    this.#agedUs = timeUs
    return true
  }

  /** What was made so far. */
  *flush(): Generator<Batch> {
    const records = this.records
    const nowMs = Math.floor(this.#timeUs / 1000)
    this.records = []
    for (let at = 0; at < records.length; at += RECORDS_PER_BATCH) {
      yield recordBatch(records.slice(at, at + RECORDS_PER_BATCH), nowMs)
    }
  }
}
