// What waits between the input and the backend, in memory: a few deliveries, then the input waits.
import { randomBytes } from 'node:crypto'
import type { Reading } from '../../contract/host.ts'
import { type Content, contentCount } from './assembler.ts'
import { Parcel } from './parcel.ts'

export interface Queue {
  /** Whether what is not settled is there for the next run. */
  readonly outlivesUs: boolean
  /** Records that are not settled yet. */
  readonly held: number
  /** Waits while there is no room; false when it was not taken, because nobody waits any more. */
  put(content: Content, takenMs: number): Promise<boolean>
  /** The next delivery, when there is one; undefined when there will be none. */
  take(): Promise<Parcel | undefined>
  /** The backend has it, or it was given up. */
  settle(parcel: Parcel): Promise<void>
  /** No delivery is given out that is not there already. */
  end(): void
  /** From now on put() does not wait. */
  waitNoMore(): void
  /** What is left is left where it is. */
  close(): Promise<void>
  /** What is of interest besides `held`. */
  readings(): Iterable<Reading>
}

export class MemoryQueue implements Queue {
  readonly outlivesUs = false
  held = 0
  readonly #most: number
  readonly #run = randomBytes(6).toString('hex')
  readonly #waiting: Parcel[] = []
  #sequence = 0
  #ended = false
  #isHurried = false
  /** Who waits for a delivery; who waits for room. */
  readonly #takers: (() => void)[] = []
  readonly #putters: (() => void)[] = []

  /** `most` deliveries wait; those under way are not counted. */
  constructor(most: number) {
    this.#most = most
  }

  async put(content: Content, takenMs: number): Promise<boolean> {
    while (this.#waiting.length >= this.#most) {
      if (this.#isHurried) return false
      await new Promise<void>(resolve => this.#putters.push(resolve))
    }
    this.#waiting.push(new Parcel(`${this.#run}-${++this.#sequence}`, takenMs, content))
    this.held += contentCount(content)
    this.#takers.shift()?.()
    return true
  }

  async take(): Promise<Parcel | undefined> {
    while (this.#waiting.length === 0 && !this.#ended) await new Promise<void>(resolve => this.#takers.push(resolve))
    const parcel = this.#waiting.shift()
    this.#putters.shift()?.()
    return parcel
  }

  async settle(parcel: Parcel): Promise<void> {
    this.held -= parcel.count
  }

  end(): void {
    this.#ended = true
    for (const wake of this.#takers.splice(0)) wake()
  }

  waitNoMore(): void {
    this.#isHurried = true
    for (const wake of this.#putters.splice(0)) wake()
  }

  async close(): Promise<void> {}

  readings(): Iterable<Reading> {
    return []
  }
}
