// A clock that tests move. Sleepers wake in the order of their times.
import { setImmediate as turn } from 'node:timers/promises'
import type { Clock } from '../../src/sinks/delivery/clock.ts'

interface Sleeper {
  readonly atMs: number
  wake(): void
}

export class FakeClock implements Clock {
  #nowMs = 0
  #sleepers: Sleeper[] = []
  /** Every sleep that was asked for, ms. */
  readonly slept: number[] = []

  now(): number {
    return this.#nowMs
  }

  random(): number {
    return 1
  }

  sleep(ms: number, signal: AbortSignal): Promise<void> {
    this.slept.push(ms)
    return new Promise(resolve => {
      if (signal.aborted) return resolve()
      const sleeper: Sleeper = {
        atMs: this.#nowMs + ms,
        wake: () => {
          this.#sleepers = this.#sleepers.filter(other => other !== sleeper)
          resolve()
        },
      }
      this.#sleepers.push(sleeper)
      signal.addEventListener('abort', () => sleeper.wake())
    })
  }

  /** Lets everything happen that needs no time. */
  async settle(): Promise<void> {
    for (let round = 0; round < 20; round++) await turn()
  }

  /** Lets time pass; sleepers wake on the way. */
  async pass(ms: number): Promise<void> {
    const untilMs = this.#nowMs + ms
    await this.settle()
    for (;;) {
      const [next] = this.#sleepers.toSorted((a, b) => a.atMs - b.atMs)
      if (!next || next.atMs > untilMs) break
      this.#nowMs = next.atMs
      next.wake()
      await this.settle()
    }
    this.#nowMs = untilMs
    await this.settle()
  }
}
