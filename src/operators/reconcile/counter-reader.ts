// Records of counters to readings: sFlow's generic counters and whatever has their names, leaves of telemetry, members that
// a map names. Records that are none of these give nothing.
import type { NetRecord, Value } from '../../contract/record.ts'
import { barePath, type CounterMap, type CounterName, type CounterRule } from '../../maps/counter-map.ts'
import { LEAF_RULES, MEMBERS } from './counter-names.ts'

export interface Reading {
  readonly counter: CounterName
  /** The counter itself; undefined where only the rate is told. */
  readonly value: number | bigint | undefined
  /** A second. */
  readonly rate: number | undefined
}

export interface Readings {
  /** As the record has it: an exporter, or a node. */
  readonly node: string
  /** ifIndex, or a name. */
  readonly iface: number | string
  /** The interface whose first subinterface it is. */
  readonly parent: string | undefined
  readonly timeMs: number
  readonly readings: readonly Reading[]
}

/** What agents send for counters that they do not have. */
const NOT_KEPT: ReadonlySet<number | bigint> = new Set([0xffff_ffff, 0xffff_ffff_ffff_ffffn])
/** Paths that are remembered. */
const MAX_PATHS = 10_000
/** Members that name an interface, best first; keys of lists as `telemetry-recv --flat` has them. */
const NAME_KEYS = ['interface_name', 'key_name', 'interface_key', 'if_name', 'ifName', 'ifDescr'] as const

const isCount = (value: Value | undefined): value is number | bigint =>
  typeof value === 'bigint' || (typeof value === 'number' && Number.isFinite(value))

/** Of a value that may be a text of digits: 64-bit numbers are such in RFC 7951. */
function countOf(value: Value | undefined): number | bigint | undefined {
  if (isCount(value)) return value
  if (typeof value !== 'string' || !/^\d{1,20}$/.test(value)) return undefined
  return Number.isSafeInteger(Number(value)) ? Number(value) : BigInt(value)
}

export class CounterReader {
  #rules: readonly CounterRule[] = []
  #fields: readonly CounterRule[] = []
  readonly #verdicts = new Map<string, CounterRule | null>()

  /** Rules of a map go before those that are known. */
  use(map: CounterMap | undefined): void {
    this.#rules = [...(map?.rules.filter(({ path }) => path) ?? []), ...LEAF_RULES]
    this.#fields = map?.rules.filter(({ field }) => field !== undefined) ?? []
    this.#verdicts.clear()
  }

  read(record: NetRecord): Readings | undefined {
    const node = record.peer_ip_src ?? record.telemetry_node
    const timeMs = timeOf(record)
    if (typeof node !== 'string' || timeMs === undefined) return undefined
    if (typeof record.name === 'string') {
      const rule = this.#ruleOf(record.name)
      if (rule) return this.#leaf(record, rule, node, timeMs)
    }
    return members(record, node, timeMs, this.#fields)
  }

  #ruleOf(path: string): CounterRule | undefined {
    let rule = this.#verdicts.get(path)
    if (rule === undefined) {
      const bare = barePath(path)
      rule = this.#rules.find(({ path: pattern }) => pattern?.test(bare)) ?? null
      if (this.#verdicts.size >= MAX_PATHS) this.#verdicts.clear()
      this.#verdicts.set(path, rule)
    }
    return rule ?? undefined
  }

  #leaf(record: NetRecord, rule: CounterRule, node: string, timeMs: number): Readings | undefined {
    const name = interfaceOf(record, rule.key)
    const value = countOf(record.value)
    const rate = typeof record.rate === 'number' ? record.rate : undefined
    if (name === undefined || (value === undefined && rate === undefined)) return undefined
    const sub = rule.key === undefined ? record.subinterface_index : undefined
    const iface = sub === undefined ? name : `${name}.${String(sub)}`
    const parent = String(sub) === '0' ? String(name) : undefined
    return { node, iface, parent, timeMs, readings: [{ counter: rule.counter, value, rate }] }
  }
}

function interfaceOf(record: NetRecord, key: string | undefined): number | string | undefined {
  if (key === undefined && isIndex(record.ifIndex)) return record.ifIndex
  for (const name of key === undefined ? NAME_KEYS : [key]) {
    const value = record[name]
    if (typeof value === 'string' && value !== '') return value
    if (isIndex(value)) return value
  }
  return undefined
}

const isIndex = (value: Value | undefined): value is number => typeof value === 'number' && value > 0

function members(
  record: NetRecord,
  node: string,
  timeMs: number,
  fields: readonly CounterRule[],
): Readings | undefined {
  const readings: Reading[] = []
  const take = (counter: CounterName, value: number | bigint | undefined) => {
    if (value === undefined || NOT_KEPT.has(value) || readings.some(reading => reading.counter === counter)) return
    readings.push({ counter, value, rate: undefined })
  }
  let key: string | undefined
  for (const { counter, field, key: named } of fields) {
    const value = countOf(record[field as string])
    if (value !== undefined) key ??= named
    take(counter, value)
  }
  for (const [counter, names] of MEMBERS) for (const name of names) take(counter, countOf(record[name]))
  if (!readings.some(({ counter }) => counter !== 'speed')) return undefined
  const iface = interfaceOf(record, key)
  return iface === undefined ? undefined : { node, iface, parent: undefined, timeMs, readings }
}

/** When the node counted, Unix ms; else when it came. */
function timeOf({ timestamp_event: event, timestamp_arrival: arrival, timestamp }: NetRecord): number | undefined {
  const time = [event, arrival, timestamp].find(value => typeof value === 'number')
  if (time !== undefined) return Number(time) * 1000
  const parsed = typeof timestamp === 'string' ? Date.parse(timestamp) : Number.NaN
  return Number.isNaN(parsed) ? undefined : parsed
}
