// `--biflow split`: one record of two directions becomes two records.
import type { Block } from './block.ts'
import type { Planner } from './planner.ts'

/** Appends second records behind the block's rows and notes the order; returns how many. */
export type Split = (block: Block, order: Int32Array, at: number) => number

/** Fields that the two records do not have any more. */
export const SPLIT_FIELDS: ReadonlySet<string> = new Set<string>()

export function swapClosure(wanted: ReadonlySet<string>): ReadonlySet<string> {
  return wanted
}

export function makeSplit(_planner: Planner): Split | undefined {
  return undefined
}
