// A filter as one generated loop over columns. What is generated are our own templates and the numbers of validated
// constants; texts, patterns, sets and BigInts come in by an array, so nothing of a user's reaches the source.
import type { NetRecord, Value } from '../contract/record.ts'
import { type Column, takeValue } from '../fields/column.ts'
import { fieldOf } from '../fields/dictionary.ts'
import type { Field } from '../fields/field.ts'
import type { Picked } from '../fields/picker.ts'
import { type Expression, fieldsRead } from './expression.ts'
import { generate } from './generate.ts'
import { interpret } from './interpret.ts'

/** Writes the rows that pass to `out`, which holds at least picked.count; returns how many. */
export type Select = (picked: Picked, out: Int32Array) => number

export interface CompiledFilter {
  /** What a picker must pick, in this order. */
  readonly fields: readonly Field[]
  readonly select: Select
}

/** The filter as generated code; where a runtime forbids that, the interpreted twin over the same columns. */
export function compile(expression: Expression): CompiledFilter {
  const fields = fieldsRead(expression).map(fieldOf)
  const { source, constants } = generate(expression, fields)
  try {
    const make = new Function('K', source) as (constants: readonly unknown[]) => Select
    return { fields, select: make(constants) }
  } catch (error) {
    if (error instanceof EvalError) return { fields, select: interpretedSelect(expression, fields) }
    throw error
  }
}

/** The twin: builds a record of each row and asks interpret(). */
export function interpretedSelect(expression: Expression, fields: readonly Field[]): Select {
  const holds = interpret(expression)
  return ({ columns, rows, count }, out) => {
    let kept = 0
    for (let index = 0; index < count; index++) {
      const row = rows[index] as number
      if (holds(recordOf(fields, columns, row))) out[kept++] = row
    }
    return kept
  }
}

function recordOf(fields: readonly Field[], columns: readonly Column[], row: number): NetRecord {
  const record: NetRecord = {}
  fields.forEach((field, index) => {
    const value: Value | undefined = takeValue(field, columns[index] as Column, row)
    if (value !== undefined) record[field.name] = value
  })
  return record
}
