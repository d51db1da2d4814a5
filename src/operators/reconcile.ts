// Sets sums of flows against counters of interfaces: the ratio of each interface and direction, and why it is not 1.
import type { Needs, Operator } from '../contract/component.ts'
import type { Host } from '../contract/host.ts'
import { type Batch, type NetRecord, RECORDS_PER_BATCH, recordBatch, type Stream } from '../contract/record.ts'
import { subset } from '../fields/batch.ts'
import type { CounterMap } from '../maps/counter-map.ts'
import type { InterfaceNames } from '../maps/interface-names.ts'
import { Reloaded } from './enrich/reloaded.ts'
import { RecordTable, Side } from './enrich/side.ts'
import { CounterReader } from './reconcile/counter-reader.ts'
import { FLOW_FIELDS, FlowReader, type Taken } from './reconcile/flow-reader.ts'
import { type Closed, Ledger } from './reconcile/ledger.ts'
import type { ReconcileOptions } from './reconcile/options.ts'
import { totalRecords, windowRecord } from './reconcile/report.ts'

export { RECONCILE_DEFAULTS, type ReconcileOptions } from './reconcile/options.ts'

/** What becomes of a record that is entered nowhere. */
const DROPPED: { readonly [taken in Exclude<Taken, 'flow' | 'other'>]: string } = {
  exporter: 'without-exporter',
  interface: 'without-interface',
  time: 'without-time',
  future: 'future',
  room: 'too-many-interfaces',
}

/** The counters of a side stream. */
class CounterSide extends RecordTable {
  readonly #take: (record: NetRecord) => void

  constructor(take: (record: NetRecord) => void) {
    super()
    this.#take = take
  }

  apply(record: NetRecord): void {
    this.#take(record)
  }

  /** Only its end says that there are no more. */
  isComplete(): boolean {
    return false
  }
}

class Reconciler {
  readonly #options: ReconcileOptions
  readonly #host: Host
  readonly #ledger: Ledger
  readonly #counters = new CounterReader()
  readonly #flows: FlowReader
  readonly #counterMap: Reloaded<CounterMap> | undefined
  readonly #names: Reloaded<InterfaceNames> | undefined
  readonly sides: readonly Side[]
  clockMs = 0
  #out: NetRecord[] = []

  constructor(options: ReconcileOptions, host: Host) {
    this.#options = options
    this.#host = host
    this.#ledger = new Ledger(options.windowMs, options.maxInterfaces, host)
    this.#flows = new FlowReader(this.#ledger, options, host)
    this.#counterMap = options.counterMap && new Reloaded(options.counterMap)
    this.#names = options.interfaceNames && new Reloaded(options.interfaceNames)
    const take = (record: NetRecord) => {
      if (!this.#takeCounters(record)) host.count('side/no-counters')
    }
    this.sides = options.counters.map(stream => new Side(stream, new CounterSide(take)))
    this.#useMaps()
  }

  #useMaps(): void {
    this.#counters.use(this.#counterMap?.table)
    this.#ledger.names = this.#names?.table
  }

  async reload(): Promise<void> {
    await this.#counterMap?.reload(this.#host)
    await this.#names?.reload(this.#host)
    this.#useMaps()
  }

  /** What the windows that were closed came to since the last call. */
  takeOut(): NetRecord[] {
    const out = this.#out
    this.#out = []
    return out
  }

  async take(batch: Batch): Promise<void> {
    const flows = this.#flows
    flows.open(batch)
    for (let index = 0; index < flows.count; index++) {
      const row = flows.rows[index] as number
      const timeMs = flows.timeMs(row)
      if (timeMs > this.clockMs) await this.advance(timeMs)
      const taken = flows.take(row, this.clockMs)
      if (taken === 'flow') this.#host.count('merged')
      else if (taken !== 'other') this.#host.count(`dropped/${DROPPED[taken]}`)
      else this.#takeOther(subset(batch, Int32Array.of(row), 1).records[0])
    }
  }

  #takeOther(record: NetRecord | undefined): void {
    // A line that is no record was counted where it was found out.
    if (!record) return
    if (this.#takeCounters(record)) this.#host.count('merged')
    else this.#host.count(record.event_type === undefined ? 'dropped/no-flow-no-counter' : 'dropped/other-event')
  }

  #takeCounters(record: NetRecord): boolean {
    const readings = this.#counters.read(record)
    if (!readings) return false
    const hasRoom = this.#ledger.take(readings)
    if (!hasRoom) this.#host.count('counters/too-many-interfaces')
    return true
  }

  /** Moves the clock: counters of side streams up to then are taken, and windows that are over are closed. */
  async advance(timeMs: number): Promise<void> {
    for (const side of this.sides) if (side.nextMs <= timeMs) await side.advance(timeMs)
    this.clockMs = Math.max(this.clockMs, timeMs)
    const { windowMs, lateMs } = this.#options
    this.#close(Math.floor((this.clockMs - lateMs) / windowMs))
  }

  #close(openFrom: number): void {
    for (const closed of this.#ledger.close(openFrom)) this.#give(closed)
  }

  #give(closed: Closed): void {
    const record = this.#options.totalsOnly ? undefined : windowRecord(closed, this.#options.tolerance)
    if (record) this.#out.push(record)
  }

  /** All windows, then the totals. */
  end(): void {
    this.#close(Number.POSITIVE_INFINITY)
    this.#out.push(...totalRecords(this.#ledger, this.#options.tolerance))
  }
}

/** Takes all records in (counted as merged); gives windows when they are over, totals at the end. */
export async function* reconcile(input: Stream, options: ReconcileOptions, host: Host): Stream {
  const work = new Reconciler(options, host)
  let reloads = host.reloads
  let isLive = false
  for (const side of work.sides) side.start()
  try {
    for await (const batch of input) {
      if (host.reloads !== reloads) {
        reloads = host.reloads
        await work.reload()
      }
      if (!isLive && options.isLive(batch.now)) {
        isLive = true
        for (const side of work.sides) side.release()
      }
      if (batch.count === 0) await work.advance(batch.now)
      else await work.take(batch)
      yield* given(work.takeOut(), work.clockMs, host, batch.count === 0)
    }
    // What counters say after the last flow belongs to it; live they go on for ever.
    if (!isLive) for (const side of work.sides) await side.complete('end')
    work.end()
    yield* given(work.takeOut(), work.clockMs, host, false)
  } finally {
    for (const side of work.sides) side.close()
  }
}

function* given(records: NetRecord[], nowMs: number, host: Host, tellsTime: boolean): Generator<Batch> {
  host.count('created', records.length)
  if (records.length === 0 && tellsTime) yield recordBatch([], nowMs)
  for (let from = 0; from < records.length; from += RECORDS_PER_BATCH) {
    yield recordBatch(records.slice(from, from + RECORDS_PER_BATCH), nowMs)
  }
}

const needs = (): Needs => ({ fields: FLOW_FIELDS, rest: false })

export const reconcileOperator: Operator<ReconcileOptions> = { needs, apply: reconcile }
