// Who owns which flow. Two generations: when the newer one is full or older than two windows, it becomes the older, whose
// flows are forgotten; a flow that is seen again moves into the newer. So memory is bounded without a list to keep in order.
import type { Column } from '../../fields/column.ts'
import type { KeyIndex } from './key-index.ts'

interface Generation {
  readonly keys: KeyIndex
  /** Owner of each flow, and when it was last heard of it, Unix ms. */
  owners: Int32Array
  heardMs: Float64Array
}

/** Windows that a generation lasts: no flow is forgotten whose owner was not silent for longer than one. */
const GENERATION_WINDOWS = 2
const FIRST_FLOWS = 1024
const NO_OWNER = -1
/** Who owns the flow of a record that is no duplicate. */
export const NOBODY = -1

export class Owners {
  readonly #windowMs: number
  readonly #maxFlows: number
  #newer: Generation
  #older: Generation
  /** When the newer generation began. */
  #sinceMs = 0
  #entries: Int32Array = new Int32Array(0)

  constructor(
    newer: KeyIndex,
    older: KeyIndex,
    { windowMs, maxFlows }: { readonly windowMs: number; readonly maxFlows: number },
  ) {
    const generation = (keys: KeyIndex): Generation => ({
      keys,
      owners: new Int32Array(FIRST_FLOWS).fill(NO_OWNER),
      heardMs: new Float64Array(FIRST_FLOWS),
    })
    this.#windowMs = windowMs
    this.#maxFlows = maxFlows
    this.#newer = generation(newer)
    this.#older = generation(older)
  }

  get size(): number {
    return this.#newer.keys.size + this.#older.keys.size
  }

  /** The rows that claim() is asked of next. */
  begin(columns: readonly Column[], rows: Int32Array, count: number, nowMs: number): void {
    if (nowMs - this.#sinceMs >= GENERATION_WINDOWS * this.#windowMs || this.#newer.keys.size >= this.#maxFlows)
      this.#turn(nowMs)
    const newer = this.#newer
    const known = newer.keys.size
    this.#entries = newer.keys.find(columns, rows, count)
    if (newer.keys.size === known) return
    makeRoom(newer)
    if (this.#older.keys.size > 0) this.#bring(known, columns, rows, count)
  }

  #turn(nowMs: number): void {
    const forgotten = this.#older
    this.#older = this.#newer
    forgotten.keys.clear()
    forgotten.owners.fill(NO_OWNER)
    this.#newer = forgotten
    // After a silence longer than the window the older ones are too old as well; their times say so.
    this.#sinceMs = nowMs
  }

  clear(): void {
    this.#turn(0)
    this.#turn(0)
  }

  /** Flows that are new in the newer generation, and known in the older. */
  #bring(known: number, columns: readonly Column[], rows: Int32Array, count: number): void {
    const newer = this.#newer
    const older = this.#older
    const before = older.keys.find(columns, rows, count)
    makeRoom(older)
    for (let index = 0; index < count; index++) {
      const entry = this.#entries[index] as number
      if (entry < known || newer.owners[entry] !== NO_OWNER) continue
      const old = before[index] as number
      newer.owners[entry] = older.owners[old] as number
      newer.heardMs[entry] = older.heardMs[old] as number
    }
  }

  /**
   * Says who owns the flow of row `index` (as begin() was given them) at `nowMs`, when it is another than `point`:
   * then the record is a duplicate. NOBODY when it is not. `ranks`: a lower one takes flows over.
   */
  claim(index: number, point: number, nowMs: number, ranks: readonly number[]): number {
    const { owners, heardMs } = this.#newer
    const entry = this.#entries[index] as number
    const owner = owners[entry] as number
    const isOwn =
      owner === point ||
      owner === NO_OWNER ||
      nowMs - (heardMs[entry] as number) > this.#windowMs ||
      (ranks[point] as number) < (ranks[owner] as number)
    if (!isOwn) return owner
    owners[entry] = point
    heardMs[entry] = nowMs
    return NOBODY
  }
}

function makeRoom(generation: Generation): void {
  const { keys, owners, heardMs } = generation
  if (keys.size <= owners.length) return
  const flows = 2 ** Math.ceil(Math.log2(keys.size))
  generation.owners = new Int32Array(flows).fill(NO_OWNER)
  generation.owners.set(owners)
  generation.heardMs = new Float64Array(flows)
  generation.heardMs.set(heardMs)
}
