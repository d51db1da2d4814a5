// Counters become rates: the growth of a leaf since it was last told, a second.
import type { Host } from '../../contract/host.ts'
import type { NetRecord, Value } from '../../contract/record.ts'

interface Last {
  readonly value: number | bigint
  /** Unix seconds. */
  readonly time: number
}

/** What says when, and what was measured: the rest says which counter it is. */
const NOT_KEYS: ReadonlySet<string> = new Set(['timestamp', 'timestamp_event', 'value', 'tag', 'tag2', 'label'])

export class Rates {
  readonly #names: RegExp
  readonly #maxSeries: number
  readonly #host: Host
  /** By counter, the one longest not told first. */
  readonly #last = new Map<string, Last>()
  /** Verdicts on names of leaves; as many as there are paths, but no more than counters. */
  readonly #verdicts = new Map<string, boolean>()

  /** `patterns`: names of leaves, with `*`. */
  constructor(patterns: readonly string[], maxSeries: number, host: Host) {
    this.#names = new RegExp(`^(?:${patterns.map(pattern).join('|')})$`)
    this.#maxSeries = maxSeries
    this.#host = host
    host.watch(() => [{ name: 'telemetry_rate_series', value: this.#last.size }])
  }

  /** Adds `rate` where the record is of a counter that was told before. */
  add(record: NetRecord): void {
    const { name, value } = record
    if ((typeof value !== 'number' && typeof value !== 'bigint') || !this.#isCounter(String(name))) return
    const time = Number(record.timestamp_event ?? record.timestamp)
    const key = seriesKey(record)
    const last = this.#last.get(key)
    if (last && time <= last.time) {
      this.#host.count('rate/out-of-order')
      return
    }
    this.#remember(key, { value, time })
    if (!last) return
    const growth = difference(value, last.value)
    if (growth < 0) this.#host.count('rate/reset')
    else record.rate = growth / (time - last.time)
  }

  #isCounter(path: string): boolean {
    let verdict = this.#verdicts.get(path)
    if (verdict === undefined) {
      const name = path.slice(path.lastIndexOf('/') + 1)
      verdict = this.#names.test(name.slice(name.indexOf(':') + 1))
      if (this.#verdicts.size >= this.#maxSeries) this.#verdicts.clear()
      this.#verdicts.set(path, verdict)
    }
    return verdict
  }

  #remember(key: string, last: Last): void {
    if (!this.#last.delete(key) && this.#last.size >= this.#maxSeries) this.#forgetOldest()
    this.#last.set(key, last)
  }

  #forgetOldest(): void {
    for (const key of this.#last.keys()) {
      this.#last.delete(key)
      this.#host.count('rate/forgotten')
      return
    }
  }
}

/** Text of a pattern as the source of a regular expression. */
const pattern = (text: string): string =>
  text
    .split('*')
    .map(part => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*')

function seriesKey(record: NetRecord): string {
  const parts: Value[] = []
  for (const [name, value] of Object.entries(record)) if (!NOT_KEYS.has(name)) parts.push(name, String(value))
  return JSON.stringify(parts)
}

function difference(now: number | bigint, before: number | bigint): number {
  if (typeof now === 'number' && typeof before === 'number') return now - before
  return Number(BigInt(now) - BigInt(before))
}
