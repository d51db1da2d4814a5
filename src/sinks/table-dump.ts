// dump --table: a table kept of records - routes of BGP and BMP, leaves of telemetry - written whole at intervals of the
// record clock.
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises'
import type { Host } from '../contract/host.ts'
import { ProblemError } from '../contract/problem.ts'
import { type Batch, RECORDS_PER_BATCH, type Stream } from '../contract/record.ts'
import { dumpMrt } from '../wire/rib/mrt-rows.ts'
import { Rib } from '../wire/rib/rib.ts'
import { dumpTable, type TableDump } from '../wire/rib/table-rows.ts'
import { dumpLeaves } from '../wire/telemetry/leaf-rows.ts'
import { LeafTable } from '../wire/telemetry/leaf-table.ts'
import { intervalStart } from './calendar.ts'
import type { DumpOptions, TableOptions } from './dump/options.ts'
import { restoreTable } from './table-dump/restore.ts'
import { serveTable } from './table-dump/server.ts'

/** Batches written at a time; then it is the turn of what came in. */
const SLICE_BATCHES = 4

/** What writes the records of a dump. */
interface Writer {
  take(batch: Batch): Promise<void>
  finishFiles(): Promise<void>
}

/** A table, whatever it is of. */
interface Kept {
  /** Newest receive time of a record, Unix ms; 0 = none yet. */
  clockMs: number
  /** Records that changed something. */
  readonly changes: number
  begin(batch: Batch): void
  /** Takes records up to one at whose time `isDue`; false when there is one. */
  advance(isDue: (timeMs: number) => boolean): boolean
  settle(): void
  finish(): void
}

type Options = DumpOptions & { readonly table: TableOptions }

class TableKeeper {
  readonly #options: Options
  readonly #writer: Writer
  readonly #host: Host
  readonly rib: Rib
  /** Once telemetry came, instead of routes. */
  #leaves: LeafTable | undefined
  /** The first record said what the table is of. */
  #isChosen = false
  /** When the next dump is due, Unix ms; 0 = no record said the time yet. */
  #nextMs = 0
  /** State of the table at the last dump; -1 = there was none. */
  #dumpedChanges = -1
  #dumping: Promise<void> | undefined
  #failure: unknown
  /** The dump that is being written is waited for. */
  #hurry = new AbortController()

  constructor(options: Options, writer: Writer, host: Host) {
    this.#options = options
    this.#writer = writer
    this.#host = host
    this.rib = new Rib((name, by) => {
      // What is restored did not come in.
      if (!this.rib.peers.restoring) host.count(name, by)
    }, options.table.maxRoutes)
    this.rib.holdsCloses = true
    host.watch(() => [
      { name: 'table_routes', value: this.rib.table.size },
      { name: 'table_prefixes', value: this.rib.table.prefixes.count },
      { name: 'table_attributes', value: this.rib.table.texts.count },
      { name: 'table_sessions', value: this.rib.peers.sessions.size },
    ])
  }

  get #kept(): Kept {
    return this.#leaves ?? this.rib
  }

  async take(batch: Batch): Promise<void> {
    if (this.#failure) throw this.#failure
    if (!this.#isChosen && batch.count > 0) this.#choose(batch)
    const kept = this.#kept
    kept.begin(batch)
    while (!kept.advance(timeMs => this.#isDue(timeMs))) {
      kept.settle()
      await this.#dump(this.#boundary())
    }
    // A silent input moves the clock too.
    if (batch.count === 0 && batch.now > kept.clockMs) {
      kept.settle()
      if (this.#isDue(batch.now)) await this.#dump(this.#boundary())
      kept.clockMs = batch.now
    }
  }

  /** The first record says what the table is of. Throws a ProblemError where that cannot be written as was asked. */
  #choose(batch: Batch): void {
    this.#isChosen = true
    if (batch.records[0]?.telemetry_node !== undefined) this.keepLeaves()
  }

  /** The table is one of telemetry. Throws a ProblemError where that cannot be written as was asked. */
  keepLeaves(): LeafTable {
    const { format, table } = this.#options
    if (format === 'mrt' || table.serve !== undefined) {
      throw new ProblemError({
        code: 'dump/telemetry-is-no-route',
        message: 'these are records of telemetry: there is no MRT of them, and `netally rib` does not ask for them',
        hint: 'leave out --format mrt and --serve',
      })
    }
    this.#isChosen = true
    const leaves = new LeafTable(table, (name, by) => this.#host.count(name, by))
    this.#leaves = leaves
    leaves.clockMs = this.rib.clockMs
    this.#host.watch(() => [{ name: 'table_leaves', value: leaves.size }])
    return leaves
  }

  #dueMs = 0

  #isDue(timeMs: number): boolean {
    const { everyMs, localTime } = this.#options
    if (everyMs === 0) return false
    if (this.#nextMs === 0) this.#nextMs = intervalStart(timeMs, everyMs, localTime) + everyMs
    this.#dueMs = timeMs
    return timeMs >= this.#nextMs
  }

  /** The last time at which a dump was due; after a gap in the records there is one dump for all. */
  #boundary(): number {
    const { everyMs, localTime } = this.#options
    const boundaryMs = intervalStart(this.#dueMs, everyMs, localTime)
    this.#nextMs = boundaryMs + everyMs
    return boundaryMs
  }

  /** Starts a dump, when the one before is written. */
  async #dump(nowMs: number): Promise<void> {
    await this.#finished()
    this.#dumpedChanges = this.#kept.changes
    const dump = this.#rows(nowMs)
    this.#hurry = new AbortController()
    this.#dumping = this.#write(dump).then(
      () => this.#host.count('tables'),
      error => {
        this.#failure = error
      },
    )
  }

  #rows(nowMs: number): TableDump {
    const { rib } = this
    const { everyMs, table, format } = this.#options
    const rows = { nowMs, seq: rib.seq, periodSeconds: everyMs / 1000, withoutStatistics: table.withoutStatistics }
    if (this.#leaves) return dumpLeaves(this.#leaves, rows)
    return format === 'mrt' ? dumpMrt(rib, rows, this.#host) : dumpTable(rib, rows)
  }

  async #finished(): Promise<void> {
    this.#hurry.abort()
    await this.#dumping
    if (this.#failure) throw this.#failure
  }

  async #write(dump: TableDump): Promise<void> {
    const { spreadMs } = this.#options.table
    const slices = Math.ceil(dump.records / RECORDS_PER_BATCH / SLICE_BATCHES)
    let batches = 0
    try {
      for (const batch of dump.batches) {
        this.#host.count('created', batch.count)
        await this.#writer.take(batch)
        if (++batches % SLICE_BATCHES === 0) await this.#rest(spreadMs / slices)
      }
      await this.#writer.finishFiles()
    } finally {
      dump.release()
    }
  }

  /** Lets what came in be taken. */
  async #rest(forMs: number): Promise<void> {
    const { signal } = this.#hurry
    if (forMs > 0 && !signal.aborted) await pause(forMs, undefined, { signal }).catch(() => {})
    else await nextTurn()
  }

  /** The table as it is at the end, unless the last dump has it. */
  async end(): Promise<void> {
    await this.#finished()
    const kept = this.#kept
    kept.finish()
    if (kept.changes === this.#dumpedChanges) return
    await this.#dump(kept.clockMs)
    await this.#finished()
  }

  /** Resolves when nothing is being written. */
  async stop(): Promise<void> {
    this.#hurry.abort()
    await this.#dumping
  }
}

/** Takes a stream to its end and writes the tables. */
export async function keepTable(input: Stream, options: Options, writer: Writer, host: Host): Promise<void> {
  const keeper = new TableKeeper(options, writer, host)
  if (options.table.restore !== undefined) await restoreTable(keeper, options.table.restore, host)
  const server = options.table.serve === undefined ? undefined : await serveTable(options.table.serve, keeper.rib, host)
  try {
    for await (const batch of input) await keeper.take(batch)
    await keeper.end()
  } finally {
    server?.close()
    await keeper.stop()
  }
}
