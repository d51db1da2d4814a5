// A mark between records: what came before it is of before a time. Stages pass it on as it is, like every batch without records.
import type { Batch, NetRecord } from '../contract/record.ts'

const NONE: NetRecord[] = []

export class Mark implements Batch {
  readonly count = 0
  readonly records = NONE
  /** A whole second, Unix ms. */
  readonly now: number

  constructor(now: number) {
    this.now = now
  }
}
