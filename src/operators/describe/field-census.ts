// What one field holds: how often, of which types, between which bounds, how many different values.
import type { NetRecord, Value } from '../../contract/record.ts'
import { fieldOf, knownField } from '../../fields/dictionary.ts'
import type { Field } from '../../fields/field.ts'
import { jsonText } from '../../stream/json.ts'
import { DISTINCT_ERROR, DistinctCounter, EXACT_VALUES } from '../aggregate/distinct.ts'
import { ExactSum } from './exact-sum.ts'

/** Different values shown. */
const EXAMPLES = 3
/** Longer texts are cut in examples. */
const EXAMPLE_LENGTH = 60

export function typeName(value: Value): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'bigint') return 'integer'
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number'
  return typeof value
}

const shown = (value: Value): string => {
  const text = typeof value === 'string' ? value : jsonText(value)
  return text.length > EXAMPLE_LENGTH ? `${text.slice(0, EXAMPLE_LENGTH)}...` : text
}

/** Rounded to what a reader can use. */
export const share = (part: number, whole: number): number => (whole === 0 ? 0 : Math.round((part / whole) * 1e6) / 1e6)

export class FieldCensus {
  readonly #field: Field
  readonly #types = new Map<string, number>()
  readonly #distinct = new DistinctCounter()
  readonly #examples = new Set<string>()
  readonly #sum: ExactSum | undefined
  #count = 0
  #min: number | bigint | undefined
  #max: number | bigint | undefined

  constructor(name: string) {
    this.#field = knownField(name) ?? fieldOf(name)
    if (this.#field.role === 'sum') this.#sum = new ExactSum()
  }

  add(value: Value): void {
    this.#count++
    const type = typeName(value)
    this.#types.set(type, (this.#types.get(type) ?? 0) + 1)
    this.#distinct.add(value)
    if (this.#examples.size < EXAMPLES) this.#examples.add(shown(value))
    if (typeof value === 'number' || typeof value === 'bigint') this.#number(value)
  }

  #number(value: number | bigint): void {
    if (this.#min === undefined || value < this.#min) this.#min = value
    if (this.#max === undefined || value > this.#max) this.#max = value
    this.#sum?.add(value)
  }

  /** `distinct_error` is the standard error of `distinct`, relative; absent when it is exact. */
  record(records: number): NetRecord {
    const field = this.#field
    const known = knownField(field.name)
    const distinct = this.#distinct.count
    return {
      event_type: 'describe',
      kind: 'field',
      name: field.name,
      known: known !== undefined,
      ...(known ? { type: known.type.name, role: known.role } : {}),
      records: this.#count,
      share: share(this.#count, records),
      types: [...this.#types.keys()].sort(),
      distinct,
      ...(distinct > EXACT_VALUES ? { distinct_error: DISTINCT_ERROR } : {}),
      ...(this.#min === undefined ? {} : { min: this.#min, max: this.#max as number | bigint }),
      ...(this.#sum ? { sum: this.#sum.value } : {}),
      examples: [...this.#examples],
      ...(known?.unit ? { unit: known.unit } : {}),
      ...(known ? { summary: known.summary } : {}),
    }
  }
}
