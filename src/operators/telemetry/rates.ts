// Counters become rates: the growth of a leaf since it was last told, a second.
import type { Host } from '../../contract/host.ts'
import type { NetRecord } from '../../contract/record.ts'
import { wildcard } from '../../maps/wildcard.ts'

interface Last {
  readonly value: number | bigint
  /** Unix seconds. */
  readonly time: number
}

/** What says when, and what was measured: the rest says which counter it is. */
const NOT_KEYS: ReadonlySet<string> = new Set(['timestamp', 'timestamp_event', 'value', 'tag', 'tag2', 'label'])
/** Where counters of 32 and of 64 bits begin again. */
const WRAPS = [2n ** 32n, 2n ** 64n] as const

export interface RateOptions {
  /** Names of leaves, with `*`. */
  readonly rates: readonly string[]
  /** Counters that are remembered. */
  readonly maxSeries: number
  /** After a longer silence of a counter there is no rate. */
  readonly maxGapSeconds: number
}

export class Rates {
  readonly #names: RegExp
  readonly #maxSeries: number
  readonly #maxGapSeconds: number
  readonly #host: Host
  /** By counter, the one longest not told first. */
  readonly #last = new Map<string, Last>()
  /** Verdicts on names of leaves; as many as there are paths, but no more than counters. */
  readonly #verdicts = new Map<string, boolean>()

  constructor({ rates: patterns, maxSeries, maxGapSeconds }: RateOptions, host: Host) {
    this.#names = new RegExp(`^(?:${patterns.map(wildcard).join('|')})$`)
    this.#maxSeries = maxSeries
    this.#maxGapSeconds = maxGapSeconds
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
    const seconds = time - last.time
    if (seconds > this.#maxGapSeconds) this.#host.count('rate/gap')
    else this.#rate(record, value, last.value, seconds)
  }

  #rate(record: NetRecord, value: number | bigint, before: number | bigint, seconds: number): void {
    const growth = difference(value, before)
    const grown = growth < 0 ? wrapped(value, before) : growth
    if (growth < 0) this.#host.count(grown === undefined ? 'rate/reset' : 'rate/wrap')
    if (grown !== undefined) record.rate = grown / seconds
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

function seriesKey(record: NetRecord): string {
  let key = ''
  for (const name in record) if (!NOT_KEYS.has(name)) key += `${name}=${String(record[name])}\n`
  return key
}

/**
 * Growth of a counter that began again at 0 because it was full: it was in the last quarter of what it can count to, and is in
 * the first. Undefined when it was set back.
 */
function wrapped(value: number | bigint, before: number | bigint): number | undefined {
  const [now, last] = [whole(value), whole(before)]
  for (const end of WRAPS) {
    if (last >= end) continue
    return now >= 0n && now < end / 4n && last >= (end / 4n) * 3n ? Number(now + end - last) : undefined
  }
  return undefined
}

const whole = (value: number | bigint): bigint => (typeof value === 'bigint' ? value : BigInt(Math.floor(value)))

function difference(now: number | bigint, before: number | bigint): number {
  if (typeof now === 'number' && typeof before === 'number') return now - before
  return Number(BigInt(now) - BigInt(before))
}
