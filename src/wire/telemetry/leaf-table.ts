// The last value of every leaf that nodes told: a table kept of the records of `telemetry-recv --flat`.
import type { Batch, NetRecord, Value } from '../../contract/record.ts'

/** Who is told what becomes of a record: `merged`, or `dropped/<reason>`. */
type Count = (name: string, by?: number) => void

export interface LeafLimits {
  /** More are dropped. */
  readonly maxLeaves: number
  /** A leaf that nobody told again for so long is gone; 0 = it stays. */
  readonly maxAgeMs: number
}

export interface Leaf {
  readonly record: NetRecord
  readonly node: string
  /** Path without modules: two messages may qualify it differently. */
  readonly path: string
  /** When it came, Unix ms. */
  timeMs: number
}

/** What says when, and what was measured; the rest of a record tells the leaf apart. */
const NOT_KEYS: ReadonlySet<string> = new Set([
  ...['timestamp', 'timestamp_event', 'event_type', 'seq', 'value', 'rate', 'tag', 'tag2', 'label', 'name', 'deleted'],
])
/** Ends the name of a key whose leaf is not known (RFC 8040 section 3.5.3); what stands before is the list's. */
const UNNAMED_KEY = '_key'
const MODULES = /\/[^/:]+:/g

const pathOf = (name: Value | undefined): string => {
  const path = String(name ?? '').replace(MODULES, '/')
  return path === '/' ? '' : path
}

export class LeafTable {
  /** Newest receive time of a record, Unix ms; 0 = none yet. */
  clockMs = 0
  /** Records that changed something. */
  changes = 0
  readonly #count: Count
  readonly #limits: LeafLimits
  /** The one that was told longest ago first. */
  readonly #leaves = new Map<string, Leaf>()
  /** Nodes that were heard, and those whose close is held: the end of all input closes every node. */
  readonly #nodes = new Set<string>()
  readonly #closing = new Set<string>()
  #records: readonly NetRecord[] = []
  #next = 0

  constructor(limits: LeafLimits, count: Count) {
    this.#limits = limits
    this.#count = count
  }

  get size(): number {
    return this.#leaves.size
  }

  /** Nodes that have leaves, each with its own. */
  nodes(): Map<string, Leaf[]> {
    this.#expire()
    const nodes = new Map<string, Leaf[]>()
    for (const leaf of this.#leaves.values()) {
      const leaves = nodes.get(leaf.node)
      if (leaves) leaves.push(leaf)
      else nodes.set(leaf.node, [leaf])
    }
    return nodes
  }

  begin(batch: Batch): void {
    this.#records = batch.records
    this.#next = 0
  }

  /** Takes records up to one at whose time `isDue`; false when there is one, which is then the next. */
  advance(isDue: (timeMs: number, isDump: boolean) => boolean): boolean {
    for (; this.#next < this.#records.length; this.#next++) {
      const record = this.#records[this.#next] as NetRecord
      const timeMs = Math.floor(Number(record.timestamp ?? 0) * 1000)
      if (timeMs > this.clockMs) {
        if (isDue(timeMs, record.event_type === 'dump')) return false
        this.clockMs = timeMs
      }
      const dropped = this.#apply(record, timeMs)
      this.#count(dropped ? `dropped/${dropped}` : 'merged')
      if (!dropped) this.changes++
    }
    return true
  }

  /** Closes nodes whose close was held: something came after it. */
  settle(): void {
    for (const node of this.#closing) {
      this.#nodes.delete(node)
      this.#remove(leaf => leaf.node === node)
    }
    this.#closing.clear()
  }

  /** The input is over. Where every node closed with it, their leaves stay. */
  finish(): void {
    if ([...this.#nodes].some(node => !this.#closing.has(node))) this.settle()
  }

  /** Why the record was dropped, undefined when it was not. */
  #apply(record: NetRecord, timeMs: number): string | undefined {
    const { telemetry_node, event_type, name } = record
    if (typeof telemetry_node !== 'string') return 'no-telemetry'
    if (event_type === 'log_close') {
      this.#closing.add(telemetry_node)
      return undefined
    }
    if (this.#closing.size > 0) this.settle()
    if (event_type === 'dump_init' || event_type === 'dump_close') return undefined
    if (typeof name !== 'string') return 'not-flat'
    if (record.deleted === true) this.#delete(telemetry_node, record)
    else return this.#set(telemetry_node, record, timeMs)
    return undefined
  }

  #set(node: string, record: NetRecord, timeMs: number): string | undefined {
    const path = pathOf(record.name)
    const key = keyOf(node, path, record)
    if (!this.#leaves.delete(key) && this.#leaves.size >= this.#limits.maxLeaves) {
      this.#expire()
      if (this.#leaves.size >= this.#limits.maxLeaves) return 'table-full'
    }
    const { event_type, ...kept } = record
    this.#leaves.set(key, { record: kept, node, path, timeMs })
    this.#nodes.add(node)
    return undefined
  }

  /** What lies at the path and below it, where the keys are those of the record. */
  #delete(node: string, record: NetRecord): void {
    const path = pathOf(record.name)
    const keys = Object.entries(record).filter(([field]) => field !== 'telemetry_node' && !NOT_KEYS.has(field))
    const isBelow = (leaf: Leaf) => leaf.path === path || leaf.path.startsWith(`${path}/`)
    this.#remove(leaf => leaf.node === node && isBelow(leaf) && keys.every(([field, key]) => hasKey(leaf, field, key)))
  }

  #remove(isGone: (leaf: Leaf) => boolean): void {
    for (const [key, leaf] of this.#leaves) if (isGone(leaf)) this.#leaves.delete(key)
  }

  #expire(): void {
    const { maxAgeMs } = this.#limits
    if (maxAgeMs === 0) return
    for (const [key, { timeMs }] of this.#leaves) {
      if (this.clockMs - timeMs <= maxAgeMs) return
      this.#leaves.delete(key)
      this.#count('leaves-expired')
    }
  }
}

/** By values of keys: what one message calls `list_key` is `list_name` in the next. */
function keyOf(node: string, path: string, record: NetRecord): string {
  let key = `${node}\n${path}`
  for (const field in record) {
    if (field === 'telemetry_node' || NOT_KEYS.has(field)) continue
    const value = String(record[field])
    key += `\n${field.endsWith(UNNAMED_KEY) ? value.replaceAll(',', '\n') : value}`
  }
  return key
}

function hasKey({ record }: Leaf, field: string, key: Value): boolean {
  if (record[field] !== undefined) return String(record[field]) === String(key)
  if (!field.endsWith(UNNAMED_KEY)) return false
  const list = field.slice(0, -UNNAMED_KEY.length + 1)
  const values = Object.entries(record)
    .filter(([name]) => name.startsWith(list) && !NOT_KEYS.has(name))
    .map(([, value]) => String(value))
  return String(key)
    .split(',')
    .every(part => values.includes(part))
}
