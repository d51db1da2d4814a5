// Lets through the records for which an expression holds.
import type { Needs, Operator } from '../contract/component.ts'
import type { Host } from '../contract/host.ts'
import { reading } from '../contract/needs.ts'
import { type Batch, recordBatch, type Stream } from '../contract/record.ts'
import { subset } from '../fields/batch.ts'
import { ROWS } from '../fields/column.ts'
import { type Picked, picker } from '../fields/picker.ts'
import { compile } from '../filter/compile.ts'
import { type Expression, fieldsRead } from '../filter/expression.ts'

/** Stream time between empty batches that go on where nothing passes, so that clocks downstream go on. */
const CLOCK_STEP_MS = 1000

/** Takes the records that pass or fail as well, before they go on. */
export type BatchWriter = (batch: Batch) => Promise<void>

export interface FilterOptions {
  readonly expression: Expression
  readonly pass?: BatchWriter
  readonly fail?: BatchWriter
}

export const filterOperator: Operator<FilterOptions> = { needs, apply: filter }

/** What a copy is written of must be whole. */
function needs({ expression, pass, fail }: FilterOptions, wanted: Needs): Needs {
  const fields = fieldsRead(expression)
  return pass || fail ? { fields, rest: true } : reading(fields, wanted)
}

/** Counts `dropped/filtered`. Lines that pass keep their octets. */
export async function* filter(input: Stream, { expression, pass, fail }: FilterOptions, host: Host): Stream {
  const { fields, select } = compile(expression)
  const pick = picker(fields)
  let kept = new Int32Array(ROWS)
  let clockMs = 0
  for await (const batch of input) {
    if (batch.count === 0) {
      yield batch
      continue
    }
    const picked = pick(batch)
    if (picked.count > kept.length) kept = new Int32Array(picked.count)
    const count = select(picked, kept)
    if (count < picked.count) {
      host.count('dropped/filtered', picked.count - count)
      if (fail) await fail(others(batch, picked, kept, count))
    }
    if (count > 0) {
      const passed = count === batch.count ? batch : subset(batch, kept, count)
      if (pass) await pass(passed)
      yield passed
    } else if (batch.now - clockMs >= CLOCK_STEP_MS) {
      clockMs = batch.now
      yield recordBatch([], clockMs)
    }
  }
}

/** The rows of a batch that are not among `kept`; both are in order. */
function others(batch: Batch, { rows, count }: Picked, kept: Int32Array, keptCount: number): Batch {
  const rest = new Int32Array(count - keptCount)
  let next = 0
  for (let index = 0, at = 0; index < count; index++) {
    const row = rows[index] as number
    if (at < keptCount && kept[at] === row) at++
    else rest[next++] = row
  }
  return subset(batch, rest, next)
}
