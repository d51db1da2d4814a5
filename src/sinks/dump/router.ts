// Batches to files: rows grouped by file, files finished when the records say that their interval is over.
import type { Host } from '../../contract/host.ts'
import { type Batch, type NetRecord, recordBatch, type Value } from '../../contract/record.ts'
import { LineBatch, subset } from '../../fields/batch.ts'
import type { Picked } from '../../fields/picker.ts'
import { NEWEST, type Place, type Placement } from '../placement.ts'
import type { Columns } from './columns.ts'
import type { Output } from './output.ts'
import type { Outputs } from './outputs.ts'

/** A bin whose records came and whose clock went on for so long without more is complete. */
const COMPLETE_MS = 5000
/** Intervals without records that are filled with empty files at a time. */
const EMPTY_FILES = 1000
/** Opening markers that wait for the first record of their interval. */
const WAITING_MARKERS = 100

export interface RouterOptions {
  readonly placement: Placement
  readonly outputs: Outputs
  readonly columns: Columns
  /** All records go to one file. */
  readonly single: boolean
  /** The name has no time: a late record goes to the newest file. */
  readonly timeless: boolean
  /** Length of the intervals that are filled with empty files, ms; 0 = they are not. */
  readonly emptyEveryMs: number
}

interface Group {
  readonly rows: Int32Array
  count: number
}

const sameValues = (a: readonly (Value | undefined)[], b: readonly (Value | undefined)[]): boolean =>
  a.length === b.length && a.every((value, index) => value === b[index])

export class Router {
  readonly #options: RouterOptions
  readonly #host: Host
  /** Records of the batch at hand that no output has yet. */
  #notTaken = 0
  readonly #groups = new Map<Output, Group>()
  readonly #place: Place = { binMs: 0, stampUs: Number.NaN, values: [], marker: undefined }
  #newestBinMs = 0
  #lastRecordMs = 0
  /** The output of the last row, with the place it stands for. */
  #last:
    | { readonly binMs: number; readonly values: readonly (Value | undefined)[]; readonly output: Output }
    | undefined
  #waiting: NetRecord[] = []

  constructor(options: RouterOptions, host: Host) {
    this.#options = options
    this.#host = host
  }

  async take(batch: Batch): Promise<void> {
    const { placement, columns, single } = this.#options
    if (single && columns.fixed && batch instanceof LineBatch && batch.context.trusted) return this.#takeWhole(batch)
    const picked = placement.pick(batch)
    const { rows, count } = picked
    this.#notTaken = count
    if (single && columns.fixed) {
      const output = this.#outputOf(0, [])
      if (output) await this.#give(output, count === batch.count ? batch : subset(batch, rows, count))
    } else {
      await this.#route(batch, picked)
    }
    if (!single || !columns.fixed) placement.passed(batch)
    this.#lastRecordMs = placement.clockMs
  }

  /** Nothing of the records is asked for: not whether they are some, nor where they belong. */
  async #takeWhole(batch: Batch): Promise<void> {
    this.#notTaken = batch.count
    const output = this.#outputOf(0, [])
    if (output) await this.#give(output, batch)
  }

  async #route(batch: Batch, picked: Picked): Promise<void> {
    const { rows, count } = picked
    try {
      for (let index = 0; index < count; index++) {
        const row = rows[index] as number
        this.#options.placement.place(picked, row, batch, this.#place)
        await this.#row(batch, row)
      }
    } catch (error) {
      // One file failed: what the others were about to get is saved.
      await this.#giveGroups(batch).catch(() => {})
      throw error
    }
    await this.#giveGroups(batch)
  }

  async #row(batch: Batch, row: number): Promise<void> {
    const { placement, outputs, timeless, columns, single } = this.#options
    const { binMs: asked, values, marker } = this.#place
    if (marker === 'purge_init' && asked === NEWEST && !single && this.#waiting.length < WAITING_MARKERS) {
      this.#waiting.push(record(batch, row))
      this.#notTaken--
      return
    }
    let binMs = asked === NEWEST ? this.#newestBinMs : asked
    if (binMs > this.#newestBinMs) {
      await this.#giveGroups(batch)
      await this.#advance(binMs)
    } else if (binMs < this.#newestBinMs) {
      this.#host.count('late')
      if (timeless) binMs = this.#newestBinMs
    }
    const output = this.#outputOf(binMs, values)
    if (!output) return this.#drop(1)
    if (this.#waiting.length > 0) await this.#giveWaiting(output)
    if (columns.fixed) this.#put(output, row, batch)
    else await this.#sample(output, batch, row)
    if (marker === 'purge_close' && !single) {
      await this.#giveGroups(batch)
      this.#last = undefined
      await outputs.finishAll(placement.clockMs)
    }
  }

  /** While the columns are not fixed, rows go one by one, so that where batches are cut makes no difference. */
  async #sample(output: Output, batch: Batch, row: number): Promise<void> {
    const one = recordBatch([record(batch, row)], batch.now)
    if (!this.#place.marker) this.#options.columns.sample(one.records[0] as NetRecord, this.#options.placement.clockMs)
    await this.#give(output, one)
  }

  #outputOf(binMs: number, values: readonly (Value | undefined)[]): Output | undefined {
    const last = this.#last
    if (last && last.binMs === binMs && sameValues(last.values, values)) return last.output
    const output = this.#options.outputs.get(binMs, values, this.#options.placement.clockMs)
    this.#last = output && { binMs, values, output }
    return output
  }

  #put(output: Output, row: number, batch: Batch): void {
    let group = this.#groups.get(output)
    if (!group) {
      group = { rows: new Int32Array(batch.count), count: 0 }
      this.#groups.set(output, group)
    }
    group.rows[group.count++] = row
  }

  async #giveGroups(batch: Batch): Promise<void> {
    for (const [output, { rows, count }] of this.#groups) {
      this.#groups.delete(output)
      await this.#give(output, count === batch.count ? batch : subset(batch, rows, count))
    }
  }

  async #give(output: Output, batch: Batch): Promise<void> {
    const full = output.take(batch, this.#options.outputs.fullOctets)
    this.#notTaken -= batch.count
    if (full) await output.flush()
  }

  async #giveWaiting(output: Output): Promise<void> {
    const markers = this.#waiting
    this.#waiting = []
    this.#notTaken += markers.length
    await this.#give(output, recordBatch(markers, this.#options.placement.clockMs))
  }

  /** Records that no output has. */
  get lost(): number {
    return this.#notTaken + this.#waiting.length
  }

  #drop(count: number): void {
    this.#notTaken -= count
    this.#host.count('dropped/too-many-files', count)
  }

  async #advance(binMs: number): Promise<void> {
    const { outputs, placement, emptyEveryMs } = this.#options
    this.#last = undefined
    let fill = emptyEveryMs > 0 && this.#newestBinMs > 0 ? this.#newestBinMs + emptyEveryMs : binMs
    for (let files = 0; fill < binMs && files < EMPTY_FILES; files++) {
      await outputs.advance(fill, placement.clockMs)
      outputs.get(fill, [], placement.clockMs)
      fill += emptyEveryMs
    }
    await outputs.advance(binMs, placement.clockMs)
    if (emptyEveryMs > 0) outputs.get(binMs, [], placement.clockMs)
    this.#newestBinMs = binMs
  }

  /** The clock went on without records. */
  async tick(heartbeat: Batch): Promise<void> {
    const { placement, outputs, columns, single } = this.#options
    placement.passed(heartbeat)
    columns.tick(placement.clockMs)
    if (!single) {
      if (placement.stamped) {
        if (placement.clockMs - this.#lastRecordMs >= COMPLETE_MS) await this.finishFiles()
      } else {
        const binMs = placement.binOf(placement.clockMs)
        if (binMs > this.#newestBinMs && placement.clockMs > 0) await this.#advance(binMs)
      }
    }
    await outputs.flush()
  }

  async finishFiles(): Promise<void> {
    this.#last = undefined
    await this.#options.outputs.finishAll(this.#options.placement.clockMs)
  }

  /** Other files may stand under the names now. */
  async reopen(): Promise<void> {
    this.#last = undefined
    await this.#options.outputs.reopen(this.#options.placement.clockMs)
  }

  async end(): Promise<void> {
    if (this.#waiting.length > 0) {
      const output = this.#outputOf(this.#newestBinMs, [])
      if (output) await this.#giveWaiting(output)
    }
    await this.finishFiles()
  }
}

function record(batch: Batch, row: number): NetRecord {
  return subset(batch, Int32Array.of(row), 1).records[0] as NetRecord
}
