// A row whose counters are a share of another row's, for pro-rating.
import type { Value } from '../../contract/record.ts'
import { type Column, clearColumn, makeColumn, putValue, takeValue } from '../../fields/column.ts'
import type { Field } from '../../fields/field.ts'
import type { AggregateOptions } from './options.ts'
import { type Part, share } from './spread.ts'

/** Counters of things that do not stretch in time: they belong to the flow's first bin. */
const NOT_SPREAD = new Set(['flows'])

export class SpreadRows {
  /** The one row that row() fills. */
  readonly rows = new Int32Array(1)
  readonly #fields: readonly Field[]
  readonly #columns: Column[]
  readonly #shared: readonly boolean[]

  constructor(fields: readonly Field[], options: AggregateOptions) {
    this.#fields = fields
    this.#columns = fields.map(field => makeColumn(field, 1))
    const spread = new Set(options.sums.filter(sum => sum.combine === 'sum').map(sum => sum.field?.name))
    this.#shared = fields.map((field, index) => index >= options.keys.length && spread.has(field.name))
  }

  /** The columns of one part of a row; row 0 of them. */
  row(columns: readonly Column[], row: number, part: Part): readonly Column[] {
    this.#fields.forEach((field, index) => {
      const own = this.#columns[index] as Column
      clearColumn(own, 1)
      const value = takeValue(field, columns[index] as Column, row)
      putValue(field, own, 0, this.#shared[index] ? partOf(field, value, part) : value)
    })
    return this.#columns
  }
}

/** A counter's share of a part. A counter beyond 2^53 is shared in BigInts of 2^-20 parts, still adding up. */
function partOf(field: Field, value: Value | undefined, part: Part): Value | undefined {
  if (NOT_SPREAD.has(field.name)) return part.before === 0 ? value : typeof value === 'number' ? 0 : value
  if (typeof value === 'number') return share(value, part)
  if (typeof value !== 'bigint') return value
  const scale = 2 ** 20
  const upTo = (value * BigInt(Math.floor(part.upTo * scale))) / BigInt(scale)
  return upTo - (value * BigInt(Math.floor(part.before * scale))) / BigInt(scale)
}
