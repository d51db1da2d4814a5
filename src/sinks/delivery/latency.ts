// How long writes took, as a Prometheus histogram: cumulative buckets.
import type { Reading } from '../../contract/host.ts'

const BOUNDS_MS = [1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000]

export class Latency {
  readonly #counts = new Array<number>(BOUNDS_MS.length).fill(0)
  #count = 0
  #sumMs = 0

  observe(ms: number): void {
    const bucket = BOUNDS_MS.findIndex(bound => ms <= bound)
    if (bucket >= 0) this.#counts[bucket] = (this.#counts[bucket] as number) + 1
    this.#count++
    this.#sumMs += ms
  }

  *readings(): Iterable<Reading> {
    if (this.#count === 0) return
    let below = 0
    for (const [index, bound] of BOUNDS_MS.entries()) {
      below += this.#counts[index] as number
      yield { name: 'write_seconds_bucket', labels: { le: String(bound / 1000) }, value: below }
    }
    yield { name: 'write_seconds_bucket', labels: { le: '+Inf' }, value: this.#count }
    yield { name: 'write_seconds_sum', value: this.#sumMs / 1000 }
    yield { name: 'write_seconds_count', value: this.#count }
  }
}
