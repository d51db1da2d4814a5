// Elements that have no field, as they stand in `unknown`: {"pen/id": "hex"}.
import type { NetRecord, Value } from '../../contract/record.ts'
import { share } from './field-census.ts'

const EXAMPLES = 3
const EXAMPLE_LENGTH = 60

export class ElementCensus {
  #records = 0
  #least = Number.POSITIVE_INFINITY
  #most = 0
  readonly #examples = new Set<string>()

  add(value: Value): void {
    this.#records++
    const text = typeof value === 'string' ? value : ''
    this.#least = Math.min(this.#least, text.length / 2)
    this.#most = Math.max(this.#most, text.length / 2)
    if (this.#examples.size < EXAMPLES) this.#examples.add(text.slice(0, EXAMPLE_LENGTH))
  }

  record(name: string, records: number): NetRecord {
    return {
      event_type: 'describe',
      kind: 'element',
      name,
      records: this.#records,
      share: share(this.#records, records),
      octets_min: this.#least,
      octets_max: this.#most,
      examples: [...this.#examples],
    }
  }
}
