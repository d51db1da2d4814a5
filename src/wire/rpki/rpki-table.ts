// RPKI data kept from a stream of rpki-recv's records.
import type { NetRecord } from '../../contract/record.ts'
import { RpkiSet } from '../../lookup/rpki-set.ts'
import { payloadOf } from './records.ts'

export class RpkiTable {
  /** What counts now. */
  set = new RpkiSet()
  /** A whole set was there. */
  isComplete = false
  /** Grows with every change of `set`: what was found out before holds no more. */
  version = 0
  /** The set of a stream that begins anew, until it is complete. */
  #next: RpkiSet | undefined = new RpkiSet()

  /** Why the record was left out, undefined when it was not. */
  take(record: NetRecord): string | undefined {
    // A stream begins anew (rpki-recv was started again): what it says first is all there is.
    if (record.seq === 0) this.#next = new RpkiSet()
    const { event_type: event, log_type: type } = record
    if (event === 'log_init' || event === 'log_close') return undefined
    if (type === 'end-of-data') {
      this.finish()
      return undefined
    }
    const payload = payloadOf(record)
    if (!payload) return 'no-rpki-data'
    const set = this.#next ?? this.set
    const isGone = type === 'withdraw' || type === 'delete'
    const result = isGone ? set.remove(payload) : set.add(payload)
    if (result === 'full') return 'rpki-full'
    if (!this.#next) this.version++
    return undefined
  }

  /** What came is complete: it counts from now on. Where a stream ends without saying so, too. */
  finish(): void {
    this.version++
    if (!this.#next) return
    this.set = this.#next
    this.#next = undefined
    this.isComplete = true
  }

  /** Another whole set in place of this one. */
  replace(set: RpkiSet): void {
    this.#next = set
    this.finish()
  }
}
