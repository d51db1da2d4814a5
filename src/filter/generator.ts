// What the parts of the code generator share.
import type { Field } from '../fields/field.ts'

export interface Generator {
  /** The columns, in order. */
  readonly fields: readonly Field[]
  /** Source text of a value that is not written out. */
  constant(value: unknown): string
  /** Column index of a field. */
  column(name: string): number
}

/** A number as source text; a BigInt by the constants. */
export function numberSource(number: number | bigint, generator: Generator): string {
  return typeof number === 'number' ? `(${Number(number)})` : generator.constant(number)
}
