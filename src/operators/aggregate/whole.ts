// Parts of an aggregation become one: the same rows in the same order as if one aggregation had seen all records.
import type { Host } from '../../contract/host.ts'
import type { Batch } from '../../contract/record.ts'
import { Accumulator } from './accumulator.ts'
import { timed } from './aggregate.ts'
import { intervals, type SameInterval } from './intervals.ts'
import type { AggregateOptions } from './options.ts'
import { type PartialGroup, wholeOptions } from './partial-group.ts'

const byPlace = (a: PartialGroup, b: PartialGroup): number => a.place - b.place

export class WholeSums {
  readonly #accumulator: Accumulator
  readonly #same: SameInterval
  readonly #timed: boolean
  readonly #maxKeys: number
  /** Of this stretch of the clock: what they do to the clock is known when all are there. */
  #waiting: PartialGroup[] = []
  #waitingKeys = 0
  #markUs = 0

  constructor(options: AggregateOptions, host: Host) {
    this.#accumulator = new Accumulator(wholeOptions(options), host)
    this.#same = intervals(options)
    this.#timed = timed(options)
    this.#maxKeys = options.maxKeys
    host.watch(() => [{ name: 'aggregate_keys', value: this.#waitingKeys }])
  }

  *take(group: PartialGroup): Generator<Batch> {
    if (!this.#timed) {
      yield* this.#accumulator.addGroup(group)
      return
    }
    this.#waiting.push(group)
    this.#waitingKeys += group.count
    if (this.#waitingKeys > this.#maxKeys) yield* this.#settle()
  }

  /** All parts came to this mark of the clock; `silent`: without records, so that time alone goes on. */
  *mark(markUs: number, silent: boolean): Generator<Batch> {
    if (!this.#same(this.#markUs, markUs)) yield* this.#settle()
    this.#markUs = markUs
    if (silent && this.#timed) yield* this.#accumulator.advance(markUs)
  }

  *finish(): Generator<Batch> {
    yield* this.#settle()
    yield* this.#accumulator.finish()
  }

  /** Old records that came before the clock moved find the clock as it was; the others as it is now. */
  *#settle(): Generator<Batch> {
    const groups = this.#waiting
    this.#waiting = []
    this.#waitingKeys = 0
    const current = groups.filter(({ isOld }) => !isOld)
    const moved = current.reduce((least, { place }) => Math.min(least, place), Number.POSITIVE_INFINITY)
    const old = groups.filter(({ isOld }) => isOld).sort(byPlace)
    for (const group of old) if (group.place < moved) yield* this.#accumulator.addGroup(group)
    for (const group of current) yield* this.#accumulator.addGroup(group)
    for (const group of old) if (group.place > moved) yield* this.#accumulator.addGroup(group)
  }
}
