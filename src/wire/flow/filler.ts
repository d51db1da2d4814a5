// Runs a plan over the rows of a data set, as many at a time as the open batch has room for.
import type { ColumnBatch } from '../../fields/batch.ts'
import type { Block, Step } from './block.ts'
import type { Layout } from './layout.ts'
import type { OpenBatch } from './open-batch.ts'
import type { Plan } from './plan.ts'

export class Filler {
  readonly #block: Block
  readonly #open: OpenBatch
  #plan: Plan | undefined
  #layout: Layout | undefined
  #at = 0
  #end = 0
  /** Records of data sets since the last look. */
  #records = 0
  /** True when a record reached beyond its set. */
  broken = false

  constructor(block: Block, open: OpenBatch) {
    this.#block = block
    this.#open = open
  }

  /** Rows in the open batch. */
  get count(): number {
    return this.#open.count
  }

  begin(plan: Plan, layout: Layout, at: number, end: number): void {
    this.#plan = plan
    this.#layout = layout
    this.#at = at
    this.#end = end
  }

  /** Decodes rows into the open batch. False when that must be closed first; call again then. */
  run(): boolean {
    const plan = this.#plan as Plan
    const layout = this.#layout as Layout
    const open = this.#open
    const block = this.#block
    const rowsEach = plan.split ? 2 : 1
    while (this.#end - this.#at >= layout.minOctets) {
      if (open.room < rowsEach || !open.accept(plan)) return false
      const room = plan.split ? open.room >> 1 : open.room
      const count = layout.walk(block.octets, this.#at, this.#end, room)
      this.#at = layout.next
      if (layout.broken) this.broken = true
      this.#rows(plan, count)
    }
    return true
  }

  #rows(plan: Plan, count: number): void {
    const open = this.#open
    const block = this.#block
    block.row = open.count
    block.count = count
    const { steps } = plan
    for (let index = 0; index < steps.length; index++) (steps[index] as Step)(block)
    this.#records += count
    open.add(plan.split ? plan.split(block, open.order) : count, block.header.arrivalUs)
  }

  /** Records decoded since this was asked before. */
  takeRecords(): number {
    const records = this.#records
    this.#records = 0
    return records
  }

  close(): ColumnBatch {
    return this.#open.close()
  }
}
